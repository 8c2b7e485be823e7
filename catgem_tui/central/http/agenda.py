"""Routes: what waits for the information managers, deciding about it, and how current the directory is."""

from typing import Annotated, Any

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from catgem_tui.central.auth.roles import EVERYONE
from catgem_tui.central.directory.validation import RefusedChange
from catgem_tui.central.http.changes import READERS
from catgem_tui.central.http.problems import ProblemError
from catgem_tui.central.http.services import Given
from catgem_tui.protocol.editing import Answer, ChangeOutcome, Currency, Decision, Proposal, Report, Work
from catgem_tui.protocol.enums import MANAGER_ROLES
from catgem_tui.protocol.model import User

_STATUS = {"not_found": 404, "own_proposal": 403, "not_allowed": 403, "wrong_state": 409, "too_long": 413}


def _problem(error: RefusedChange) -> ProblemError:
    return ProblemError(_STATUS.get(error.code, 400), error.code, error.detail)


@get("/directory/proposals/{proposal:str}", opt={"roles": MANAGER_ROLES})
async def show_proposal(request: Request[User, Any, Any], proposal: FromPath[str], services: Given) -> Proposal:
    """What was asked for, beside what is. 404 ``not_found``."""
    try:
        return await services.changes.proposal(proposal, request.user)
    except RefusedChange as error:
        raise _problem(error) from error


@post("/directory/proposals/{proposal:str}", opt={"roles": MANAGER_ROLES}, status_code=200)
async def decide(
    request: Request[User, Any, Any], proposal: FromPath[str], data: JSONBody[Decision], services: Given
) -> ChangeOutcome:
    """Approve or reject what somebody else proposed, or withdraw one's own. 404 ``not_found``; 403 ``own_proposal``,
    ``not_allowed``; 409 ``wrong_state``; 400 ``malformed`` (a rejection wants a reason); 413 ``too_long``."""
    try:
        return await services.changes.decide(proposal, data, request.user)
    except RefusedChange as error:
        raise _problem(error) from error


@get("/directory/work", opt={"roles": MANAGER_ROLES})
async def work(request: Request[User, Any, Any], services: Given) -> Work:
    """Everything that waits for somebody."""
    return await services.agenda.read(request.user)


@post("/directory/reports/{report:str}", opt={"roles": MANAGER_ROLES}, status_code=200)
async def answer_report(
    request: Request[User, Any, Any], report: FromPath[str], data: JSONBody[Answer], services: Given
) -> Report:
    """End a report. 404 ``not_found``; 409 ``wrong_state`` when it is closed; 413 ``too_long``."""
    try:
        return await services.agenda.answer(report, data, request.user)
    except RefusedChange as error:
        raise _problem(error) from error


@get("/directory/reports", opt={"roles": EVERYONE})
async def own_reports(
    request: Request[User, Any, Any], services: Given, since: Annotated[float, QueryParameter(ge=0)] = 0.0
) -> tuple[Report, ...]:
    """One's own reports that were answered after an instant, the first answer first."""
    return await services.agenda.answered_since(request.user, since)


@get("/directory/currency", opt={"roles": READERS})
async def currency(services: Given, days: Annotated[int, QueryParameter(ge=1, le=3660)] = 30) -> Currency:
    """How quickly the changes of the last days reached everyone."""
    return await services.currency.figures(days)


ROUTES = [show_proposal, decide, work, answer_report, own_reports, currency]
