"""Who hears whom on a telephone line: a pure function of who is there and how they take part.

A wire is ``(source, sink)`` in the phone engine's endpoint names. The line keeps the wires as they should be and sends
only the difference to its engine, so no order of happenings can leave a forgotten wire behind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from catgem_tui.protocol.enums import Monitoring

Wire = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Who is on the line. Fields are endpoint names; empty is nobody."""

    citizen: str
    advisor: str = ""
    """The serving advisor's call, once it is up."""
    coordinators: Mapping[str, Monitoring] = field(default_factory=dict)
    """Coordinators' calls that are up, and how they take part."""
    prompt: str = ""
    """The player of what is being said to the citizen; nobody else speaks to them meanwhile."""
    music: str = ""
    recorder: str = ""
    held: bool = False


def wires(cast: Cast) -> frozenset[Wire]:
    """Every wire there should be. Whispering reaches neither the citizen nor the recording."""
    found: set[Wire] = set()
    heard_by_citizen = _voices_for_citizen(cast)
    if cast.prompt:
        found.add((cast.prompt, cast.citizen))
        if cast.advisor:
            # An advisor who answers during the privacy notice hears that it is still being said.
            found.add((cast.prompt, cast.advisor))
    elif cast.music and not heard_by_citizen:
        found.add((cast.music, cast.citizen))
    found.update((voice, cast.citizen) for voice in heard_by_citizen)
    if cast.advisor:
        if cast.advisor in heard_by_citizen:
            found.add((cast.citizen, cast.advisor))
        found.update((call, cast.advisor) for call, mode in cast.coordinators.items() if mode is not Monitoring.LISTEN)
    for call in cast.coordinators:
        found.add((cast.citizen, call))
        if cast.advisor:
            found.add((cast.advisor, call))
        found.update(
            (other, call)
            for other, mode in cast.coordinators.items()
            if other != call and mode is not Monitoring.LISTEN
        )
    if cast.recorder:
        found.add((cast.citizen, f"{cast.recorder}:left"))
        right = {*heard_by_citizen, cast.advisor} - {""}
        found.update((voice, f"{cast.recorder}:right") for voice in right)
    return frozenset(found)


def _voices_for_citizen(cast: Cast) -> frozenset[str]:
    if cast.prompt or cast.held:
        return frozenset()
    barging = {call for call, mode in cast.coordinators.items() if mode is Monitoring.BARGE}
    return frozenset(barging | ({cast.advisor} if cast.advisor else set()))
