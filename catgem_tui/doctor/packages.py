"""The Python that runs this, and the packages that it needs."""

import re
import sys
from importlib import metadata

from catgem_tui.config.i18n import _
from catgem_tui.doctor.finding import Finding, Found, Subject, fault, warning, well

NEWEST_WITH_TELEPHONE = (3, 12)
OPTIONAL = ("phone", "central", "sheets")
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([\w-]+)['\"]")


async def examine(subject: Subject) -> Found:
    version = sys.version.split()[0]
    try:
        wanted = metadata.requires("catgem-tui") or []
    except metadata.PackageNotFoundError:
        sentence = _("catgem-tui is not installed here: it runs from its source.")
        return Found(
            findings=(_judge_python(subject, version), warning("packages.source", sentence, _("Install it with pip."))),
            measured={"python": version},
        )
    found: dict[str, dict[str, str]] = {}
    for requirement in wanted:
        extra = _EXTRA.search(requirement)
        name = _NAME.match(requirement)
        if name and (extra is None or extra[1] in OPTIONAL):
            found.setdefault(extra[1] if extra else "", {})[name[0]] = _version_of(name[0])
    missing = {extra: sorted(n for n, version in names.items() if not version) for extra, names in found.items()}
    return Found(
        findings=(_judge_python(subject, version), _judge_own(missing[""]), *_judge_extras(missing)),
        measured={"python": version, "packages": {extra or "catgem": names for extra, names in found.items()}},
    )


def _version_of(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _judge_python(subject: Subject, version: str) -> Finding:
    if sys.version_info[:2] > NEWEST_WITH_TELEPHONE and not subject.settings.workstation.phone.python:
        return warning(
            "packages.python",
            _("Python %s has no package of the telephone's library, which comes for Python up to 3.12.") % version,
            _("Name a Python with pjsua2-python, miniaudio and msgspec in the setting workstation.phone.python."),
        )
    return well("packages.python", _("Python %s.") % version)


def _judge_own(missing: list[str]) -> Finding:
    if missing:
        sentence = _("Packages are missing: %s.") % ", ".join(missing)
        return fault("packages.missing", sentence, _("Install catgem again: pip install catgem-tui"))
    return well("packages.own", _("Every package that the workstation needs is here."))


def _judge_extras(missing: dict[str, list[str]]) -> list[Finding]:
    here = [extra for extra in OPTIONAL if not missing.get(extra)]
    findings = [well("packages.extras", _("Optional parts that are here: %s.") % (", ".join(here) or _("none")))]
    if missing.get("phone"):
        findings.append(
            warning(
                "packages.phone",
                _("The telephone's packages are missing: %s.") % ", ".join(missing["phone"]),
                _("Install them with: %s") % "pip install 'catgem-tui[phone]'",
            )
        )
    return findings
