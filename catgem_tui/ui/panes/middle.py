"""The contact in the middle: its head, the conversation, the protocol, what is being written."""

from collections.abc import Callable
from typing import cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from catgem_tui.config.i18n import _
from catgem_tui.desk.intents import EditDraft, EditNotes
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.enums import Channel, ContactState
from catgem_tui.protocol.model import Contact
from catgem_tui.ui.keys import KeysInForce, key_name
from catgem_tui.ui.paint import Painted
from catgem_tui.ui.panes.band import OfferBand
from catgem_tui.ui.panes.contact import ContactHead
from catgem_tui.ui.panes.conversation import Conversation
from catgem_tui.ui.panes.protocol import ProtocolPane, steps_of
from catgem_tui.ui.panes.telephone import TelephoneCard
from catgem_tui.ui.port import Desk
from catgem_tui.ui.widgets.draft import Composer, Draft
from catgem_tui.ui.widgets.section import Section

KINDS = ("-none", "-call", "-chat", "-mail")


class Middle(Vertical):
    """Drawn for one kind of contact at a time: the class ``-call``, ``-chat``, ``-mail`` or ``-none``."""

    DEFAULT_CSS = """
    Middle { width: 1fr; }
    Middle > Section, Middle #conversation, Middle #composer { margin: 0 1; }
    Middle #conversation, Middle #composer { display: none; }
    Middle.-chat #conversation, Middle.-chat #composer { display: block; }
    Middle.-mail #conversation, Middle.-mail #composer { display: block; }
    Middle.-mail #composer { height: 1fr; max-height: 14; }
    Middle.-read-only #composer { display: none; }
    Middle.-none Section { display: none; }
    Middle #s-protocol { margin: 1 1 0 1; max-height: 60%; }
    Middle #protocol { max-height: 14; }
    Middle.-mail #protocol { max-height: 6; }
    Middle #s-notes { margin: 1 1 0 1; height: 6; }
    Middle.-call #s-notes { height: 1fr; min-height: 3; max-height: 14; }
    Middle.-mail #s-notes { height: 4; }
    Middle #notes { height: 1fr; }
    """

    def __init__(self, desk: Desk, keymap: KeysInForce, send: Callable[[], None]) -> None:
        super().__init__(id="middle", classes="-none")
        self.desk = desk
        self.keymap = keymap
        self.band = OfferBand(keymap, classes="band-inside")
        self.head = ContactHead(keymap)
        self.telephone = TelephoneCard(keymap)
        self.conversation = Conversation()
        self.composer = Composer(lambda contact, text: desk.do(EditDraft(contact, text)), send)
        self.protocol = ProtocolPane()
        self.notes = Draft(
            lambda contact, text: desk.do(EditNotes(contact, text)),
            id="notes",
            placeholder=_("What was asked and what was answered"),
        )
        self.protocol_section = Section(_("PROTOCOL"), self.protocol, id="s-protocol")
        self.notes_section = Section(_("NOTES"), self.notes, id="s-notes")
        self.kind = "-none"

    def compose(self) -> ComposeResult:
        yield self.band
        yield self.telephone
        yield self.head
        yield self.conversation
        yield self.composer
        yield self.protocol_section
        yield self.notes_section

    def draw(self, state: DeskState, now: float) -> None:
        contact = state.focused
        self.change_kind(contact)
        self.band.draw(state, now)
        self.head.draw(state, now)
        self.telephone.draw(state, now)
        self.notes.read_only = contact is not None and contact.id in state.shown
        self.conversation.draw(state, now)
        self.protocol.draw(state, now)
        self.sync_texts(state, contact)
        self.tell_titles(state, contact)

    def change_kind(self, contact: Contact | None) -> None:
        kind = f"-{contact.channel.value}" if contact else "-none"
        if kind != self.kind:
            self.kind = kind
            self.update_classes({other: other == kind for other in KINDS}, animate=False)
            self.protocol_section.display = kind != "-none"
        self.composer.enter_sends = contact is not None and contact.channel is Channel.CHAT
        over = contact is not None and contact.state is ContactState.WRAP_UP
        self.set_class(over, "-read-only")

    def sync_texts(self, state: DeskState, contact: Contact | None) -> None:
        if contact is None:
            self.notes.sync("", "")
            self.composer.sync("", "")
            return
        notes = state.notes.get(contact.id)
        self.notes.sync(contact.id, notes.text if notes else contact.notes)
        if contact.channel is not Channel.CALL:
            self.composer.sync(contact.id, state.unsent_text(contact))
            chat, mail = self.composer_words()
            words = chat if contact.channel is Channel.CHAT else mail
            if self.composer.placeholder != words:
                self.composer.placeholder = words

    def composer_words(self) -> tuple[str, str]:
        key = self.keymap.name("message.send")
        chat = {"send": key_name("enter"), "line": key_name("ctrl+j")}
        words = (
            _("Write here. %(send)s sends, %(line)s starts a new line.") % chat,
            _("Write the answer here. %s sends it.") % key,
        )
        reader = cast(Painted, self.app).reader
        return words if reader is None else (reader.words(words[0]), reader.words(words[1]))

    def tell_titles(self, state: DeskState, contact: Contact | None) -> None:
        if contact is None:
            return
        steps = steps_of(state, contact)
        done = sum(step.id in contact.steps for step in steps)
        words = _("%(done)d of %(steps)d") % {"done": done, "steps": len(steps)}
        self.protocol_section.title.tell(((words, "dim"),))
        notes = state.notes.get(contact.id)
        unsaved = notes is not None and not notes.saved
        self.notes_section.title.tell((((_("not saved yet") if unsaved else ""), "dim"),))

    def fold(self, *, short: bool) -> None:
        """Where there is little room, the protocol shows its next step only, unless one is in it."""
        self.protocol.set_short(short and self.kind in {"-chat", "-mail"} and not self.protocol.has_focus)

    def home(self) -> None:
        """The focus where the task is: the writing in a chat or mail, the protocol in a call."""
        task: Widget | None = self.protocol
        if self.kind == "-none":
            task = self.head if self.head.can_focus else None
        elif self.has_class("-read-only"):
            task = self.notes
        elif self.kind in {"-chat", "-mail"}:
            task = self.composer
        self.screen.set_focus(task)  # at once, as a screen does it: what is typed next must not go where the focus was

    def flush(self) -> None:
        """Tell the desk everything that was typed."""
        self.notes.flush()
        self.composer.flush()
