"""A telephone outside at the desk: said when it comes or is lost, used in the place of this workstation's own."""

from msgspec.structs import replace

from catgem_tui.desk import intents
from catgem_tui.protocol import commands
from catgem_tui.protocol.enums import OutsideState, Refusal
from catgem_tui.protocol.events import AdvisorChanged, CallExpected
from tests.desk_talk import ANA, Talk, offered_call, with_phone

NUMBER = commands.SetOutsidePhone(address="7225550134")


def stands(talk: Talk, state: OutsideState) -> Talk:
    assert talk.view.me is not None
    phone = NUMBER.address if state is not OutsideState.NONE else ""
    return talk.hears_event(AdvisorChanged(advisor=replace(talk.view.me, outside_phone=phone, outside_state=state)))


def test_it_is_asked_for_and_what_becomes_of_it_is_said() -> None:
    talk = Talk(ANA).hears(NUMBER)
    assert talk.sends() == [NUMBER]
    stands(talk.is_answered(commands.SetOutsidePhone), OutsideState.CALLING)
    assert stands(talk, OutsideState.ON_THE_LINE).notices() == ["outside_there"]
    assert stands(talk, OutsideState.LOST).notices() == ["outside_lost"]
    assert stands(talk, OutsideState.NONE).notices() == []


def test_why_it_is_not_called_is_said_in_words_that_fit() -> None:
    for code, notice in (
        (Refusal.NOT_ALLOWED, "outside_not_allowed"),
        (Refusal.MALFORMED, "outside_malformed"),
        (Refusal.NO_OUTSIDE, "outside_no_numbers"),
        (Refusal.WRONG_STATE, "outside_in_call"),
    ):
        talk = Talk(ANA).hears(NUMBER).is_answered(commands.SetOutsidePhone, code)
        assert talk.notices() == [notice]


def test_muting_is_centrals_to_do() -> None:
    talk = stands(with_phone(Talk(ANA)), OutsideState.ON_THE_LINE)
    talk.hears(intents.SetMute(True))
    assert (talk.sends(), talk.phones()) == ([commands.MuteOutside(muted=True)], [])


def test_a_call_taken_outside_is_not_answered_here_later() -> None:
    talk = stands(with_phone(Talk(ANA)), OutsideState.ON_THE_LINE)
    talk.hears_contact(offered_call()).hears_event(CallExpected(contact="c1", token="t1"))
    assert talk.hears(intents.AcceptOffer("c1")).sends() == [commands.AcceptOffer(contact="c1")]
    assert talk.model.accepting == frozenset()
