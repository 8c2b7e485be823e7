"""Records of the directory at the desk: sent to the citizen, reported as wrong, their log."""

import pytest

from catgem_tui.desk import effects, happenings, intents
from catgem_tui.protocol import commands
from catgem_tui.protocol.editing import LoggedChange
from catgem_tui.protocol.enums import (
    Channel,
    ContactState,
    RecordKind,
)
from catgem_tui.protocol.model import Contact, Record
from tests.desk_talk import ANA, Talk, contact


def test_a_record_goes_to_the_citizen_at_once_where_nothing_is_being_written_in_a_chat() -> None:
    talk = Talk(ANA, contact()).hears(intents.Focus("c1"))
    talk.hears(intents.SendRecord("r1", "Registro Civil\nTeléfono: 722 555 0110"))
    assert talk.sends() == [commands.SendChat(contact="c1", text="Registro Civil\nTeléfono: 722 555 0110")]
    assert talk.notices() == ["record_sent"]


@pytest.mark.parametrize("channel", [Channel.CHAT, Channel.MAIL])
def test_a_record_follows_what_is_being_written(channel: Channel) -> None:
    talk = Talk(ANA, contact(channel=channel)).hears(intents.Focus("c1"))
    talk.hears(intents.EditDraft("c1", "Claro que sí: "))
    talk.hears(intents.SendRecord("r1", "Registro Civil"))
    assert talk.sends() == []
    assert talk.view.drafts == {"c1": "Claro que sí:\n\nRegistro Civil"}
    assert talk.notices() == ["record_inserted"]


def test_a_mail_is_read_over_before_it_leaves_even_if_it_was_empty() -> None:
    talk = Talk(ANA, contact(channel=Channel.MAIL)).hears(intents.Focus("c1"))
    talk.hears(intents.SendRecord("r1", "Registro Civil"))
    assert talk.sends() == []
    assert talk.view.drafts == {"c1": "Registro Civil"}


@pytest.mark.parametrize(
    "held", [contact(channel=Channel.CALL), contact(state=ContactState.WRAP_UP), contact("other", advisor="u9")]
)
def test_a_record_cannot_be_sent_where_nobody_reads_it(held: Contact) -> None:
    talk = Talk(ANA, held).hears(intents.Focus("c1"))
    talk.hears(intents.SendRecord("r1", "Registro Civil"))
    assert talk.sends() == []
    assert talk.view.drafts == {}
    assert talk.notices() == ["nowhere_to_send"]


def test_what_became_of_a_record_names_it() -> None:
    office = Record(id="r1", kind=RecordKind.OFFICE, title="Registro Civil", revision=1)
    talk = Talk(ANA, contact()).hears(intents.Focus("c1")).hears(intents.Search("civil"))
    talk.hears(happenings.RecordsFound("civil", (office,), ((),), 1.0))
    for happening in (
        intents.SendRecord("r1", ""),
        intents.SendRecord("r1", "Registro Civil", left_out=3),
        commands.ReportRecord(record="r1", text="cambió el teléfono", contact="c1"),
    ):
        talk.hears(happening)
    assert talk.notices() == ["nothing_to_send", "record_sent", "record_shortened", "record_reported"]
    assert {notice.title for notice in talk.view.notices} == {"Registro Civil"}


def test_a_wrong_record_is_reported_even_without_a_line() -> None:
    talk = Talk(ANA, contact())
    talk.hears(happenings.LineLost("unreachable", (), final=False))
    body = commands.ReportRecord(record="r1", text="cambió el teléfono", contact="c1")
    talk.hears(body)
    assert talk.sends() == [body]
    assert talk.view.unsent == 1
    assert "record_reported" in talk.notices()
    talk.is_answered(commands.ReportRecord)
    assert talk.view.unsent == 0


def test_the_log_shown_is_the_one_last_asked_for() -> None:
    talk = Talk()
    talk.hears(intents.ShowLog("r1")).hears(intents.ShowLog("r2"))
    assert talk.wants(effects.FetchLog) == [effects.FetchLog("r2")]
    assert talk.wants(effects.UseRecord) == [effects.UseRecord("r2")]
    line = LoggedChange(number=1, record="r1", at=5.0, who="Elena")
    talk.hears(happenings.LogFetched("r1", (line,)))
    assert talk.view.directory.log is None
    talk.hears(happenings.LogFetched("r2", None))
    assert talk.view.directory.log_missing
    talk.hears(happenings.LogFetched("r2", (line,)))
    assert (talk.view.directory.log, talk.view.directory.log_missing) == ((line,), False)
