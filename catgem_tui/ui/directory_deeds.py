"""What is done with the directory's records beside sending and reporting them."""

from catgem_tui.config.i18n import _
from catgem_tui.desk.intents import (
    SendRecord,
    SetFetching,
)
from catgem_tui.desk.numbers import Number, numbers_of
from catgem_tui.desk.state import PAUSED
from catgem_tui.protocol.commands import (
    ReportRecord,
)
from catgem_tui.protocol.enums import (
    Channel,
)
from catgem_tui.protocol.model import Record
from catgem_tui.ui import call_deeds, figures
from catgem_tui.ui.records import for_citizen, title_of
from catgem_tui.ui.screens.dialogs import Choice, ChoiceDialog, TextDialog
from catgem_tui.ui.screens.filters import FilterDialog, with_filter
from catgem_tui.ui.screens.whom import Target
from catgem_tui.ui.work import Work


def switch_fetching(work: Work) -> None:
    """The copy's: stop it, or go on."""
    work.desk.do(SetFetching(on=work.state.directory.problem == PAUSED))


def call_record(work: Work) -> None:
    """One number is called at once; of several, or of one with an extension, it is asked which."""
    record = work.record_at_hand()
    if record is None:
        return
    numbers = numbers_of(record.phone, record.extension)
    if len(numbers) < 2:
        call(work, record, numbers[0] if numbers else Number(record.phone))
        return

    def choose(chosen: str) -> None:
        if chosen:
            call(work, record, numbers[int(chosen)])

    choices = [Choice(str(place), *_words(number)) for place, number in enumerate(numbers)]
    about = _("An extension is dialled by itself after the answer.") if any(each.extension for each in numbers) else ""
    work.ask(ChoiceDialog(_("Call %s") % title_of(record), choices, explanation=about), choose)


def call(work: Work, record: Record, number: Number) -> None:
    call_deeds.call(work, Target(number=number.digits, extension=number.extension, name=title_of(record)), record.id)


def choose_filter(work: Work) -> None:
    """The filter ends in the field, where the cursor is again."""
    pane = work.search_pane()

    def take(chosen: str) -> None:
        if chosen:
            pane.write(with_filter(pane.field.value, chosen, work.state.directory.facets))

    filtered = any(word.startswith(("@", ":")) for word in pane.field.value.split())
    work.ask(FilterDialog(work.desk, filtered=filtered), take)


def _words(number: Number) -> tuple[str, str]:
    told = figures.telephone(number.digits)
    return told, _("ext. %s") % number.extension if number.extension else _("without an extension")


def send_record(work: Work) -> None:
    record = work.record_at_hand()
    if record is not None:
        work.desk_screen.middle.flush()
        composer = work.desk_screen.middle.composer
        longest = work.state.longest(Channel.CHAT)
        if work.state.focused is not None and work.state.focused.channel is Channel.MAIL:
            # A chat line that grows too long leaves as several; a mail is one, with what is written in it.
            longest = work.state.longest(Channel.MAIL) - len(composer.text) - 4
        text, left_out = for_citizen(record, max(1, longest))
        work.desk.do(SendRecord(record.id, text, composer.place, left_out))
        work.close_dialogs()


def report_record(work: Work) -> None:
    record = work.record_at_hand()
    if record is None:
        return
    held = work.state.focused

    def report(written: str) -> None:
        if written:
            contact = held.id if held is not None else ""
            work.desk.do(ReportRecord(record=record.id, text=written[1:], contact=contact))

    title = _("This is wrong: %s") % title_of(record)
    about = _("The information managers are told, with the contact in the middle of the screen.")
    field = _("what is wrong, if you know it")
    work.ask(TextDialog(title, field, work.remembered(f"report {record.id}"), about), report)
