"""What stands between the terminal and us: tmux, screen, SSH."""

import asyncio
from typing import Any

from catgem_tui.config.i18n import _
from catgem_tui.doctor.finding import Finding, Subject, warning, well

LONGEST_ESCAPE_MS = 50
PATIENCE = 2.0
_ASKED = ("escape-time", "allow-passthrough", "extended-keys")


async def examine_multiplexer(subject: Subject) -> tuple[list[Finding], dict[str, Any]]:
    """Findings, and what was measured."""
    environment = subject.environment
    findings: list[Finding] = []
    known: dict[str, Any] = {}
    if environment.get("SSH_CONNECTION"):
        findings.append(well("terminal.ssh", _("This is an SSH session.")))
        known["ssh"] = True
    if environment.get("STY"):
        sentence = _("This is inside screen, which shows few colours and hands on no notifications.")
        findings.append(warning("terminal.screen", sentence, _("Use tmux instead, or the terminal itself.")))
    if environment.get("TMUX"):
        options = await _ask_tmux()
        known["tmux"] = options
        findings += _judge_tmux(options, notifies=subject.settings.workstation.ring.notification != "off")
    return findings, known


async def _ask_tmux() -> dict[str, str]:
    """Its options by their names; empty when it does not tell."""
    options = {}
    for name in _ASKED:
        value = await _run("tmux", "show-options", "-gwqv", name) or await _run("tmux", "show-options", "-gqv", name)
        value = value or await _run("tmux", "show-options", "-sqv", name)
        if value:
            options[name] = value
    features = await _run("tmux", "display-message", "-p", "#{client_termfeatures}")
    return {**options, "features": features} if features else options


async def _run(*command: str) -> str:
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return ""
    try:
        async with asyncio.timeout(PATIENCE):
            output, _errors = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return ""
    return output.decode("utf-8", "replace").strip()


def _judge_tmux(options: dict[str, str], *, notifies: bool) -> list[Finding]:
    findings = [well("terminal.tmux", _("This is inside tmux."))]
    wait = options.get("escape-time", "")
    if wait.isdecimal() and int(wait) > LONGEST_ESCAPE_MS:
        sentence = _("tmux holds the Esc key back for %s ms.") % wait
        findings.append(
            warning("terminal.escape", sentence, _("Write into ~/.tmux.conf: %s") % "set -sg escape-time 10")
        )
    if notifies and options.get("allow-passthrough", "off") == "off":
        sentence = _("tmux hands no notification of an offer on to the desktop.")
        remedy = _("Write into ~/.tmux.conf: %s") % "set -g allow-passthrough on"
        findings.append(warning("terminal.passthrough", sentence, remedy))
    features = options.get("features", "").split(",")
    if "features" in options and "RGB" not in features:
        sentence = _("tmux does not hand all colours on to the terminal.")
        remedy = _("Write into ~/.tmux.conf: %s") % 'set -as terminal-features ",*:RGB"'
        findings.append(warning("terminal.tmux_colours", sentence, remedy))
    return findings
