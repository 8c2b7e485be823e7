"""What a line's conversation takes in and gives out, beside the phone's events and commands and central's effects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from catgem_tui.central.ports import Effect, Happening
from catgem_tui.central.voice.prompts import Prompts
from catgem_tui.phone.port import PhoneCommand, PhoneEvent

# --- in ---


@dataclass(frozen=True, kw_only=True)
class TimerFired:
    name: str


@dataclass(frozen=True, kw_only=True)
class ArrivalRefused:
    """Central could not take this contact in."""

    contact: str


@dataclass(frozen=True, kw_only=True)
class CommandFailed:
    """The phone refused a command; ``code`` as in PhoneError."""

    command: PhoneCommand
    code: str


Input = PhoneEvent | Effect | TimerFired | ArrivalRefused | CommandFailed

# --- out ---


@dataclass(frozen=True, kw_only=True)
class Do:
    """A command for the line's phone; ``then`` is told to central only if it succeeded."""

    command: PhoneCommand
    then: Happening | None = None


@dataclass(frozen=True, kw_only=True)
class Tell:
    happening: Happening


@dataclass(frozen=True, kw_only=True)
class SetTimer:
    """Replaces the timer of this name."""

    name: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class ClearTimer:
    name: str


Output = Do | Tell | SetTimer | ClearTimer


@dataclass(frozen=True, kw_only=True)
class Menu:
    """A choice by key right after the greeting."""

    prompt: Path
    queues: Mapping[str, str]
    """Queue id by digit."""
    seconds: float = 5.0
    """How long after the prompt a key is waited for; without one the centre's first queue is meant."""


@dataclass(frozen=True, kw_only=True)
class LineScript:
    """How a line treats its callers. Times in seconds."""

    prompts: Prompts = field(default_factory=Prompts)
    recordings: Path
    """The recordings' folder; absolute."""
    queues: Mapping[str, str] = field(default_factory=dict)
    """Queue id by dialled number; any other number goes to the centre's first queue."""
    menu: Menu | None = None
    dial: str = ""
    """SIP address of a number outside, with ``{number}`` for its digits; empty: the line calls nobody outside."""
    record: bool = True
    survey: bool = True
    survey_seconds: float = 10.0
    """How long after the question a key is waited for."""
    announce_seconds: float = 30.0
    """Between two words of comfort to who waits."""
    reach_seconds: float = 4.0
    """A telephone that has not even begun to ring by then counts as out of reach."""
    finish_greeting: bool = True
    """Whether an advisor who answers during the greeting waits for its end: the privacy notice is heard by all."""
