"""The change log and the currency of a made-up centre."""

from msgspec.structs import replace

from catgem_tui.protocol.editing import Currency, CurrencySpan, Figures, LoggedChange, Publication, Support
from catgem_tui.protocol.model import Record
from tests.ui import scenes
from tests.ui.scenes import NOW, RECORDS

DAY = 86_400


def changed(number: int, before: Record | None, after: Record, who: str = "Eva Nava", **fields: object) -> LoggedChange:
    return LoggedChange(
        number=number, record=after.id, title=after.title, at=NOW - (60 - number) * 3600, who=who, before=before,
        after=after, digest=f"{number:064x}", support=Support(reference=f"Oficio {number}/2026"), **fields,  # type: ignore[arg-type]
    )  # fmt: skip


LINES = (
    changed(52, replace(RECORDS[0], phone="7225550199", hours=""), RECORDS[0], comment="El anterior ya no existe.",
            approved_by="Luis Peña"),
    changed(51, RECORDS[2], replace(RECORDS[2], retired=True), "Luis Peña"),
    changed(50, RECORDS[1], replace(RECORDS[1], retired=True, merged_into="r1")),
    changed(49, None, RECORDS[3], "catgem central import"),
)  # fmt: skip
LOG = replace(scenes.KEEPING, keeping=replace(scenes.KEEPING.keeping, log=LINES, log_more=True))
CURRENCY = replace(
    scenes.KEEPING,
    keeping=replace(
        scenes.KEEPING.keeping,
        currency=Currency(
            count=9, document_median=1620.0, document_p95=13_000.0, document_max=250_000.0, reach_median=0.041,
            reach_p95=2.4, reach_max=65.0,
            spans=(
                CurrencySpan(since=NOW - NOW % DAY, count=7,
                             document=Figures(median=1620.0, p95=13_000.0, max=13_000.0),
                             reach=Figures(median=0.041, p95=2.4, max=2.4)),
                CurrencySpan(since=NOW - NOW % DAY - DAY),
                CurrencySpan(since=NOW - NOW % DAY - 2 * DAY, count=2, reach=Figures(median=0.3, p95=65.0, max=65.0)),
            ),
            slowest=(
                Publication(change="a", who="Eva Nava", title=RECORDS[0].title, published_at=NOW - 300, workstations=52,
                            confirmed=50, late=("Raúl Ortega", "Patricia Salinas")),
                Publication(change="b", who="Eva Nava", title=RECORDS[2].title, published_at=NOW - 2 * DAY,
                            workstations=48, confirmed=48, reached_at=NOW - 2 * DAY + 65, last="Jorge Camacho"),
            ),
        ),
    ),
)  # fmt: skip
