"""When a frame may leave: only once the terminal has the one before.

Between us and the terminal an SSH session buffers without telling, so a slow line would show the past for seconds.
After each frame the terminal is asked for its status (DSR 5, ECMA-48 8.3.35), which it answers when it has come so far.
What is composed meanwhile goes into the next frame, which is made from the newest state. Nobody waits for a terminal
that has not answered a question at the start, and one that stops to answer is waited for longer each time, then not.
"""

import re
from collections import deque

QUERY = "\x1b[5n"
_ANSWER = re.compile("\x1b\\[[03]n")
_BEGUN = re.compile("\x1b(?:\\[[03]?)?\\Z")
_OTHERS = re.compile("\x1b\\[[?>=][0-9;]*[cnu]|\x1b\\][^\x07\x1b]{1,256}(?:\x07|\x1b\\\\)|\x1bP[^\x1b]{1,256}\x1b\\\\")
"""Answers to questions that another program asked, or that nobody did (DA, DSR, OSC, DCS); as keys they would be
written into the field that has the focus. Reports of modes are Textual's."""
_PATIENCE = 2.0
"""Seconds for an answer, beyond what the line is known to take."""
_SLOWEST = 400.0
"""Bytes a second: a frame is given the time that it takes at this pace."""
_MOST_MISSED = 3
"""Answers after which nobody waits any more."""
_ASKED_AGAIN = 64
"""Frames after which a mute terminal is asked once more."""
_FORGOTTEN = 1.0
"""Seconds after which a terminal that has never answered will not."""
_SMALL = 512
"""Bytes of a frame whose own length hardly delays its answer."""
_REMEMBERED = 8


class Pacing:
    """Times are seconds of a clock that never goes back."""

    def __init__(self) -> None:
        self._round_trips: deque[float] = deque(maxlen=_REMEMBERED)
        self.restart()

    def restart(self) -> None:
        """The terminal may be another, or was another's for a while."""
        self._answers = False
        self._missed = 0
        self._unasked = 0
        self._outstanding = 0
        self._size = 0
        self._asked_at = 0.0
        self.waiting = False
        """Whether a frame is unconfirmed."""

    @property
    def round_trip(self) -> float:
        """Seconds from a small frame to its answer, 0 while nothing is known: the shortest of the last few, since what
        takes longer is this program's or the line's business with something else."""
        return min(self._round_trips, default=0.0)

    def awaits(self, now: float) -> bool:
        """Whether an answer may still come, be it to a question that no frame waits for."""
        return self._outstanding > 0 and (self._answers or now - self._asked_at < _FORGOTTEN)

    def ask(self, now: float) -> str:
        """A question that no frame waits for: whether there are answers."""
        self._outstanding += 1
        self._asked_at = now
        return QUERY

    def send(self, size: int, now: float) -> str:
        """A frame of ``size`` bytes leaves; returns what is to be written after it."""
        if not self._answers:
            self._unasked += 1
            return "" if self._unasked % _ASKED_AGAIN else self.ask(now)
        self.waiting = True
        self._size = size
        return self.ask(now)

    @property
    def patience(self) -> float:
        """Seconds to wait for the answer to what was just sent."""
        return (_PATIENCE + 4 * self.round_trip + self._size / _SLOWEST) * 2.0**self._missed

    def answer(self, count: int, now: float) -> None:
        """So many answers have come."""
        self._answers = True
        self._missed = 0
        if self._outstanding > count:
            self._outstanding -= count
        elif self._outstanding:
            self._outstanding = 0
            self.waiting = False
            if self._size <= _SMALL:
                self._round_trips.append(now - self._asked_at)

    def give_up(self) -> None:
        """The answer has not come in time."""
        self._missed += 1
        self._answers = self._missed < _MOST_MISSED
        self._outstanding = 0
        self.waiting = False


class Answers:
    """Takes the answers out of what the terminal sends, before it is read as keys."""

    def __init__(self) -> None:
        self._held = ""

    @property
    def holds(self) -> bool:
        return bool(self._held)

    def take(self, text: str, *, awaited: bool) -> tuple[str, int]:
        """The text without answers, and how many there were. What may be the beginning of one that is ``awaited`` is
        held back until more comes or it is released."""
        text, self._held = self._held + text, ""
        count = 0
        if "\x1b" in text:
            text, count = _ANSWER.subn("", text)
            text = _OTHERS.sub("", text)
        if awaited and "\x1b" in text[-3:] and (begun := _BEGUN.search(text)):
            self._held = begun[0]
            text = text[: begun.start()]
        return text, count

    def release(self) -> str:
        """What is held: nothing more came, so it was a key."""
        held, self._held = self._held, ""
        return held
