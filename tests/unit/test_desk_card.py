"""A record whose card is open: it stays true, whatever becomes of it."""

from msgspec.structs import replace

from catgem_tui.desk import effects, happenings, intents
from catgem_tui.protocol.editing import LoggedChange, Support
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.events import DIRECTORY, RecordChanged
from catgem_tui.protocol.model import Record
from catgem_tui.protocol.session import EventArrived, Welcomed
from tests.desk_talk import ANA, Talk, contact

OFFICE = Record(id="r1", kind=RecordKind.OFFICE, title="Oficialía 01", revision=1, related=("r2",))
OTHER = Record(id="r2", kind=RecordKind.OFFICE, title="Oficialía 02", revision=2)
READ = effects.ReadCard("r1")


def opened() -> Talk:
    talk = Talk().hears(happenings.DirectoryChanged(records=2, syncing=False, problem=""))
    talk.hears(intents.ShowLog("r1"))
    assert READ in talk.effects
    return talk.hears(happenings.CardRead("r1", OFFICE, {"r2": OTHER}))


def changed(record: Record) -> EventArrived:
    return EventArrived(topic=DIRECTORY, seq=record.revision, body=RecordChanged(record=record))


def test_the_card_shows_the_record_and_those_it_names() -> None:
    talk = opened()
    assert (talk.view.directory.card, talk.view.directory.near) == (OFFICE, {"r2": OTHER})
    talk.hears(intents.ShowLog(""))
    assert (talk.view.directory.card, talk.view.directory.near) == (None, {})
    talk.hears(happenings.CardRead("r1", OFFICE, {}))
    assert talk.view.directory.card is None, "a card that is closed stays closed"


def test_a_change_shows_without_being_among_the_hits() -> None:
    talk = opened()
    newer = replace(OFFICE, revision=3, phone="911")
    talk.hears(changed(newer))
    assert talk.view.directory.card == newer
    assert READ in talk.effects, "it may name others now"
    talk.hears(changed(replace(OTHER, revision=4)))
    assert READ in talk.effects
    talk.hears(changed(Record(id="r9", kind=RecordKind.OFFICE, title="Otra", revision=5)))
    assert READ not in talk.effects


def test_a_duplicate_that_was_merged_says_into_what() -> None:
    talk = opened()
    gone = replace(OFFICE, revision=3, retired=True, merged_into="r2")
    talk.hears(changed(gone))
    talk.hears(happenings.CardRead("r1", None, {"r2": OTHER}))
    shown = talk.view.directory
    assert (shown.card, shown.gone, shown.near) == (gone, False, {"r2": OTHER})


def test_one_that_left_the_copy_unheard_is_looked_up_in_its_log() -> None:
    talk = opened()
    talk.hears(happenings.DirectoryChanged(records=1, syncing=False, problem=""))
    assert READ in talk.effects
    talk.hears(happenings.CardRead("r1", None, {}))
    assert talk.view.directory.gone
    assert effects.FetchLog("r1") in talk.effects
    gone = replace(OFFICE, revision=3, retired=True, merged_into="r2")
    change = LoggedChange(number=1, record="r1", at=0.0, who="Irma", support=Support(), before=OFFICE, after=gone)
    talk.hears(happenings.LogFetched("r1", (change,)))
    assert (talk.view.directory.card, talk.view.directory.gone) == (gone, False)


def test_a_copy_that_is_being_fetched_anew_says_nothing_of_what_it_lacks() -> None:
    talk = opened()
    talk.hears(happenings.DirectoryChanged(records=0, syncing=True, problem="rebuilding"))
    talk.hears(happenings.CardRead("r1", None, {}))
    assert not talk.view.directory.gone
    assert talk.view.directory.card == OFFICE


def test_opening_it_again_keeps_what_is_shown_until_the_newer_is_here() -> None:
    talk = opened().hears(happenings.LogFetched("r1", ()))
    talk.hears(intents.ShowLog("r1"))
    assert (talk.view.directory.card, talk.view.directory.log) == (OFFICE, ())


def test_a_log_that_central_could_not_give_is_asked_for_when_the_line_is_back() -> None:
    talk = opened().hears(happenings.LogFetched("r1", None))
    assert talk.view.directory.log_missing
    talk.hears(Welcomed(user="u1", now=5000.0))
    assert effects.FetchLog("r1") in talk.effects
    assert not talk.view.directory.log_missing


def test_what_was_retired_under_the_open_card_is_not_sent() -> None:
    talk = Talk(ANA, contact()).hears(intents.Focus("c1"))
    talk.hears(happenings.DirectoryChanged(records=2, syncing=False, problem="")).hears(intents.ShowLog("r1"))
    talk.hears(happenings.CardRead("r1", OFFICE, {})).hears(changed(replace(OFFICE, revision=3, retired=True)))
    talk.hears(intents.SendRecord("r1", "Oficialía 01"))
    assert (talk.sends(), talk.notices()) == ([], ["retired_not_sent"])
    talk.hears(intents.SendRecord("r2", "Oficialía 02"))
    assert talk.sends()


def test_that_the_disk_took_nothing_is_told_until_the_copy_is_current() -> None:
    talk = Talk().hears(happenings.DirectoryChanged(records=1, syncing=False, problem="disk"))
    assert talk.notices() == ["directory_failed"]
    talk.hears(happenings.DirectoryChanged(records=1, syncing=True, problem=""))
    assert talk.notices() == ["directory_failed"], "it is only tried again"
    talk.hears(happenings.DirectoryChanged(records=2, syncing=False, problem=""))
    assert talk.notices() == []
