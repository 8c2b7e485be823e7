"""The application's keys: sequences, keys that stand for others, and fields that one leaves without leaving them."""

import math
from typing import Protocol, runtime_checkable

from textual import events
from textual.app import App
from textual.binding import BindingsMap
from textual.widget import Widget
from textual.widgets import Input

from catgem_tui.config.i18n import _
from catgem_tui.config.keymap import FIELDS, LISTS, Keymap, is_keypad, is_text
from catgem_tui.ui.actions import BY_ID
from catgem_tui.ui.keys import KeysInForce, as_character, bindings, key_name, know_chords, stroke_of
from catgem_tui.ui.lines import GAP, Line, Span
from catgem_tui.ui.screens.overlay import Overlay
from catgem_tui.ui.strokes import Meaning, Outcome, Strokes

PAUSE = 1.0
"""Seconds between two keys after which somebody who writes has looked up."""
_WRITES = frozenset({"enter", "backspace", "delete"})
"""Keys that change a text beside the characters."""


@runtime_checkable
class Written(Protocol):
    """A field whose text keys can change after it was left."""

    def takes(self, command: str) -> bool:
        """Whether the command of ``LEFT`` is one for this field."""
        ...

    def command(self, name: str, times: int) -> bool:
        """Carry it out so many times; returns whether one goes on writing."""
        ...


