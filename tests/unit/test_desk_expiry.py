"""What comes into the lists is told once, to each who keeps the directory, with the record's name."""

from catgem_tui.desk import effects
from catgem_tui.desk.happenings import ErrandDone, LoggedIn
from catgem_tui.desk.model import Model
from catgem_tui.desk.reduce import reduce
from catgem_tui.protocol.editing import Due, Report, Work, WorkCounts
from catgem_tui.protocol.enums import Role
from catgem_tui.protocol.events import FLOOR, WorkChanged
from catgem_tui.protocol.model import User
from catgem_tui.protocol.session import EventArrived

EVA = User(id="u", username="eva", name="Eva", role=Role.INFORMATION_MANAGER)
INE = Due(record="ine", title="Convenio con el INE", at=1_800_000_000.0)
SRE = Due(record="sre", title="Convenio con la SRE", at=1_800_100_000.0)


class Keeper:
    def __init__(self, *kept: effects.KeepText) -> None:
        self.model = Model()
        self.kept: tuple[effects.KeepText, ...] = ()
        self.hear(LoggedIn(EVA, texts=kept))

    def hear(self, happening: object) -> None:
        self.model, done = reduce(self.model, happening, 1_799_000_000.0)
        self.kept += tuple(it for it in done if isinstance(it, effects.KeepText))

    def told(self, *expiring: Due) -> list[str]:
        """What is said when the list comes."""
        before = self.model.notices
        work = Work(counts=WorkCounts(expiring=len(expiring)), expiring=expiring)
        self.hear(ErrandDone(effects.FetchWork(), work))
        notices = [it for it in self.model.view.notices if it.id > before]
        return [f"{it.code} {it.args['title']} {it.args['more']}" for it in notices]


def test_each_is_told_once_also_after_logging_in_again() -> None:
    eva = Keeper()
    assert eva.told(INE) == ["expiring Convenio con el INE 0"]
    assert eva.told(INE) == []
    assert eva.told(INE, SRE) == ["expiring Convenio con la SRE 0"]
    again = Keeper(eva.kept[-1])
    assert again.told(INE, SRE) == []
    assert again.told(SRE) == []


def test_several_are_one_notice_and_a_renewed_one_is_told_when_its_new_end_comes_near() -> None:
    eva = Keeper()
    assert eva.told(INE, SRE) == ["several_expiring Convenio con el INE 1"]
    assert eva.told(SRE) == []
    renewed = Due(record="ine", title=INE.title, at=INE.at + 365 * 86_400)
    assert Keeper(eva.kept[-1]).told(renewed, SRE) == ["expiring Convenio con el INE 0"]


def test_what_cannot_be_read_is_told_again_rather_than_never() -> None:
    eva = Keeper(effects.KeepText("expiring", "told", "{"))
    assert eva.told(INE) == ["expiring Convenio con el INE 0"]


def test_a_report_is_told_with_the_record_that_it_is_about_once_the_list_has_it() -> None:
    eva = Keeper()
    old = Report(id="p1", record="ine", at=1.0, who="Ana", title="INE")
    new = Report(id="p2", record="sre", at=2.0, who="Ana", title="SRE")
    eva.hear(ErrandDone(effects.FetchWork(), Work(counts=WorkCounts(reports=1), reports=(old,))))
    assert eva.model.view.notices == ()
    counts = WorkCounts(reports=2)
    eva.hear(EventArrived(topic=FLOOR, seq=1, body=WorkChanged(counts=counts)))
    eva.hear(ErrandDone(effects.FetchWork(), Work(counts=counts, reports=(old, new))))
    assert [(notice.code, notice.title) for notice in eva.model.view.notices] == [("report_came", "SRE")]
