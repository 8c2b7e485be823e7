"""A telephone without an engine, for tests and for the script of a story."""

from catgem_tui.phone.fake.calls import Exchange
from catgem_tui.phone.fake.phone import FakePhone

__all__ = ["Exchange", "FakePhone"]
