"""The terminal: what it says of itself, and what it does when it is asked.

Nothing is asked that a terminal could show instead of answering: strings (DCS, OSC) only of one that says in DA1 that
it is at least a VT200, or that is tmux.
"""

import locale
import re
import statistics
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from catgem_tui.config.i18n import _
from catgem_tui.doctor.dialogue import ATTRIBUTES, Dialogue, Mute, open_dialogue
from catgem_tui.doctor.finding import Finding, Found, Subject, fault, warning, well
from catgem_tui.doctor.multiplexer import examine_multiplexer

TRIPS = 3
QUICK_MS, SLOW_MS = 100.0, 300.0
"""From a key to its echo: the first is felt, the second makes people type twice."""
SMALLEST, COMFORTABLE = (60, 18), (80, 24)
PLACE = re.compile(rb"\x1b\[(\d+);(\d+)R")
MODE = re.compile(rb"\x1b\[\?(\d+);(\d)\$y")
SGR = re.compile(rb"\x1bP1\$r([0-9:;]*)m\x1b\\")
SAMPLES = {
    "accent": ("é", 1),
    "emoji": ("🙂", 2),
    "joined": ("👩‍💻", 2),
    "ambiguous": ("→", 1),
    "line": ("═", 1),
    "combining": ("e\u0301", 1),
}
"""Text, and the columns that the screen is laid out for (UAX 11; joined emoji as one)."""
MODES = {b"2026": "synchronized", b"2004": "pasting"}


class Said(Struct, frozen=True, kw_only=True):
    """What came of asking."""

    attributes: str = ""
    trip_ms: float = 0.0
    screen: tuple[int, int] | None = None
    """Columns and rows, by how far the cursor goes."""
    modes: dict[str, bool] = {}
    widths: dict[str, int] = {}
    colours: int = 0
    """That were shown to be there; 0: it does not say."""


async def examine(subject: Subject) -> Found:
    dialogue = open_dialogue()
    environment = subject.environment
    if dialogue is None:
        sentence = _("There is no terminal here to ask: what follows is what the environment says.")
        findings = [warning("terminal.absent", sentence, _("Run catgem doctor in a terminal, not in a pipe."))]
        return Found(findings=(*findings, *_judge_names(environment, 0)))
    size = dialogue.size
    try:
        async with dialogue:
            said = await _ask(dialogue, inside="TMUX" in environment)
    except Mute:
        sentence = _("The terminal does not answer questions.")
        remedy = _("The workstation works, without knowing what the terminal can do; a newer terminal would tell.")
        mute = warning("terminal.mute", sentence, remedy)
        return Found(findings=(mute, *_judge_names(environment, 0), _judge_size(tuple(size), None)))
    findings = [
        _judge_trip(said.trip_ms),
        *_judge_names(environment, said.colours),
        _judge_size(tuple(size), said.screen),
        *_judge_environment_size(environment, tuple(size)),
        *_judge_widths(said.widths),
        *_judge_modes(said.modes),
    ]
    facts: dict[str, Any] = {"attributes": said.attributes, "round_trip_ms": round(said.trip_ms, 1), "size": list(size)}
    facts |= {"cursor_reaches": said.screen and list(said.screen), "widths": said.widths, "modes": said.modes}
    around, known = await examine_multiplexer(subject)
    return Found(findings=(*findings, *around), measured={**facts, "colours": said.colours, **known})


async def _ask(dialogue: Dialogue, *, inside: bool) -> Said:
    """Raises Mute."""
    trips = []
    for _number in range(TRIPS):
        answer, seconds = await dialogue.ask(b"")
        trips.append(seconds * 1000)
    attributes = ATTRIBUTES.search(answer)
    said = attributes[1].decode() if attributes else ""
    places, _seconds = await dialogue.ask(b"\x1b7\x1b[9999;9999H\x1b[6n\x1b8")
    reached = PLACE.search(places)
    modes, _seconds = await dialogue.ask(b"".join(b"\x1b[?%s$p" % mode for mode in MODES))
    widths = await _measure(dialogue)
    strings = inside or int(said.partition(";")[0] or 0) >= 60
    return Said(
        attributes=said,
        trip_ms=statistics.median(trips),
        screen=(int(reached[2]), int(reached[1])) if reached else None,
        modes={MODES[number]: value in b"12" for number, value in MODE.findall(modes) if number in MODES},
        widths=widths,
        colours=await _count_colours(dialogue) if strings else 0,
    )


async def _measure(dialogue: Dialogue) -> dict[str, int]:
    """Columns that the cursor goes on by, for each sample. They are written in one empty line and wiped out again."""
    questions = b"".join(b"\r" + text.encode() + b"\x1b[6n\r\x1b[2K" for text, _columns in SAMPLES.values())
    answers, _seconds = await dialogue.ask(questions)
    places = PLACE.findall(answers)
    if len(places) != len(SAMPLES):
        return {}
    return {name: int(column) - 1 for name, (_row, column) in zip(SAMPLES, places, strict=True)}


async def _count_colours(dialogue: Dialogue) -> int:
    """By setting a colour and asking which one is set (DECRQSS)."""
    for colours, parameters, kept in (
        (1 << 24, b"48;2;1;2;3", rb"48[:;]2[:;]+1[:;]2[:;]3"),
        (256, b"48;5;123", rb"48[:;]5[:;]123"),
    ):
        answer, _seconds = await dialogue.ask(b"\x1b[%sm\x1bP$qm\x1b\\\x1b[0m" % parameters)
        shown = SGR.search(answer)
        if shown is None:
            return 0
        if re.search(kept, shown[1]):
            return colours
    return 16


# --- what it means ---


