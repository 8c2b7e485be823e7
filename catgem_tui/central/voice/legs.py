"""The calls of a line to telephones other than the citizen's: made, dropped, and told of."""

import re

from catgem_tui.central.ports import LegChanged, MonitorLeft
from catgem_tui.central.voice.outbox import Outbox
from catgem_tui.central.voice.telephones import Telephones
from catgem_tui.central.voice.visit import Leg, Visit
from catgem_tui.phone.port import CONTACT_HEADER, TOKEN_HEADER, Dial

PARTY_TIMER = "party"
"""Watches somebody who is called at an advisor's word and has not answered yet."""
_SHOWABLE = re.compile(r"[A-Za-z0-9+*._-]{1,40}", re.ASCII)
"""A caller's number that our telephones can be shown. Citizens' SIP holds anything at all, and a number that no address
may hold would make every call to an advisor fail, one advisor after the other."""


class Legs:
    """What is dropped here is not told to central, which asked for it; but for coordinators, whom it must forget."""

    def __init__(self, out: Outbox, telephones: Telephones) -> None:
        self._out = out
        self._telephones = telephones

    def dial(self, visit: Visit, leg: Leg, uri: str) -> None:
        """Call a telephone of our own, which was announced the call."""
        headers = {TOKEN_HEADER: leg.token, CONTACT_HEADER: visit.contact}
        caller = visit.number if _SHOWABLE.fullmatch(visit.number) else ""
        self._telephones.dial(Dial(call=leg.call, uri=uri, headers=headers, caller=caller))

    def dial_outside(self, leg: Leg, uri: str) -> None:
        """Call somebody else's telephone: it learns nothing of the citizen, and may be slow to ring."""
        self._telephones.dial(Dial(call=leg.call, uri=uri), must_ring_soon=False)

    def tell(self, visit: Visit, leg: Leg, *, connected: bool) -> None:
        self._out.tell(LegChanged(contact=visit.contact, advisor=leg.person, connected=connected, token=leg.token))

    def drop_advisors(self, visit: Visit) -> None:
        """And whom they consult: they are there for the advisor."""
        self.drop_party(visit)
        for leg in visit.advisors.values():
            self._telephones.hang_up(leg.call)
        visit.advisors.clear()
        visit.serving, visit.held = "", False

    def drop_party(self, visit: Visit) -> None:
        if visit.party:
            self._telephones.hang_up(visit.party.call)
        self._out.clear_timer(PARTY_TIMER)
        visit.party = visit.side = None

    def drop_coordinator(self, visit: Visit, coordinator: str) -> None:
        leg = visit.coordinators.pop(coordinator)
        self._telephones.hang_up(leg.call)
        if visit.told:
            self._out.tell(MonitorLeft(contact=visit.contact, coordinator=coordinator, token=leg.token))

    def drop_everyone(self, visit: Visit) -> None:
        self.drop_advisors(visit)
        for coordinator in list(visit.coordinators):
            self.drop_coordinator(visit, coordinator)
