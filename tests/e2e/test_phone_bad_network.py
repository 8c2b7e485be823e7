"""Sound that is lost and late: the call goes on, and what is told of it is true."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from catgem_tui.desk.state import Quality
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import (
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Dial,
    EngineSettings,
    Gate,
    Play,
    QualityMeasured,
)
from catgem_tui.selftest.sound import write_tone
from catgem_tui.ui.panes.strips import _qualities
from tests.lossy import LossyWay
from tests.phone_set import Set

pytestmark = pytest.mark.require_module("pjsua2")


@pytest.fixture
async def pair() -> AsyncIterator[tuple[Set, Set]]:
    both = (
        Set(EngineClient(EngineSettings(gate=Gate.OPEN, sound=False))),
        Set(EngineClient(EngineSettings(gate=Gate.OPEN, sound=False))),
    )
    for one in both:
        await one.start()
    yield both
    for one in both:
        await one.stop()


async def measured(phone: Set, call: str) -> QualityMeasured:
    """The second from now: the first tells also of before."""
    await phone.next(QualityMeasured, call=call)
    return await phone.next(QualityMeasured, call=call)


async def test_what_is_lost_and_late_is_told(pair: tuple[Set, Set], tmp_path: Path) -> None:
    ana, berta = pair
    tone = tmp_path / "tone.wav"
    write_tone(tone, 440.0, seconds=2.0)
    way = LossyWay(berta.uri)
    try:
        await ana.do(Dial(call="out", uri=way.uri))
        arrived = await berta.next(CallArrived)
        await berta.do(Answer(call=arrived.call))
        await ana.next(CallChanged, call="out", state=CallState.CONFIRMED, media=True)
        await ana.do(Play(player="a", path=str(tone), loop=True, to=("out",)))
        await berta.do(Play(player="b", path=str(tone), loop=True, to=(arrived.call,)))
        whole = await measured(ana, "out")
        assert whole.loss < 0.02
        assert word(whole) == "buena"
        way.loss = 0.2
        way.jitter = 0.02
        lossy = await measured(ana, "out")
        assert 0.1 < lossy.loss < 0.35
        assert lossy.jitter_ms > whole.jitter_ms
        assert word(lossy) == "mala"
        way.loss = way.jitter = 0.0
        again = await measured(ana, "out")
        assert again.loss < 0.02
        assert not [e for e in ana.heard if isinstance(e, CallChanged) and e.state is CallState.ENDED]
    finally:
        way.close()


def word(told: QualityMeasured) -> str:
    """What the strip calls it."""
    quality = Quality(told.codec, told.round_trip_ms, told.jitter_ms, told.loss, told.mos)
    return str(_qualities(quality, 0)[-1][1][0])
