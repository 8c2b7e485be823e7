"""A style sheet that remembers what it worked out.

Textual looks for the rules of a widget among all there are each time that it is mounted, gets or loses the focus, and
once more for each of its parts, as a field's cursor and placeholder; and with more than 64 classes of widgets it reads
the style sheets of all of them again whenever a new one comes. Both take longer than everything else when a screen
opens.
"""

from collections.abc import Hashable
from typing import Any

from textual.cache import LRUCache
from textual.css.styles import RulesMap
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

_CLASSES = 1024
"""Of widgets, at most, whose style sheets are kept as they were read."""


class LastingStylesheet(Stylesheet):
    """What is remembered holds until a rule or a variable changes."""

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(_CLASSES)
        self._worked_out = _RulesByPath()

    def set_variables(self, variables: dict[str, str]) -> None:
        super().set_variables(variables)
        self._worked_out.clear()

    def parse(self) -> None:
        super().parse()
        self._worked_out.clear()

    def reparse(self) -> None:
        """Textual's way would keep nothing of what it read."""
        self.parse()

    def apply(
        self, node: DOMNode, *, animate: bool = False, cache: dict[tuple[Any, ...], RulesMap] | None = None
    ) -> None:
        super().apply(node, animate=animate, cache=self._worked_out)

    @classmethod
    def replace_rules(cls, node: DOMNode, rules: RulesMap, animate: bool = False) -> None:
        if node.styles.base.get_rules() == rules:
            node.notify_style_update()  # those of what it lies in may be others
        else:
            super().replace_rules(node, rules, animate)


class _RulesByPath(dict[Any, RulesMap]):
    """Textual keeps the rules that it has found for one widget for those beside it that look alike, by their parent;
    here they are kept for all whose ancestors look alike, by these. It asks for none whose rules depend on the widgets
    beside or below it, or on a focus below one of its ancestors."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(self._lasting(key), default)

    def __setitem__(self, key: Any, rules: RulesMap) -> None:
        super().__setitem__(self._lasting(key), rules)

    @staticmethod
    def _lasting(key: Any) -> tuple[Hashable, ...]:
        parent, *own = key
        path: list[Hashable] = own
        while isinstance(parent, DOMNode):
            path += (parent._css_type_name, parent.id, parent.classes, parent._pseudo_classes_cache_key)
            if parent.is_dom_root:
                path.append(parent.app.app_focus)
            parent = parent._parent
        return tuple(path)
