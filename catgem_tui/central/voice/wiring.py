"""Who hears whom on a telephone line: a pure function of who is there and how they take part.

A wire is ``(source, sink)`` in the phone engine's endpoint names. The line keeps the wires as they should be and sends
only the difference to its engine, so no order of happenings can leave a forgotten wire behind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import permutations

from catgem_tui.protocol.enums import Monitoring, Side

Wire = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Who is on the line. Fields are endpoint names; empty is nobody."""

    citizen: str
    advisor: str = ""
    """The serving advisor's call, once it is up."""
    party: str = ""
    """The call of who is consulted, or of who is outside and has taken the citizen over, once it is up."""
    side: Side | None = None
    """With whom the advisor speaks, also before the party is up; None without a consultation."""
    coordinators: Mapping[str, Monitoring] = field(default_factory=dict)
    """Coordinators' calls that are up, and how they take part."""
    prompt: str = ""
    """The player of what is being said to the citizen; nobody else speaks to them meanwhile."""
    ringing: str = ""
    """The tone an advisor hears while the party's telephone rings."""
    music: str = ""
    recorder: str = ""
    held: bool = False


def wires(cast: Cast) -> frozenset[Wire]:
    """Every wire there should be.

    Those who speak with one another hear one another; citizen and party have music while they are left out. A
    coordinator hears everybody; who whispers is heard by the advisor alone, who barges by everybody the citizen hears.
    Whispering is not recorded; what advisor and party say always is.
    """
    together = _together(cast)
    found = set(permutations(together, 2))
    if cast.prompt:
        found.add((cast.prompt, cast.citizen))
        if cast.advisor:
            # An advisor who answers during the privacy notice hears that it is still being said.
            found.add((cast.prompt, cast.advisor))
    elif cast.music and (cast.citizen not in together or len(together) == 1):
        found.add((cast.music, cast.citizen))
    if cast.music and cast.party and cast.party not in together:
        found.add((cast.music, cast.party))
    if cast.ringing and cast.advisor:
        found.add((cast.ringing, cast.advisor))
    speaking = [call for call, mode in cast.coordinators.items() if mode is not Monitoring.LISTEN]
    if cast.advisor:
        found.update((call, cast.advisor) for call in speaking)
    for call in cast.coordinators:
        voices = {cast.citizen, cast.advisor, cast.party, *speaking} - {"", call}
        found.update((voice, call) for voice in voices)
    if cast.recorder:
        found.add((cast.citizen, f"{cast.recorder}:left"))
        right = (together | {cast.advisor, cast.party}) - {"", cast.citizen}
        found.update((voice, f"{cast.recorder}:right") for voice in right)
    return frozenset(found)


def _together(cast: Cast) -> frozenset[str]:
    """Those who speak with one another."""
    found = {cast.advisor}
    if not (cast.prompt or cast.held or cast.side is Side.CONSULTED):
        found.add(cast.citizen)
        found.update(call for call, mode in cast.coordinators.items() if mode is Monitoring.BARGE)
    if cast.side in {Side.CONSULTED, Side.ALL}:
        found.add(cast.party)
    return frozenset(found - {""})
