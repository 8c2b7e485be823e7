"""What the keys of lists and of fields do, in words (msgids)."""

from catgem_tui.config.i18n import N_

MOVES = {
    "up": N_("Up"),
    "down": N_("Down"),
    "left": N_("To the left"),
    "right": N_("To the right"),
    "page_up": N_("A page up"),
    "page_down": N_("A page down"),
    "first": N_("To the first"),
    "last": N_("To the last"),
    "choose": N_("Choose, go on"),
    "back": N_("Go back"),
    "next": N_("To the next part"),
    "previous": N_("To the part before"),
    "write": N_("Write"),
}
COMMANDS = {
    "left": N_("A character to the left"),
    "right": N_("A character to the right"),
    "up": N_("A line up"),
    "down": N_("A line down"),
    "word_left": N_("A word to the left"),
    "word_right": N_("A word to the right"),
    "start": N_("To the start of the line"),
    "end": N_("To the end of the line"),
    "delete_left": N_("Delete to the left"),
    "delete_right": N_("Delete to the right"),
    "delete_word": N_("Delete the word to the left"),
    "delete_to_start": N_("Delete to the start of the line"),
    "delete_to_end": N_("Delete to the end of the line"),
    "cut": N_("Cut"),
    "copy": N_("Copy"),
    "paste": N_("Paste"),
    "undo": N_("Undo"),
    "redo": N_("Redo"),
    "leave": N_("Characters are keys"),
}
