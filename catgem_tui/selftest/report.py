"""What the checks found, and how it is told."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One named check: what should have been seen and what was."""

    name: str
    ok: bool
    expected: str
    seen: str


@dataclass(frozen=True, slots=True)
class NotRun:
    """A check that this set-up does not allow, and why."""

    name: str
    reason: str


@dataclass
class Report:
    """Collects findings; ``told`` is called with each as it comes."""

    told: Callable[[Finding], None] = lambda _: None
    findings: list[Finding] = field(default_factory=list)
    not_run: list[NotRun] = field(default_factory=list)

    def add(self, name: str, ok: bool, expected: str, seen: str) -> None:
        finding = Finding(name=name, ok=ok, expected=expected, seen=seen)
        self.findings.append(finding)
        self.told(finding)

    def at_least(self, name: str, what: str, seen: float, least: float) -> None:
        self.add(name, seen >= least, f"{what} >= {least:g}", f"{seen:.4g}")

    def at_most(self, name: str, what: str, seen: float, most: float) -> None:
        self.add(name, seen <= most, f"{what} <= {most:g}", f"{seen:.4g}")

    def equal(self, name: str, what: str, seen: object, expected: object) -> None:
        self.add(name, seen == expected, f"{what}: {expected}", f"{seen}")

    def missing(self, names: Sequence[str], reason: str) -> None:
        """Every named check that was not reached failed."""
        done = {finding.name for finding in self.findings}
        for name in names:
            if name not in done:
                self.add(name, False, "to be reached", reason)

    @property
    def ok(self) -> bool:
        return all(finding.ok for finding in self.findings)

    def as_json(self) -> str:
        """``{"ok", "checks": [{"name", "ok", "expected", "seen"}], "not_run": [{"name", "reason"}]}``."""
        return json.dumps(
            {
                "ok": self.ok,
                "checks": [asdict(finding) for finding in self.findings],
                "not_run": [asdict(item) for item in self.not_run],
            },
            ensure_ascii=False,
        )