class KeyedApp(App[None]):
    """Single strokes that start actions are bindings of Textual's; everything else of a keymap is done here, before
    Textual sees the key, and at once: what is pressed next finds it done."""

    ENABLE_COMMAND_PALETTE = False
    INHERIT_BINDINGS = False

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self.keymap = KeysInForce(keymap)
        self.left: Widget | None = None
        """The field in which characters are keys, while it has the focus."""
        self.wrong = ""
        """The key that the last stroke made and that starts nothing."""
        self.refused = ""
        """The action of the last key, where it cannot be done now."""
        self.lacking = ""
        """What it lacks, in the reader's language, if anything can be named."""
        self.astray = False
        """Whether somebody may go on writing in a field that is gone."""
        self.lost = False
        """Whether the last key was for such a field, and so for nobody."""
        self._wrote = -math.inf
        """When a text was written last, on the clock of events."""
        self.outcome = ""
        """What the last key came to, where nothing on the screen shows it."""
        know_chords()
        self.use_keymap(keymap)

    def use_keymap(self, keymap: Keymap) -> None:
        self.keymap.use(keymap)
        self.strokes = Strokes(keymap)
        self.left = None
        # Not by a keymap of Textual's: it is applied anew with every key, which takes a good part of a frame.
        self._bindings = BindingsMap(bindings(keymap))

    @property
    def where(self) -> str:
        """The place of actions in which one is."""
        raise NotImplementedError

    @property
    def covered(self) -> str:
        """The place of actions that what lies on top covers; the same where nothing does."""
        return self.where

    async def action_perform(self, action_id: str) -> None:
        raise NotImplementedError

    def refuse(self, action_id: str, lacking: str = "") -> None:
        """Say that this cannot be done now: a key that seems dead is pressed again. What it lacks is told until the
        next key; without that it is told for as long as it is so."""
        self.refused, self.lacking = action_id, lacking
        self.tell_keys()

    def tell_outcome(self, words: str) -> None:
        """Say until the next key what this one came to."""
        self.outcome = words
        self.tell_keys()

    def tell_keys(self) -> None:
        """Show what the keys have to say: ``key_line`` and ``commanding`` may have changed."""

    def tell_more(self, stroke: str) -> bool:
        """Whether this stroke, while a key waits to be finished, only asks what else may follow."""
        return False

    # --- what is written where ---

    @property
    def in_field(self) -> bool:
        """Whether what has the focus takes characters."""
        return self.focused is not None and self.focused.check_consume_key("x", "x")

    @property
    def commanding(self) -> bool:
        return self.left is not None and self.focused is self.left and self.in_field

    def is_letter(self, event: events.Event) -> bool:
        """Whether it will be text of what has the focus and nothing else; blanks mean more in some fields."""
        if not isinstance(event, events.Key) or not event.is_printable or event.key == "space":
            return False
        return self.in_field and not self.commanding and not self.strokes.begun

    def permits(self, meaning: Meaning, key: str) -> bool:
        """Whether that may be done here: as with single strokes, characters start no action from a dialog, and none
        that belongs to another place."""
        if meaning.section == "fields":
            return self.in_field and (meaning.name != "leave" or not self.commanding)
        if meaning.section == "left":
            return self.commanding and isinstance(self.focused, Written) and self.focused.takes(meaning.name)
        if meaning.section == "lists":
            return True
        over = isinstance(self.screen, Overlay) and not self.screen.carries and (is_text(key) or is_keypad(key))
        elsewhere = is_keypad(key) and self.where != "desk"  # passwords, dates and telephones are written there
        return BY_ID[meaning.name].place in {"", self.where} and not over and not elsewhere

    def lose_field(self) -> None:
        """The field that was written in goes away, or now belongs to another contact, and not by a key: what fingers
        that do not know it yet go on writing is for nobody. It must not become keys, nor a line to another citizen."""
        self.astray = True

    def _goes_astray(self, event: events.Key, stroke: str) -> bool:
        """Whether this key was meant for a field that is gone: until who writes pauses, or presses another kind."""
        writes = is_text(stroke) or stroke in _WRITES
        self.astray = self.astray and writes and event.time - self._wrote < PAUSE
        # What a dialog is answered with is not written in the contact's fields: who closes a contact with it knows.
        written = self.in_field and not self.commanding and not isinstance(self.screen, Overlay)
        self._wrote = event.time if writes and (self.astray or written) else -math.inf
        self.lost = self.astray
        return self.lost

    @property
    def following(self) -> bool:
        return self.strokes.begun

    @property
    def key_line(self) -> Line:
        if self.lost:
            return ((_("The contact left while you wrote; this is kept nowhere."), "sla.warning"),)
        if self.strokes.begun:
            return self._following()
        if self.refused and (self.lacking or not self.is_of_use(Meaning("keys", self.refused))):
            words = self.lacking or _("not possible now")
            return ((f"{_(BY_ID[self.refused].name)}: {words}", "sla.warning"),)
        if not self.wrong:
            return ((self.outcome, "accent"),) if self.outcome else ()
        words = _("%s starts nothing here") % key_name(self.wrong)
        if self.commanding and (keys := self.keymap.moves("write")):
            words += " · " + _("%s goes back to writing") % key_name(keys[0])
        return ((words, "sla.warning"),)

    def _following(self) -> Line:
        begun = " ".join((*self.strokes.count, *self.strokes.waiting))
        told: list[Span] = [(key_name(begun), "key"), (" …", "text")]
        for stroke, meaning in sorted(self.strokes.following(self.permits).items(), key=self._weight):
            if meaning is not None and not self.is_of_use(meaning):
                continue
            words = "…" if meaning is None else self.words_for(meaning).lower()
            told += [GAP, (key_name(stroke), "key"), (f" {words}", "text")]
        return (*told, GAP, (key_name("escape"), "key"), (" " + _("gives up"), "text"))

    @staticmethod
    def _weight(following: tuple[str, Meaning | None]) -> int:
        """The weightiest first: on a narrow screen there is no room for all."""
        meaning = following[1]
        return -BY_ID[meaning.name].hint if meaning is not None and meaning.section == "keys" else 0

    def is_of_use(self, meaning: Meaning) -> bool:
        """Whether it would do something now."""
        return True

    def words_for(self, meaning: Meaning) -> str:
        """What a key does, in a word or two."""
        if meaning.section == "keys":
            return _(BY_ID[meaning.name].name)
        from catgem_tui.ui.key_words import WORDS

        return _(WORDS[meaning.section][meaning.name])

    # --- pressing ---

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            if not self.app_focus:
                self.app_focus = True  # the field that had the focus has it again, as Textual does it
            if is_keypad(event.key) and not self.strokes.goes_on(event.key, self.permits):
                event = as_character(event)
            if await self.take_key(event):
                return
        await super().on_event(event)

    async def take_key(self, event: events.Key) -> bool:
        """Whether the key has been dealt with."""
        stroke, said = stroke_of(event), (self.key_line, self.commanding)
        if self._goes_astray(event, stroke):
            self.tell_keys()
            return True
        if self.strokes.waiting and self.tell_more(stroke):
            return True
        self.wrong = self.refused = self.lacking = self.outcome = ""
        begun = (*self.strokes.count, *self.strokes.waiting)
        writing = self.in_field and not self.commanding
        outcome = self.strokes.take(stroke, writing=writing, permits=self.permits)
        dealt = outcome in {Outcome.WAITS, Outcome.GIVEN_UP, Outcome.STARTS_NOTHING}
        if outcome is Outcome.STARTS_NOTHING:
            self.wrong = " ".join((*begun, stroke))
        elif outcome is Outcome.DOES:
            dealt = await self._do(event, stroke, alone=not begun)
        if outcome is Outcome.PASSES:
            dealt = self._refuse_elsewhere(event, stroke)
        if not dealt and not writing:
            dealt = await self._press_outside_text(event, stroke)
        if (self.key_line, self.commanding) != said:
            self.tell_keys()
        return dealt

    def _refuse_elsewhere(self, event: events.Key, stroke: str) -> bool:
        """Say of the key of another place's action, or of the place below, that it is one: it does nothing here."""
        known = self.strokes.actions(stroke)
        if not known or is_text(stroke) or is_keypad(stroke) or self.strokes.begun or self._is_own(event.key):
            return False
        if any(BY_ID[action].place in {"", self.where} for action in known):
            return False
        below = next((action for action in known if BY_ID[action].place == self.covered), known[0])
        over = isinstance(self.screen, Overlay)
        self.refuse(below, self.keymap.close_first if over else _("not in this place"))
        return True

    def _is_own(self, key: str) -> bool:
        """Whether what has the focus, or what that lies in, does something with this key itself."""
        nodes = (self.focused or self.screen).ancestors_with_self
        return any(node is not self and key in node._bindings.key_to_bindings for node in nodes)

    async def _press_outside_text(self, event: events.Key, stroke: str) -> bool:
        """A stroke that the keymap itself does nothing with, where no text is being written."""
        if self.commanding:
            if is_text(stroke):
                self.wrong = stroke
                return True
            if stroke == "backspace" or (stroke == "enter" and not isinstance(self.focused, Input)):
                return await self._press("left" if stroke == "backspace" else "down")
        # By Textual's way it would go through all that has the focus first, and what is typed next would not find it
        # done: of "/" and a word, typed in one go, the word would be keys.
        return is_text(stroke) and (
            await self._check_bindings(event.key, priority=True) or await self._check_bindings(event.key)
        )

    async def _do(self, event: events.Key, stroke: str, *, alone: bool) -> bool:
        """What the strokes are to do. A single stroke that starts an action is Textual's, but in a field that was
        left, where Textual would keep it for the text."""
        names = {each.section: each.name for each in self.strokes.found}
        times = self.strokes.times
        if "left" in names:
            return self._change(names["left"], times)
        if "keys" in names:
            if alone and not is_keypad(stroke) and not (self.commanding and is_text(stroke)):
                return False
            await self.action_perform(names["keys"])
            return True
        if "fields" in names and not self.commanding:
            return self._command(names["fields"])
        if "lists" not in names or (alone and not self.commanding and self._is_bound_nearer(event.key)):
            return False
        return await self._move(names["lists"], times)

    def _is_bound_nearer(self, key: str) -> bool:
        """Whether what has the focus, or what that lies in, does something with this key itself."""
        bound = self.screen.active_bindings.get(key)
        return bound is not None and bound.node is not self

    def _command(self, name: str) -> bool:
        if name == "leave":
            self.left = self.focused
        elif self.focused is not None:
            # To the field itself, behind the letters that are on their way to it.
            self.focused._forward_event(events.Key(FIELDS[name], None))
        return True

    def _change(self, name: str, times: int) -> bool:
        if isinstance(self.focused, Written) and self.focused.command(name, times):
            self.left = None
        return True

    async def _move(self, name: str, times: int) -> bool:
        commanding = self.commanding
        if name == "write":
            self._write()
        elif self.in_field and not commanding:
            await super().on_event(events.Key(LISTS[name], None))  # behind the letters that are on their way
        elif name in {"first", "last"} and times:  # that one
            await self._press(LISTS["first"])
            for _time in range(times - 1):
                await self._press(LISTS["down"])
        else:
            for _time in range(times or 1):
                await self._press(LISTS[name])
            if commanding and self.in_field:
                self.left = self.focused  # from field to field characters go on being keys
        return True

    async def _press(self, key: str) -> bool:
        """What a key does by itself, without waiting until it has gone through all that has the focus."""
        if not await self._check_bindings(key, priority=True) and not await self._check_bindings(key):
            await super().on_event(events.Key(key, None))
        return True

    def _write(self) -> None:
        """Back into the field that was left, or into the first that there is."""
        fields = [widget for widget in self.screen.focus_chain if widget.check_consume_key("x", "x")]
        if fields and not self.in_field:
            self.screen.set_focus(self.left if self.left in fields else fields[0])
        self.left = None
