"""A program that keeps a copy of the directory current until it is killed.

    python tests/copy_child.py URL TOKEN COPY MOST_FRESH

Says ``ready`` before it opens the copy. Pulls what changed at central again and again, and after each change that it
has everything of lets ``MOST_FRESH`` of them bring a new index.
"""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from catgem_tui.desk.source import CentralSource  # noqa: E402
from catgem_tui.directory.local import LocalCopy  # noqa: E402
from catgem_tui.directory.sync import Directory  # noqa: E402
from catgem_tui.link.address import Address, Failed, parse_address  # noqa: E402
from catgem_tui.link.api import Api  # noqa: E402

T = TypeVar("T")
PAUSE = 0.02


async def main(url: str, token: str, copy: str, most_fresh: str) -> None:
    address = parse_address(url)
    assert isinstance(address, Address)
    api = Api(address)
    LocalCopy.MOST_FRESH, LocalCopy.RETRY = int(most_fresh), 0.1

    async def ask(question: Callable[[Api, str], Awaitable[T | Failed]]) -> T | None:
        answer = await question(api, token)
        return None if isinstance(answer, Failed) else answer

    directory = Directory(Path(copy), CentralSource(ask), lambda: None)
    print("ready", flush=True)
    await directory.start()
    directory.attend()
    while True:
        directory.pull()
        await asyncio.sleep(PAUSE)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    asyncio.run(main(*sys.argv[1:]))
