"""A filter of the search, chosen from a list instead of typed: it ends in the field as if it had been typed."""

from collections.abc import Callable, Sequence

from catgem_tui.config.i18n import _
from catgem_tui.desk.intents import CountFacets
from catgem_tui.desk.state import DeskState, Filter
from catgem_tui.ui import wording
from catgem_tui.ui.lines import Row, clip, line, plain, span
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.dialogs import Choice, ChoiceDialog

NOTHING = "none"
"""Chosen to take the filters away."""
_TYPED = 20
"""Cells for a filter as it is typed, beside its words."""


class FilterDialog(ChoiceDialog):
    """Leaves with the filter as it is typed, or ``NOTHING``. Counts come while it is open."""

    def __init__(self, desk: Desk, *, filtered: bool) -> None:
        self.desk = desk
        self.filtered = filtered
        self.facets = desk.state.directory.facets
        about = _("It is put into the field as one would type it: %s") % "@toluca, :tramite, :estatal"
        super().__init__(_("Only records of…"), self.list_choices(), explanation=about)
        self.unsubscribe: Callable[[], None] = lambda: None

    def list_choices(self) -> list[Choice]:
        anything = [Choice(NOTHING, _("Everything: without filters"), slot="bright")] if self.filtered else []
        return [*anything, *(Choice(facet.typed, facet_name(facet), _remark(facet)) for facet in self.facets)]

    def on_mount(self) -> None:
        # Textual calls that of the dialog too
        self.unsubscribe = self.desk.subscribe(self.take)
        self.desk.do(CountFacets())

    def on_unmount(self) -> None:
        self.unsubscribe()

    def take(self, state: DeskState) -> None:
        if state.directory.facets != self.facets:
            self.facets = state.directory.facets
            self.choices = self.list_choices()
            self.draw_choices()

    def draw_choices(self, *, first: bool = False) -> None:
        if self.facets:
            super().draw_choices(first=first)
        else:
            self.rows.show_rows([Row("", (line((_("being counted…"), "dim")),))])


def facet_name(facet: Filter) -> str:
    if facet.field == "kind":
        return _(wording.KINDS[facet.name])
    return _(wording.LEVELS[facet.name]).capitalize() if facet.field == "level" else facet.name


def _remark(facet: Filter) -> str:
    return f"{plain(clip((span(facet.typed),), _TYPED))}  {facet.records:>7,}"


def with_filter(query: str, chosen: str, facets: Sequence[Filter]) -> str:
    """The query with the filter before its words, in the place of any other of its kind."""
    field = next((facet.field for facet in facets if facet.typed == chosen), "")
    alike = [facet.typed for facet in facets if facet.field == field]

    def is_replaced(word: str) -> bool:
        if chosen == NOTHING:
            return word.startswith(("@", ":"))
        if chosen.startswith("@"):
            return word.startswith("@")
        return len(word) > 1 and any(typed.startswith(word.lower()) for typed in alike)

    kept = [word for word in query.split() if not is_replaced(word)]
    if chosen == NOTHING:
        return " ".join(kept)
    return f"{chosen} {' '.join(kept)}"
