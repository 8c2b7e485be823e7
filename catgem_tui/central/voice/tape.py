"""The recording of a call: citizen left, everybody they speak with right."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from catgem_tui.central.ports import RecordingStarted
from catgem_tui.central.voice.outbox import Outbox
from catgem_tui.central.voice.visit import Visit
from catgem_tui.phone.port import Record, StopRecording

RECORDER = "recording"


class Tape:
    def __init__(self, out: Outbox, folder: Path, today: Callable[[], date]) -> None:
        self._out = out
        self._folder = folder
        self._today = today

    def start(self, visit: Visit) -> None:
        visit.recording = True
        visit.tape = f"{self._today():%Y/%m/%d}/{visit.contact}.wav"
        command = Record(recorder=RECORDER, path=str(self._folder / visit.tape))
        self._out.do(command, then=RecordingStarted(contact=visit.contact, path=visit.tape))

    def go_on(self, visit: Visit) -> None:
        """The contact is ours again, and it is still recorded."""
        if visit.recording:
            self._out.tell(RecordingStarted(contact=visit.contact, path=visit.tape))

    def stop(self, visit: Visit) -> None:
        """For good: one file holds one contact, and a second start would write over it."""
        if visit.recording:
            visit.recording = visit.recordable = False
            self._out.do(StopRecording(recorder=RECORDER))
            self._out.forget(RECORDER)

    def failed(self, visit: Visit) -> None:
        """It could not be started."""
        visit.recording = visit.recordable = False
        self._out.forget(RECORDER)
