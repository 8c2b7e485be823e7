"""What each action of the registry does: it asks the desk, or shows something."""

from collections.abc import Callable
from contextlib import suppress

from catgem_tui.config import assets
from catgem_tui.config.fault import FileFault
from catgem_tui.config.i18n import _, ngettext
from catgem_tui.config.theme import find_themes
from catgem_tui.desk.intents import (
    Dismiss,
    Logout,
    Reconnect,
)
from catgem_tui.protocol.commands import (
    SetPresence,
)
from catgem_tui.protocol.enums import (
    ContactState,
    Monitoring,
    Presence,
)
from catgem_tui.ui import (
    actions,
    call_deeds,
    contact_deeds,
    covering,
    directory_deeds,
    floor_deeds,
    form_deeds,
    guarding_deeds,
    guide_deeds,
    keeping_deeds,
    keymap_deeds,
    line_deeds,
    outside_deeds,
    pages,
    reader_deeds,
    wording,
)
from catgem_tui.ui.screens.dialogs import Choice, ChoiceDialog, WideChoiceDialog
from catgem_tui.ui.screens.doctor import DoctorScreen
from catgem_tui.ui.screens.sound import SoundScreen
from catgem_tui.ui.screens.themes import ThemeDialog, theme_choices
from catgem_tui.ui.work import Work


def choose_presence(work: Work) -> None:
    settings = work.state.settings
    choices = [Choice("available", _("Available"), slot="presence.available")]
    choices += [
        Choice(f"paused:{reason.id}", _("Pause: %s") % wording.label(reason), slot="presence.paused")
        for reason in (settings.pause_reasons if settings else ())
    ]
    choices.append(Choice("offline", _("Off the queue"), slot="presence.offline"))
    busy = any(contact.state is not ContactState.OFFERED for contact in work.state.mine)
    about = _("You hold contacts: the choice takes effect after the last one.") if busy else ""

    def choose(chosen: str) -> None:
        presence, _colon, reason = chosen.partition(":")
        if presence:
            work.desk.do(SetPresence(presence=Presence(presence), reason=reason))

    work.ask(ChoiceDialog(_("My state"), choices, explanation=about), choose)


def search(work: Work) -> None:
    """A form that is left for it waits among the drafts."""
    work.close_card()
    page = work.page_at_hand()
    if page is not None:
        page.search()
    elif work.place == actions.KEEPING:
        form = work.form_at_hand()
        if form is not None:
            form.leave(keep=True)
        work.keeping_screen.search()
    else:
        show("directory")(work)


def choose_filter(work: Work) -> None:
    search(work)
    directory_deeds.choose_filter(work)


def switch_place(work: Work) -> None:
    """An open form stays open: it is there again on coming back."""
    if work.page_at_hand() is not None:
        work.close_dialogs()
    form = work.form_at_hand()
    if form is not None:
        form.flush()
        work.close_dialogs()
    work.switch_place()


def dismiss_notices(work: Work) -> None:
    work.forget_faults()
    for notice in work.state.notices:
        work.desk.do(Dismiss(notice.id))


def log_out(work: Work) -> None:
    def go() -> None:
        work.desk_screen.middle.flush()
        work.desk.do(Logout())

    work.close_dialogs()
    wordings = _("Log out and let the contacts go"), _("Log out and hang up")
    _after_asking(work, _("Log out?"), wordings, go)


def open_palette(work: Work) -> None:
    choices = []
    where = work.where
    for action in actions.at_hand(work.state, where):
        if action.id != "palette":
            name, about, key = _(action.name_in(work.state)), _(action.about), work.keymap.name(action.id)
            choices.append(Choice(action.id, name, key, "bright", about))

    def go(chosen: str) -> None:
        if chosen:
            perform(work, chosen, where)

    work.ask(WideChoiceDialog(_("Actions"), choices), go)


def choose_theme(work: Work) -> None:
    choices = theme_choices(find_themes(work.own_themes), assets.themes(), colourless=work.no_color)
    about = _("NO_COLOR is set: only themes without colours can be chosen.") if work.no_color else ""

    def show(name: str) -> None:
        with suppress(FileFault):  # it was read a moment ago
            work.show_theme(name)

    work.ask(ThemeDialog(choices, work.kept_theme, about, show), work.settle_theme)


def leave(work: Work) -> None:
    def go() -> None:
        work.desk_screen.middle.flush()
        work.exit()

    wordings = _("Leave and let the contacts go"), _("Leave and hang up")
    _after_asking(work, _("Leave the workstation?"), wordings, go)


