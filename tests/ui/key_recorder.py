"""Run in a terminal by the tests: the real keys of a keymap, and a file that says what each of them would do.

    python -m tests.ui.key_recorder FILE KEYMAP

Every place is here at once.
"""

import os
import sys
from pathlib import Path

from textual import events
from textual.actions import SkipAction

from catgem_tui.config import assets
from catgem_tui.config.keymap import is_keypad
from catgem_tui.config.keymap_reading import load_keymap
from catgem_tui.terminal.capabilities import find_capabilities
from catgem_tui.terminal.display import ComposedApp
from catgem_tui.terminal.driver import driver_for
from catgem_tui.ui import actions
from catgem_tui.ui.keyed import KeyedApp
from catgem_tui.ui.keys import stroke_of
from catgem_tui.ui.strokes import Meaning


class Recorder(ComposedApp[None], KeyedApp):
    def __init__(self, file: Path, keymap: str) -> None:
        super().__init__(load_keymap(assets.keymaps()[keymap], actions.RULES))
        self.driver_class = driver_for(find_capabilities(os.environ))
        self.wants_keypad(self.keymap.keymap.names_keypad)
        self.record = file.open("a", encoding="utf-8")

    @property
    def where(self) -> str:
        return actions.EVERYWHERE

    def say(self, words: str) -> None:
        print(words, file=self.record, flush=True)

    def on_mount(self) -> None:
        self.say("ready")

    async def take_key(self, event: events.Key) -> bool:
        self.say(f"stroke {stroke_of(event)}")
        return await super().take_key(event)

    def permits(self, meaning: Meaning, key: str) -> bool:
        return meaning.section != "left"  # those are plain characters, which would hide others that begin alike

    async def _do(self, event: events.Key, stroke: str, *, alone: bool) -> bool:
        """An action's single stroke is left to Textual's bindings, which are to be tried too."""
        others = [each for each in self.strokes.found if not alone or each.section != "keys" or is_keypad(stroke)]
        for each in others:
            self.say(f"{each.section} {each.name}")
        return bool(others)

    async def action_perform(self, action_id: str) -> None:
        self.say(f"keys {action_id}")
        raise SkipAction  # whoever else has this key is to be recorded too


if __name__ == "__main__":
    Recorder(Path(sys.argv[1]), sys.argv[2]).run()
