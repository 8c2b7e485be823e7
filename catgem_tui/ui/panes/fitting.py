"""A line made of pieces that grow shorter where there is little room, the lightest first."""

from collections.abc import Sequence

from catgem_tui.ui.lines import Line, Span, width_of


class Piece:
    """``forms`` from the longest to the shortest, which may be empty; the weight says what is kept longest."""

    def __init__(self, weight: int, *forms: Line) -> None:
        self.weight = weight
        self.forms = forms


def fitted(pieces: Sequence[Piece], width: int, gap: Span) -> Line:
    """The pieces, each in the longest form for which there is room; the lightest is shortened all the way first."""
    chosen = [0] * len(pieces)
    for place in sorted(range(len(pieces)), key=lambda each: pieces[each].weight):
        while chosen[place] < len(pieces[place].forms) - 1 and width_of(_joined(pieces, chosen, gap)) > width:
            chosen[place] += 1
    return _joined(pieces, chosen, gap)


def _joined(pieces: Sequence[Piece], chosen: Sequence[int], gap: Span) -> Line:
    told: list[Span] = []
    for piece, form in zip(pieces, chosen, strict=True):
        if piece.forms[form]:
            told += [gap, *piece.forms[form]] if told else piece.forms[form]
    return tuple(told)
