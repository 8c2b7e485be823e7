"""Callbacks from pjsip: an exception inside one vanishes without a trace, so each is caught and logged here."""

import functools
import logging
from collections.abc import Callable
from typing import ParamSpec, TypeVar

_log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


def guarded(callback: Callable[P, T]) -> Callable[P, T | None]:
    """Log whatever goes wrong in a director's callback; a fault in one call must not end the others."""

    @functools.wraps(callback)
    def call(*args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return callback(*args, **kwargs)
        except Exception:  # noqa: BLE001 - there is nobody above us but C++, which would swallow it
            _log.exception("in %s", callback.__qualname__)
            return None

    return call
