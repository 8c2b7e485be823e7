"""What is pasted, before it is read as keys."""

import re

_BEGIN, _END = "\x1b[200~", "\x1b[201~"
"""Around a pasted text (xterm ctlseqs, Bracketed Paste Mode)."""
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~])?")
"""A control sequence (ECMA-48, 5.4), or an escape character by itself."""
_BEGUN = re.compile(r"\x1b(?:\[[0-?]{0,32}[ -/]{0,4})?$")
"""The beginning of one, and of a paste's end, as far as it has come."""


class Pasted:
    """Takes control sequences out of pasted text: not every terminal does, and the library reads what follows one as
    keys, of which Enter would send half of what was pasted."""

    def __init__(self) -> None:
        self._inside = False
        self._tail = ""
        """Outside, the end of what was passed on: a paste may begin in it."""
        self._held = ""
        """Inside, the beginning of what has not come whole."""

    def take(self, text: str) -> str:
        """The same without them; what is the beginning of one is held back until more comes."""
        passed: list[str] = []
        while text:
            cut = self._cut_inside(text) if self._inside else self._cut_outside(text)
            passed.append(cut[0])
            text = cut[1]
        return "".join(passed)

    def _cut_outside(self, text: str) -> tuple[str, str]:
        known = self._tail + text
        at = known.find(_BEGIN)
        if at < 0:
            self._tail = known[1 - len(_BEGIN) :]
            return text, ""
        begin = at + len(_BEGIN) - len(self._tail)
        self._inside, self._tail = True, ""
        return text[:begin], text[begin:]

    def _cut_inside(self, text: str) -> tuple[str, str]:
        text, self._held = self._held + text, ""
        at = text.find(_END)
        if at >= 0:
            self._inside = False
            return _SEQUENCE.sub("", text[:at]) + _END, text[at + len(_END) :]
        begun = _BEGUN.search(text)
        if begun is not None:
            text, self._held = text[: begun.start()], begun[0]
        return _SEQUENCE.sub("", text), ""
