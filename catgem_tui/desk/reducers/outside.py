"""An advisor's telephone outside, as central tells of it."""

from catgem_tui.desk.intents import SetMute
from catgem_tui.desk.model import Turn
from catgem_tui.desk.reducers import telephone
from catgem_tui.desk.state import Severity
from catgem_tui.protocol import commands
from catgem_tui.protocol.enums import OutsideState, Refusal
from catgem_tui.protocol.model import Advisor, Struct

REFUSED = {
    Refusal.NOT_ALLOWED: "outside_not_allowed",
    Refusal.MALFORMED: "outside_malformed",
    Refusal.NO_OUTSIDE: "outside_no_numbers",
    Refusal.WRONG_STATE: "outside_in_call",
}
"""Why central does not call a telephone outside, in words that fit."""


def hear(turn: Turn, before: Advisor | None, after: Advisor) -> None:
    """What became of it since we heard of it last."""
    if before is None or before.outside_state is after.outside_state:
        return
    turn.withdraw_notices("outside_lost", "outside_there", *REFUSED.values())
    args = {"address": after.outside_phone}
    if after.outside_state is OutsideState.LOST:
        turn.notify("outside_lost", Severity.WARNING, args=args)
    elif after.outside_state is OutsideState.ON_THE_LINE:
        turn.notify("outside_there", Severity.INFORMATION, args=args)


def word(turn: Turn, body: Struct, code: Refusal) -> bool:
    """Say why central does not call a telephone outside, if that is what was refused."""
    if not isinstance(body, commands.SetOutsidePhone) or code not in REFUSED:
        return False
    turn.notify(REFUSED[code], args={"address": body.address})
    return True


def is_used(turn: Turn) -> bool:
    """Whether calls are taken with it."""
    return turn.view.me is not None and bool(turn.view.me.outside_phone)


def mute(turn: Turn, intent: SetMute) -> None:
    """Whichever telephone this person works with."""
    if is_used(turn):
        turn.command(commands.MuteOutside(muted=intent.muted))
    else:
        telephone.mute(turn, intent)
