"""Run in a terminal by the tests: the workstation on a made-up desk, and a file that says what was wanted of it.

python -m tests.ui.desk_in_terminal FILE SCENE
"""

import os
import sys
from pathlib import Path

from msgspec.structs import replace

from catgem_tui.desk.intents import Intent
from catgem_tui.protocol.model import Struct
from catgem_tui.terminal.capabilities import find_capabilities
from catgem_tui.terminal.driver import driver_for
from catgem_tui.ui.app import WorkstationApp
from tests.ui import scenes
from tests.ui.scenes import NOW, RecordingDesk


class Desk(RecordingDesk):
    def __init__(self, file: Path, scene: str) -> None:
        super().__init__(replace(getattr(scenes, scene), drafts={"c-chat": ""}))
        self.file = file.open("a", encoding="utf-8")

    def do(self, intent: Intent | Struct) -> None:
        super().do(intent)
        print(intent, file=self.file, flush=True)


if __name__ == "__main__":
    app = WorkstationApp(Desk(Path(sys.argv[1]), sys.argv[2]), clock=lambda: NOW)
    app.driver_class = driver_for(find_capabilities(os.environ))
    app.run()
