"""What an examination says."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from msgspec import Struct

from catgem_tui.config.settings import Settings


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """Work is possible; something is worse than it could be."""
    FAULT = "fault"
    """Something will not work."""


STATUS = {Level.OK: 0, Level.WARNING: 1, Level.FAULT: 2}
"""The exit status that the worst finding makes."""


class Finding(Struct, frozen=True):
    name: str
    """Stays the same in every language and version: ``central.unreachable``."""
    level: Level
    sentence: str
    remedy: str = ""
    """What to do about it; empty where it is well."""


class Found(Struct, frozen=True, kw_only=True):
    """Of one part."""

    findings: tuple[Finding, ...]
    measured: dict[str, Any] = {}
    """Figures and facts behind the findings, as JSON can hold them."""

    @property
    def level(self) -> Level:
        return worst(self.findings)


class Subject(Struct, frozen=True, kw_only=True):
    """The machine and the person's settings on it."""

    settings: Settings
    environment: Mapping[str, str]
    central: str
    """Base URL."""
    telephone_elsewhere: Path | None = None
    """Socket, or folder of sockets, of a telephone on another computer."""
    at_work: bool = False
    """Whether it is examined for the workstation that runs here: the telephone's port is in its hands."""


def well(name: str, sentence: str) -> Finding:
    return Finding(name, Level.OK, sentence)


def warning(name: str, sentence: str, remedy: str) -> Finding:
    return Finding(name, Level.WARNING, sentence, remedy)


def fault(name: str, sentence: str, remedy: str) -> Finding:
    return Finding(name, Level.FAULT, sentence, remedy)


def worst(findings: Sequence[Finding]) -> Level:
    return max((finding.level for finding in findings), key=lambda level: STATUS[level], default=Level.OK)
