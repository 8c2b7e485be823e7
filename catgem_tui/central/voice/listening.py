"""Coordinators on a line: they are called, take part as they choose, and go."""

import logging

from catgem_tui.central.ports import EndMonitoring, MonitorLeft, StartMonitoring
from catgem_tui.central.voice.consulting import BESIDE
from catgem_tui.central.voice.legs import Legs
from catgem_tui.central.voice.outbox import Outbox
from catgem_tui.central.voice.telephones import Telephones
from catgem_tui.central.voice.visit import Leg, Visit

log = logging.getLogger(__name__)

MAX_COORDINATORS = 2


class Listening:
    def __init__(self, out: Outbox, telephones: Telephones, legs: Legs) -> None:
        self._out = out
        self._telephones = telephones
        self._legs = legs

    def start(self, visit: Visit, effect: StartMonitoring) -> None:
        """Call them, or change how they take part."""
        if leg := visit.coordinators.get(effect.coordinator):
            leg.mode = effect.mode
            return
        if not effect.token:
            return  # another mode for who has just gone
        room = BESIDE if visit.party else MAX_COORDINATORS
        if len(visit.coordinators) >= room:
            log.warning("the line has room for %d coordinators, one more was refused", room)
            self._out.tell(MonitorLeft(contact=visit.contact, coordinator=effect.coordinator, token=effect.token))
            return
        call = self._telephones.name("coordinator")
        leg = Leg(call=call, person=effect.coordinator, token=effect.token, mode=effect.mode)
        visit.coordinators[effect.coordinator] = leg
        self._legs.dial(visit, leg, effect.uri)

    def end(self, visit: Visit, effect: EndMonitoring) -> None:
        if leg := visit.coordinators.pop(effect.coordinator, None):
            self._telephones.hang_up(leg.call)

    def lost(self, visit: Visit, leg: Leg) -> None:
        """Their telephone went by itself, or never came."""
        del visit.coordinators[leg.person]
        self._out.tell(MonitorLeft(contact=visit.contact, coordinator=leg.person, token=leg.token))
