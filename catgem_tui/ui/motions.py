"""Where the caret goes and what is deleted by the characters of a field that was left, as vi does it (POSIX, vi).

A place is the number of characters before it. A word is a run of letters and digits, or of other signs without blanks.
"""

import re
from collections.abc import Callable

from catgem_tui.terminal.letters import edge

Motion = Callable[[str, int], int]
"""(text, place): the place after one step"""

_WORD = re.compile(r"(?:\w|[\u0300-\u036f])+|(?:[^\w\s\u0300-\u036f])+")


def line_start(text: str, place: int) -> int:
    return text.rfind("\n", 0, place) + 1


def line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def letter_left(text: str, place: int) -> int:
    return max(line_start(text, place), edge(text, place - 1, forward=False))


def letter_right(text: str, place: int) -> int:
    return min(line_end(text, place), edge(text, place + 1, forward=True))


def word_right(text: str, place: int) -> int:
    return next((word.start() for word in _WORD.finditer(text) if word.start() > place), len(text))


def word_left(text: str, place: int) -> int:
    return max((word.start() for word in _WORD.finditer(text, 0, place)), default=0)


def word_end(text: str, place: int) -> int:
    """Before the last letter of this word, or of the next from there."""
    last = (edge(text, word.end() - 1, forward=False) for word in _WORD.finditer(text))
    return next((end for end in last if end > place), max(place, edge(text, len(text) - 1, forward=False)))


def after_word(text: str, place: int) -> int:
    """Behind the last letter of this word, or of the next from there."""
    return next((word.end() for word in _WORD.finditer(text) if word.end() > place), len(text))


def next_word_of_line(text: str, place: int) -> int:
    """The next word, but no further than the line's end."""
    end = line_end(text, place)
    return end if place < end < word_right(text, place) else word_right(text, place)


def rest_of_word(text: str, place: int) -> int:
    """Behind this word, or before the next where there is none."""
    here = text[place : place + 1]
    return next_word_of_line(text, place) if not here or here.isspace() else after_word(text, place)


def text_start(_text: str, _place: int) -> int:
    return 0


def text_end(text: str, _place: int) -> int:
    return line_start(text, len(text))


MOVES: dict[str, Motion] = {
    "word_right": word_right, "word_left": word_left, "word_end": word_end, "start": line_start, "end": line_end,
    "first_line": text_start, "last_line": text_end,
}  # fmt: skip
DELETIONS: dict[str, Motion] = {
    "delete_left": letter_left, "delete_right": letter_right, "delete_word_left": word_left,
    "delete_word_right": next_word_of_line, "delete_word_end": after_word, "delete_to_start": line_start,
    "delete_to_end": line_end, "change_word": rest_of_word, "change_to_end": line_end,
}  # fmt: skip
"""Up to where they delete."""
WRITING: dict[str, Motion] = {
    "write_after": letter_right, "write_at_start": line_start, "write_at_end": line_end,
}  # fmt: skip
"""Where one writes on."""


def repeated(motion: Motion, text: str, place: int, times: int) -> int:
    for _time in range(max(1, times)):
        before, place = place, motion(text, place)
        if place == before:
            break
    return place


def nth_line(text: str, number: int) -> int:
    """The start of that line, counted from 1, or of the last."""
    lines = text.split("\n")
    return sum(len(line) + 1 for line in lines[: min(number, len(lines)) - 1])


def lines_at(text: str, place: int, times: int) -> tuple[int, int]:
    """So many lines from that of the place on, with the end of the last, or else of the one before."""
    start, end = line_start(text, place), line_end(text, place)
    for _time in range(max(1, times) - 1):
        end = line_end(text, min(end + 1, len(text)))
    return (start, end + 1) if end < len(text) else (max(0, start - 1), end)
