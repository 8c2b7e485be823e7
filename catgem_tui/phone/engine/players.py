"""Audio files as sources."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pjsua2 as pj

from catgem_tui.phone.engine.grave import Grave
from catgem_tui.phone.engine.guard import guarded
from catgem_tui.phone.engine.library import describe_error
from catgem_tui.phone.engine.mixer import Mixer
from catgem_tui.phone.port import PhoneError, PhoneEvent, Play, PlayEnded

_log = logging.getLogger(__name__)


class _Player(pj.AudioMediaPlayer):  # type: ignore[misc]
    def __init__(self, ended: Callable[[Any], None]) -> None:
        super().__init__()
        self._ended = ended

    @guarded
    def onEof2(self) -> None:
        self._ended(self)


class Players:
    def __init__(self, mixer: Mixer, grave: Grave, emit: Callable[[PhoneEvent], None]) -> None:
        self._mixer = mixer
        self._grave = grave
        self._emit = emit
        self._players: dict[str, Any] = {}

    def play(self, command: Play) -> None:
        """Raises PhoneError ``no_such_file``, ``no_such_endpoint``."""
        name = command.player
        if name in self._mixer and name not in self._players:
            raise PhoneError("no_such_endpoint", f"{name} is not a player")
        if not Path(command.path).is_file():
            raise PhoneError("no_such_file", command.path)
        # The callback knows its player by the argument: a closure over it would be a cycle, left to the collector.
        player = _Player(lambda ended: self._end(name, ended, loop=command.loop))
        try:
            player.createPlayer(command.path, 0 if command.loop else pj.PJMEDIA_FILE_NO_LOOP)
        except pj.Error as error:
            raise PhoneError("no_such_file", f"{command.path}: {describe_error(error)}") from error
        self.stop(name)
        self._players[name] = player
        self._mixer.add(name, source=True, sink=False, port=player)
        try:
            for sink in command.to:
                self._mixer.connect(name, sink)
        except PhoneError:
            self.stop(name)
            raise

    def stop(self, name: str) -> None:
        """Stop a player; one that has ended already is no error."""
        player = self._players.pop(name, None)
        if player is not None:
            self._mixer.remove(name)
            self._grave.bury(player)

    def _end(self, name: str, player: Any, *, loop: bool) -> None:
        if not loop and self._players.get(name) is player:
            self.stop(name)
            self._emit(PlayEnded(player=name))
