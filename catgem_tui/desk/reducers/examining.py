"""The examination of this workstation, as this person asked for it."""

from msgspec.structs import replace

from catgem_tui.desk.effects import RunExamination, StopExamination
from catgem_tui.desk.happenings import ExaminationOver, PartExamined
from catgem_tui.desk.intents import Examine, StopExamining
from catgem_tui.desk.model import Turn
from catgem_tui.desk.state import Examination


def begin(turn: Turn, intent: Examine) -> None:
    """What was found of other parts stays."""
    before = turn.view.examination
    if before.going or not intent.parts:
        return
    found = {part: findings for part, findings in before.found.items() if part not in intent.parts}
    turn.show(examination=Examination(going=intent.parts, found=found))
    turn.perform(RunExamination(intent.parts))


def stop(turn: Turn, _intent: StopExamining) -> None:
    if turn.view.examination.going:
        turn.perform(StopExamination())


def hear(turn: Turn, event: PartExamined) -> None:
    before = turn.view.examination
    going = tuple(part for part in before.going if part != event.part)
    turn.show(examination=replace(before, going=going, found={**before.found, event.part: event.found}))


def end(turn: Turn, event: ExaminationOver) -> None:
    turn.show(examination=replace(turn.view.examination, going=(), failed=event.failed))
