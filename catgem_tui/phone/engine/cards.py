"""miniaudio's devices, made to let go of the sound server when they are closed, or could not be opened.

Its own keep that connection for ever, and PulseAudio takes 64 from everybody: a card that is opened again and again, or
looked for while there is none, would shut out all other programs in the end, and itself.

To be imported only where a device is opened: miniaudio may be missing.
"""

from typing import Any

import miniaudio


class _LettingGo:
    _connection: Any = None

    def __init__(self, **settings: Any) -> None:
        try:
            super().__init__(**settings)
        except miniaudio.MiniaudioError:
            self.close()
            raise

    def _make_context(self, *arguments: Any, **named: Any) -> Any:
        self._connection = super()._make_context(*arguments, **named)  # type: ignore[misc]
        return self._connection

    def close(self) -> None:
        super().close()  # type: ignore[misc]
        connection, self._connection = self._connection, None
        if connection is not None:
            miniaudio.lib.ma_context_uninit(connection)


class Loudspeaker(_LettingGo, miniaudio.PlaybackDevice):  # type: ignore[misc]
    """As miniaudio's."""


class Microphone(_LettingGo, miniaudio.CaptureDevice):  # type: ignore[misc]
    """As miniaudio's."""