def _after_asking(work: Work, title: str, wordings: tuple[str, str], go: Callable[[], None]) -> None:
    """Asks only while contacts are held, which would go to others, or during a call of one's own. ``wordings`` of what
    is done about the contacts, and about the call."""
    held = [contact for contact in work.state.mine if contact.state is not ContactState.OFFERED]
    if not held and not actions.made(work.state):
        go()
        return
    about = ngettext(
        "You hold %d contact: central gives it to others or keeps it for you by its rules.",
        "You hold %d contacts: central gives them to others or keeps them for you by its rules.",
        len(held),
    ) % len(held)
    explanation = about if held else _("You are in a call: it would be cut off.")
    choices = [Choice("stay", _("Stay")), Choice("go", wordings[0 if held else 1])]
    work.ask(ChoiceDialog(title, choices, explanation=explanation), lambda chosen: go() if chosen == "go" else None)


def show(tab: str) -> Callable[[Work], None]:
    def go(work: Work) -> None:
        work.close_card()
        work.show_desk()
        work.desk_screen.reveal(tab)

    return go


Deed = Callable[[Work], None]
DEEDS: dict[str, Deed] = {
    "offer.accept": contact_deeds.accept_offer,
    "offer.decline": contact_deeds.decline_offer,
    "call.hold": call_deeds.hold,
    "contact.transfer": call_deeds.transfer,
    "phone.mute": call_deeds.mute,
    "contact.park": contact_deeds.park,
    "contact.finish": contact_deeds.finish,
    "contact.extend": contact_deeds.extend,
    "contact.next": contact_deeds.next_contact,
    "contact.previous": contact_deeds.previous_contact,
    "message.send": contact_deeds.send,
    "protocol.check": contact_deeds.check_step,
    "call.digits": call_deeds.keypad,
    "call.conference": call_deeds.conference,
    "phone.dial": call_deeds.dial,
    "phone.transfer": call_deeds.hand_call_on,
    "phone.auto_answer": call_deeds.switch_auto_answer,
    "phone.password": line_deeds.ask_password,
    "phone.sound": lambda work: work.ask(SoundScreen(work.desk, work.ask), lambda _nothing: None),
    "phone.hang_up": call_deeds.hang_up,
    **outside_deeds.DEEDS,
    "show.contact": show("contact"),
    "directory.search": search,
    "directory.filter": choose_filter,
    "directory.fetch": directory_deeds.switch_fetching,
    "record.call": directory_deeds.call_record,
    "record.send": directory_deeds.send_record,
    "record.report": directory_deeds.report_record,
    "show.citizen": show("citizen"),
    "show.contacts": show("contacts"),
    "show.queue": show("queue"),
    "show.notes": contact_deeds.write_notes,
    "floor.listen": floor_deeds.monitor(Monitoring.LISTEN),
    "floor.whisper": floor_deeds.monitor(Monitoring.WHISPER),
    "floor.barge": floor_deeds.monitor(Monitoring.BARGE),
    "floor.leave": floor_deeds.stop_monitoring,
    "floor.reassign": floor_deeds.reassign,
    "keep.edit": keeping_deeds.open_form("keep.edit"),
    "keep.create": keeping_deeds.create_record,
    "keep.confirm": keeping_deeds.open_form("keep.confirm"),
    "keep.retire": keeping_deeds.open_form("keep.retire"),
    "keep.answer": keeping_deeds.answer_report,
    **keeping_deeds.DEEDS,
    "keep.lists": lambda work: work.keeping_screen.go_to_lists(),
    **pages.DEEDS,
    **guarding_deeds.DEEDS,
    "form.save": form_deeds.save_form,
    "form.discard": form_deeds.discard_form,
    "presence.choose": choose_presence,
    "place.switch": switch_place,
    "line.reconnect": lambda work: work.desk.do(Reconnect()),
    "notice.dismiss": dismiss_notices,
    "theme.choose": choose_theme,
    **keymap_deeds.DEEDS,
    **reader_deeds.DEEDS,
    "doctor": lambda work: work.ask(DoctorScreen(work.desk, work.ask), lambda _nothing: None),
    "screen.repaint": lambda work: work.draw_again(),
    "logout": log_out,
    "palette": open_palette,
    "guide": guide_deeds.choose,
    "help": lambda work: work.show_manual(),
    "quit": leave,
}


LACKING: dict[str, Callable[[Work], str]] = {"message.send": contact_deeds.lacking_to_send}
"""Of actions that cannot be done now: what they lack, where it can be named."""


def perform(work: Work, action_id: str, place: str) -> bool:
    """Do an action if it can be done now in this place, or say what has to be closed first; else False."""
    action = actions.BY_ID[action_id]
    possible = action.place in {"", place} and action.available(work.state)
    if possible and (words := covering.refusal(work, action_id)):
        work.refuse(action_id, words)
    elif possible:
        DEEDS[action_id](work)
    return possible
