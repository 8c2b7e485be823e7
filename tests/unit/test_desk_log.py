"""The change log at an information manager's desk: what is shown while central is asked, and what an export ends in."""

from catgem_tui.desk.effects import ExportLog, FetchChanges, RunErrand
from catgem_tui.desk.happenings import ErrandDone, ErrandProgress, LoggedIn
from catgem_tui.desk.intents import AskKeeping
from catgem_tui.desk.keeping import KeepingView, Transfer
from catgem_tui.desk.model import Model
from catgem_tui.desk.reduce import reduce
from catgem_tui.protocol.editing import ChangePage, LoggedChange
from catgem_tui.protocol.enums import Role
from catgem_tui.protocol.model import User

EXPORT = ExportLog("/casa/bitacora.csv")


def line(number: int) -> LoggedChange:
    return LoggedChange(number=number, record="r1", at=1.0, who="Eva")


class Keeper:
    def __init__(self) -> None:
        self.model = Model()
        self.hear(LoggedIn(User(id="u", username="eva", name="Eva", role=Role.INFORMATION_MANAGER)))

    def hear(self, happening: object) -> list[object]:
        self.model, done = reduce(self.model, happening, 1000.0)
        return list(done)

    @property
    def view(self) -> KeepingView:
        return self.model.view.keeping

    def notices(self) -> list[str]:
        return [
            f"{it.code} {it.args.get('path', '')} {it.args.get('system', '')}".strip() for it in self.model.view.notices
        ]


def test_what_was_found_stays_until_the_next_answer_and_a_late_answer_is_dropped() -> None:
    eva = Keeper()
    first, second = FetchChanges((("text", "ine"),)), FetchChanges((("text", "sre"),))
    assert RunErrand(first) in eva.hear(AskKeeping(first))
    eva.hear(ErrandDone(first, ChangePage(items=(line(9), line(8)), more=True)))
    assert ([it.number for it in eva.view.log], eva.view.log_more, eva.view.log_waits) == ([9, 8], True, False)
    eva.hear(AskKeeping(FetchChanges(first.wanted, before=8)))
    eva.hear(ErrandDone(FetchChanges(first.wanted, before=8), ChangePage(items=(line(7),))))
    assert ([it.number for it in eva.view.log], eva.view.log_more) == ([9, 8, 7], False)
    eva.hear(AskKeeping(second))
    assert (len(eva.view.log), eva.view.log_waits) == (3, True)
    eva.hear(ErrandDone(first, ChangePage(items=(line(9),))))
    assert (len(eva.view.log), eva.view.log_waits) == (3, True)
    eva.hear(ErrandDone(second, failure="unreachable"))
    assert (eva.view.problem, eva.view.log_waits) == ("unreachable", False)


def test_what_is_new_goes_before_the_lines_that_are_here() -> None:
    eva = Keeper()
    asked = FetchChanges(())
    eva.hear(AskKeeping(asked))
    eva.hear(ErrandDone(asked, ChangePage(items=(line(9), line(8)), more=True)))
    eva.hear(ErrandDone(FetchChanges((), before=8), ChangePage(items=(line(7),))))
    eva.hear(AskKeeping(asked))
    eva.hear(ErrandDone(asked, ChangePage(items=(line(10), line(9)), more=True)))
    assert ([it.number for it in eva.view.log], eva.view.log_more) == ([10, 9, 8, 7], False)
    eva.hear(ErrandDone(asked, ChangePage(items=(line(30), line(29)), more=True)))
    assert ([it.number for it in eva.view.log], eva.view.log_more) == ([30, 29], True), "no hole between them"


def test_an_export_says_how_far_it_is_and_where_it_ended() -> None:
    eva = Keeper()
    eva.hear(AskKeeping(EXPORT))
    eva.hear(ErrandProgress(EXPORT, 5000, 0))
    assert eva.view.transfer == Transfer(EXPORT.path, 5000, 0)
    eva.hear(ErrandDone(EXPORT, 9000))
    assert eva.view.transfer is None
    assert eva.notices() == ["exported /casa/bitacora.csv"]


def test_an_export_that_fails_says_whether_the_file_or_the_line_was_at_fault() -> None:
    eva = Keeper()
    eva.hear(AskKeeping(EXPORT))
    eva.hear(ErrandDone(EXPORT, failure="not_written", detail="ENOSPC"))
    eva.hear(ErrandDone(EXPORT, failure="unreachable"))
    eva.hear(ErrandDone(EXPORT, failure="cancelled"))
    assert eva.notices() == ["export_failed /casa/bitacora.csv ENOSPC", "not_exported", "export_stopped"]
    assert (eva.view.problem, eva.view.transfer) == ("", None)
