"""What has changed of the telephone: its calls, its sound, its line, the microphone."""

from collections.abc import Iterator

from catgem_tui.config.i18n import _
from catgem_tui.desk.state import DeskState, PhoneCall
from catgem_tui.protocol.enums import Side
from catgem_tui.protocol.model import Call, Consultation
from catgem_tui.ui import actions, wording
from catgem_tui.ui.panes.contact import coordination
from catgem_tui.ui.panes.strips import BAD
from catgem_tui.ui.reader import facts
from catgem_tui.ui.reader.linear import join

Told = Iterator[tuple[str, str]]
"""(topic, words)"""


def changes(before: DeskState, after: DeskState) -> Told:
    phone, old = after.phone, before.phone
    if phone.status is not old.status:
        yield "phone", _(facts.PHONES[phone.status])
    yield from (("", words) for words in _calls(before, after))
    if actions.telephoning(after) and actions.muted(after) != actions.muted(before):
        yield "microphone", _("Microphone closed") if actions.muted(after) else _("Microphone open")
    if phone.unheard and not old.unheard:
        yield "unheard", _("You are not heard: the microphone is closed")
    if phone.joined and not old.joined:
        yield "joined", _("The three of you hear each other.")
    if phone.auto_answer != old.auto_answer:
        yield "alone", facts.answers_alone(phone) or _("You answer calls by key.")
    if (registered := facts.registration(phone)) != facts.registration(old):
        yield "registration", registered
    yield from _quality(before, after)
    yield from _outside(before, after)


def _calls(before: DeskState, after: DeskState) -> Iterator[str]:
    """Of the calls that are no contact's: of a citizen's call the contact tells."""
    old, new = _own_calls(before), _own_calls(after)
    for call_id, call in new.items():
        then = old.get(call_id)
        if then is None or (then.state, then.held, then.monitoring) != (call.state, call.held, call.monitoring):
            words = facts.call_words(after, call_id)
            if then is None or words != facts.call_words(before, call_id):
                yield words
        elif call.handing and not then.handing:
            yield _("Handing the call on to %s") % call.handing
        elif call.holds_us != then.holds_us:
            who = facts.called(call)
            yield _("%s has you on hold.") % who if call.holds_us else _("%s takes you off hold.") % who
    for call_id, call in old.items():
        if call_id not in new:
            yield _("Call over: %s") % facts.other_side(before, call)


def _own_calls(state: DeskState) -> dict[str, PhoneCall]:
    return {call.id: call for call in state.phone.calls if call.number or call.monitoring is not None}


def _quality(before: DeskState, after: DeskState) -> Told:
    """How one hears each other, when that becomes bad, and when it is good again."""
    now, then = facts.quality(after.phone), facts.quality(before.phone)
    if now is None or now == then:
        return
    if now[1] in BAD:
        yield "quality", _("The sound is %s.") % now[0].lower()
    elif then is not None and then[1] in BAD:
        yield "quality", _("The sound is %s again.") % now[0].lower()


def _outside(before: DeskState, after: DeskState) -> Told:
    """The telephone outside with which one works."""
    then = before.me.outside_state if before.me is not None else None
    if after.me is None or after.me.outside_state is then:
        return
    if after.me.outside_state in wording.OUTSIDE:
        yield "outside", facts.outside(after.me)
    elif then in wording.OUTSIDE:
        yield "outside", _("The outside telephone is left.")


def call(old: Call, new: Call) -> Iterator[str]:
    """What happened to the telephone side of a contact."""
    if new.recording_paused != old.recording_paused:
        yield _("Recording paused.") if new.recording_paused else _("Recording goes on.")
    elif new.recording != old.recording:
        yield _("The call is recorded.") if new.recording else _("The call is not recorded.")
    if (spoken := coordination(new)) and spoken != coordination(old):
        yield facts.calm(spoken[0][0])
    elif coordination(old) and not spoken:
        yield _("Coordination no longer speaks.")
    if new.consultation is not None:
        yield from _consultation(old.consultation, new.consultation)


def _consultation(old: Consultation | None, new: Consultation) -> Iterator[str]:
    """How far a transfer with a question first has come, and who hears whom."""
    who = wording.consulted(new)
    if old is None:
        yield join((_("Asking %s") % who, _("connected") if new.connected else _("being called")))
    elif new.connected and not old.connected:
        yield join((_("Asking %s") % who, _("connected")))
    elif new.side is not old.side:
        yield {
            Side.ALL: _("All three hear each other, with %s."),
            Side.CITIZEN: _("You speak with the citizen; %s waits."),
            Side.CONSULTED: _("You speak with %s; the citizen waits."),
        }[new.side] % who
