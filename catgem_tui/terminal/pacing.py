"""When a frame may leave: only once the terminal has the one before.

Between us and the terminal an SSH session buffers without telling, so a slow line would show the past for seconds.
After each frame the terminal is asked for its status (DSR 5, ECMA-48 8.3.35), which it answers when it has come so far.
What is composed meanwhile goes into the next frame, which is made from the newest state. A terminal that never answers
is not asked again, and frames leave as they come; one that stops to answer is waited for longer each time.
"""

import re

QUERY = "\x1b[5n"
_ANSWER = re.compile("\x1b\\[[03]n")
_BEGUN = re.compile("\x1b(?:\\[[03]?)?\\Z")
_FIRST_PATIENCE = 1.0
"""Seconds for a terminal that has not answered yet."""
_PATIENCE = 2.0
_SLOWEST = 400.0
"""Bytes a second: a frame is given the time that it takes at this pace."""
_LONGEST = 60.0
_SMALL = 512
"""Bytes of a frame whose own length hardly delays its answer."""
_WEIGHT = 0.25


class Pacing:
    """Times are seconds of a clock that never goes back."""

    def __init__(self) -> None:
        self.round_trip = 0.0
        """Seconds from a small frame to its answer, smoothed; 0 while nothing is known."""
        self.restart()

    def restart(self) -> None:
        """The terminal may be another, or was another's for a while."""
        self.mute = False
        self._answered = False
        self._missed = 0
        self._outstanding = 0
        self._size = 0
        self._asked_at = 0.0
        self.waiting = False
        """Whether a frame is unconfirmed."""

    @property
    def awaited(self) -> bool:
        """Whether an answer may still come, be it to the question at the start."""
        return self._outstanding > 0

    def ask(self) -> str:
        """The question at the start, which no frame waits for."""
        self._outstanding += 1
        return QUERY

    def send(self, size: int, now: float) -> str:
        """A frame of ``size`` bytes leaves; returns what is to be written after it."""
        if self.mute:
            return ""
        self.waiting = True
        self._outstanding += 1
        self._size, self._asked_at = size, now
        return QUERY

    @property
    def patience(self) -> float:
        """How long to wait for the answer to what was just sent."""
        if not self._answered:
            return _FIRST_PATIENCE
        usual = _PATIENCE + 4 * self.round_trip + self._size / _SLOWEST
        return min(usual * 2.0**self._missed, max(_LONGEST, usual))

    def answer(self, count: int, now: float) -> None:
        """So many answers have come."""
        self._answered = True
        self._missed = 0
        self._outstanding = max(0, self._outstanding - count)
        if self.waiting and not self._outstanding:
            self.waiting = False
            if self._size <= _SMALL:
                taken = now - self._asked_at
                self.round_trip += (taken - self.round_trip) * (_WEIGHT if self.round_trip else 1.0)

    def give_up(self) -> None:
        """The answer has not come in time."""
        self.mute = not self._answered
        self._missed += 1
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
        if "\x1b[" in text:
            text, count = _ANSWER.subn("", text)
        if awaited and "\x1b" in text[-3:] and (begun := _BEGUN.search(text)):
            self._held = begun[0]
            text = text[: begun.start()]
        return text, count

    def release(self) -> str:
        """What is held: nothing more came, so it was a key."""
        held, self._held = self._held, ""
        return held