def _judge_trip(milliseconds: float) -> Finding:
    sentence = _("The terminal answers in %.0f ms.") % milliseconds
    if milliseconds <= QUICK_MS:
        return well("terminal.trip", sentence)
    remedy = _("Every key waits so long for its echo. Use a nearer or steadier line; mosh or a wire may help.")
    if milliseconds <= SLOW_MS:
        return warning("terminal.trip", sentence, remedy)
    return warning("terminal.far", sentence, remedy + " " + _("The no-colour theme sends the least."))


def _judge_names(environment: Mapping[str, str], colours: int) -> list[Finding]:
    term, colorterm = environment.get("TERM", ""), environment.get("COLORTERM", "")
    findings = []
    if term in {"", "dumb", "unknown"}:
        sentence = _("TERM is “%s”: programs believe that this terminal can do nothing.") % term
        findings.append(
            fault("terminal.name", sentence, _("Set it to what the terminal is, e.g. TERM=xterm-256color."))
        )
    else:
        findings.append(well("terminal.name", _("TERM is %s.") % term))
    promised = 1 << 24 if colorterm in {"truecolor", "24bit"} else 256 if "256" in term or "direct" in term else 16
    words = {"promised": f"{promised:,}", "real": f"{colours:,}"}
    if colours and promised > colours:
        sentence = _("TERM and COLORTERM promise %(promised)s colours, and the terminal shows %(real)s.") % words
        remedy = _("Unset COLORTERM, or set TERM to what it is: colours will be wrong otherwise.")
        findings.append(warning("terminal.colours", sentence, remedy))
    elif colours > promised:
        sentence = _("The terminal shows %(real)s colours, and TERM and COLORTERM promise only %(promised)s.") % words
        remedy = _("Set COLORTERM=truecolor (over SSH: SendEnv and AcceptEnv).")
        findings.append(warning("terminal.colours", sentence, remedy))
    elif colours:
        findings.append(well("terminal.colours", _("Colours: %s.") % words["real"]))
    else:
        findings.append(well("terminal.colours", _("Colours, as TERM and COLORTERM say: %s.") % words["promised"]))
    encoding = (locale.getpreferredencoding(do_setlocale=False) or "").lower().replace("-", "")
    if encoding != "utf8":
        sentence = _("This session does not speak UTF-8 (%s).") % encoding
        findings.append(fault("terminal.encoding", sentence, _("Set LANG=es_MX.UTF-8 or C.UTF-8.")))
    return findings


def _judge_size(size: tuple[int, ...], reached: tuple[int, int] | None) -> Finding:
    columns, rows = size
    words = {"columns": columns, "rows": rows}
    if reached is not None and reached != (columns, rows):
        words |= {"real_columns": reached[0], "real_rows": reached[1]}
        sentence = (
            _("The terminal says that it is %(columns)d×%(rows)d, and is %(real_columns)d×%(real_rows)d.") % words
        )
        return fault("terminal.size", sentence, _("Set it right: stty cols N rows N, or “resize”; or log in anew."))
    sentence = _("The terminal is %(columns)d×%(rows)d.") % words
    if columns < SMALLEST[0] or rows < SMALLEST[1]:
        return fault("terminal.size", sentence, _("The workstation needs 60×18; 80×24 or more is comfortable."))
    if columns < COMFORTABLE[0] or rows < COMFORTABLE[1]:
        return warning("terminal.size", sentence, _("Make it 80×24 or larger, or its letters smaller."))
    return well("terminal.size", sentence)


def _judge_environment_size(environment: Mapping[str, str], size: tuple[int, ...]) -> list[Finding]:
    said = (environment.get("COLUMNS", ""), environment.get("LINES", ""))
    if all(word in {"", str(real)} for word, real in zip(said, size, strict=True)):
        return []
    sentence = _("COLUMNS and LINES in the environment say another size: %s.") % "×".join(word or "–" for word in said)
    return [warning("terminal.variables", sentence, _("Unset them: unset COLUMNS LINES"))]


def _judge_widths(widths: Mapping[str, int]) -> list[Finding]:
    if not widths:
        return []
    if widths["accent"] != 1:
        sentence = _("The terminal does not read UTF-8: accented letters take two columns.")
        return [fault("terminal.utf8", sentence, _("Switch it to UTF-8, or choose another terminal."))]
    wrong = [name for name, (_text, columns) in SAMPLES.items() if widths[name] != columns]
    findings = []
    if {"ambiguous", "line"} & set(wrong):
        sentence = _("Arrows and lines take two columns here: the screen will be out of line.")
        remedy = _("In the terminal's settings make characters of ambiguous width narrow.")
        findings.append(fault("terminal.ambiguous", sentence, remedy))
    if {"emoji", "joined", "combining"} & set(wrong):
        shown = ", ".join(f"{SAMPLES[name][0]} {widths[name]}" for name in wrong if name not in {"ambiguous", "line"})
        sentence = _("Some characters of citizens' messages take other widths than expected: %s.") % shown
        findings.append(
            warning("terminal.emoji", sentence, _("Lines with them may be ragged; a newer terminal helps."))
        )
    return findings or [well("terminal.widths", _("Letters, lines and emoji have the widths they should."))]


def _judge_modes(modes: Mapping[str, bool]) -> list[Finding]:
    findings = []
    if modes.get("synchronized"):
        findings.append(well("terminal.synchronized", _("The terminal shows whole frames at a time.")))
    else:
        findings.append(well("terminal.synchronized", _("The terminal shows frames as they come, not each at a time.")))
    if modes and not modes.get("pasting"):
        sentence = _("The terminal does not mark what is pasted: pasted lines count as typed.")
        findings.append(warning("terminal.pasting", sentence, _("Paste one line at a time, or use a newer terminal.")))
    return findings
