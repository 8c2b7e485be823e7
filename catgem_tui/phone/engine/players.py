"""Audio files as sources."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pjsua2 as pj
from msgspec.structs import replace

from catgem_tui.phone.engine.grave import Grave
from catgem_tui.phone.engine.guard import guarded
from catgem_tui.phone.engine.library import TOO_MANY, describe_error
from catgem_tui.phone.engine.mixer import Mixer
from catgem_tui.phone.engine.ringer import Ringer
from catgem_tui.phone.port import RINGER, SOUND, PhoneError, PhoneEvent, Play, PlayEnded

_log = logging.getLogger(__name__)


class _Player(pj.AudioMediaPlayer):  # type: ignore[misc]
    def __init__(self, ended: Callable[[Any], None]) -> None:
        super().__init__()
        self._ended = ended

    @guarded
    def onEof2(self) -> None:
        self._ended(self)


class Players:
    def __init__(self, mixer: Mixer, grave: Grave, ringer: Ringer, emit: Callable[[PhoneEvent], None]) -> None:
        self._mixer = mixer
        self._ringer = ringer
        self._grave = grave
        self._emit = emit
        self._players: dict[str, Any] = {}
        self._waiting: dict[str, Play] = {}
        """Those that begin as soon as the library has a place: players rest before they give theirs up (``Grave``)."""

    def play(self, command: Play) -> None:
        """Raises PhoneError ``no_such_file``, ``no_such_endpoint``."""
        name = command.player
        if name in self._mixer and name not in self._players and name not in self._waiting:
            raise PhoneError("no_such_endpoint", f"{name} is not a player")
        if not Path(command.path).is_file():
            raise PhoneError("no_such_file", command.path)
        if RINGER in command.to:
            self.stop(name)
            if command.to == (RINGER,) and self._ringer.ring(command, self._end_ringing):
                return
            command = replace(command, to=tuple(SOUND if sink == RINGER else sink for sink in command.to))
        player = self._open(command)
        self.stop(name)
        if player is None:
            self._waiting[name] = command
        else:
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
        self._ringer.stop(name)
        player = self._players.pop(name, None)
        if player is not None:
            self._mixer.remove(name)
            self._grave.bury(player)
        elif self._waiting.pop(name, None) is not None:
            self._mixer.remove(name)

    def look_after(self) -> None:
        """Begin those that wait. Called five times a second."""
        for name, command in tuple(self._waiting.items()):
            try:
                player = self._open(command)
            except PhoneError as error:
                _log.warning("playing %s: %s", name, error)
                self.stop(name)
                self._emit(PlayEnded(player=name))
                continue
            if player is None:
                return
            del self._waiting[name]
            self._players[name] = player
            self._mixer.attach(name, player)

    def _open(self, command: Play) -> _Player | None:
        """None: there is no place for it now. Raises PhoneError ``no_such_file``."""
        # The callback knows its player by the argument: a closure over it would be a cycle, left to the collector.
        name, loop = command.player, command.loop
        player = _Player(lambda ended: self._end(name, ended, loop=loop))
        try:
            player.createPlayer(command.path, 0 if loop else pj.PJMEDIA_FILE_NO_LOOP)
        except pj.Error as error:
            if error.status == TOO_MANY:
                return None
            raise PhoneError("no_such_file", f"{command.path}: {describe_error(error)}") from error
        return player

    def _end_ringing(self, command: Play, *, heard: bool) -> None:
        """The ringing device has played it, or can't: then it rings on the loudspeaker."""
        if heard:
            self._emit(PlayEnded(player=command.player))
        else:
            self.play(replace(command, to=(SOUND,)))

    def _end(self, name: str, player: Any, *, loop: bool) -> None:
        if not loop and self._players.get(name) is player:
            self.stop(name)
            self._emit(PlayEnded(player=name))
