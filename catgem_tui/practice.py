"""The guided first shift in the demo: who calls the citizens, and where its progress is kept."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from catgem_tui.desk.remembered import read_remembered, remember
from catgem_tui.protocol.enums import Channel
from catgem_tui.ui.guide.course import Course, Progress

logger = logging.getLogger(__name__)


class KeptPractice:
    """``summon`` has a citizen come; ``file`` holds the progress between sessions."""

    def __init__(self, file: Path, summon: Callable[[Channel], None]) -> None:
        self.file = file
        self.summon = summon

    def keep(self, progress: Progress) -> None:
        try:
            remember(self.file, progress)
        except OSError:
            logger.warning("the guide's progress was not kept", exc_info=True)

    def read(self) -> Progress:
        """None made is as none read: an unreadable file begins anew."""
        return read_remembered(self.file, Progress) or Progress()


def practise(file: Path, summon: Callable[[Channel], None]) -> Course:
    """The course with the progress that is kept there; it does not run yet."""
    practice = KeptPractice(file, summon)
    return Course(practice, time.monotonic, practice.read())
