"""Supporting documents over HTTP, with a real central."""

import asyncio
import errno
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from catgem_tui.central.app import Central
from catgem_tui.central.directory.documents import safe_name, safe_type
from catgem_tui.protocol.editing import LARGEST_DOCUMENT, ChangeRequest, Support
from catgem_tui.protocol.enums import RecordKind, Role
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.model import Record
from tests.central_house import client_of, eventually, hire, log_in, running_central

pytestmark = pytest.mark.usefixtures("central_database")

SCAN = b"%PDF-1.7\n" + bytes(range(256)) * 4000


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Central]:
    async with running_central(tmp_path / "data") as central:
        await hire(central, "irma", Role.INFORMATION_MANAGER)
        yield central


def files(house: Central) -> list[str]:
    return sorted(path.name for path in house.folder.documents.iterdir())


async def begin_upload(house: Central, size: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which a file of ``size`` bytes is announced and has not been sent yet."""
    token = (await log_in(house.url, "irma")).access_token
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    head = f"POST /api/v1/directory/documents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    writer.write(f"{head}Content-Length: {size}\r\n\r\n".encode())
    return reader, writer


async def test_a_document_is_kept_under_its_digest_and_can_support_a_change(house: Central) -> None:
    await hire(house, "coordina", Role.COORDINATOR)
    async with client_of(house.url, "irma") as irma, client_of(house.url, "coordina") as coordina:
        kept = await irma.post(
            "/directory/documents",
            params={"name": "../Oficio «ñandú»\r\n.pdf"},
            headers={"Content-Type": "application/pdf; charset=x"},
            content=SCAN,
        )
        sha256 = hashlib.sha256(SCAN).hexdigest()
        assert kept.status_code == 201
        document = kept.json()
        assert (document["sha256"], document["size"], document["media_type"]) == (sha256, len(SCAN), "application/pdf")
        assert files(house) == [sha256]

        read = await coordina.get(f"/directory/documents/{sha256}")
        assert (read.status_code, read.content, read.headers["content-type"]) == (200, SCAN, "application/pdf")
        assert read.headers["x-content-type-options"] == "nosniff"
        assert read.headers["content-disposition"] == (
            "attachment; filename=\"Oficio __and__ .pdf\"; filename*=UTF-8''Oficio%20%C2%AB%C3%B1and%C3%BA%C2%BB%20.pdf"
        )

        record = Record(id="a", kind=RecordKind.OFFICE, title="Módulo", revision=0)
        request = ChangeRequest(id=new_id(), records=(record,), support=Support(document=sha256))
        assert (await irma.post("/directory/changes", content=msgspec.json.encode(request))).status_code == 200


async def test_the_same_document_again_is_one_file_with_its_first_name(house: Central) -> None:
    async with client_of(house.url, "irma") as irma:

        async def send(name: str) -> dict[str, object]:
            answer = await irma.post("/directory/documents", params={"name": name}, content=SCAN)
            found: dict[str, object] = answer.json()
            return found

        first = await send("uno.pdf")
        both = await asyncio.gather(send("dos.pdf"), send("tres.pdf"))
        assert both == [first, first]
        assert files(house) == [first["sha256"]]
        assert (await irma.get(f"/directory/documents/{first['sha256']}")).content == SCAN


async def test_too_large_and_empty_documents_are_refused_and_leave_nothing(house: Central) -> None:
    async def blocks() -> AsyncIterator[bytes]:
        for _ in range((LARGEST_DOCUMENT >> 20) + 1):
            yield bytes(1 << 20)

    reader, writer = await begin_upload(house, LARGEST_DOCUMENT + 1)
    assert b" 413 " in await reader.readline(), "nobody has to send what will be refused"
    writer.close()
    async with client_of(house.url, "irma") as irma:
        streamed = await irma.post("/directory/documents", content=blocks())
        assert (streamed.status_code, streamed.json()["code"]) == (413, "too_long")
    async with client_of(house.url, "irma") as irma:
        empty = await irma.post("/directory/documents", content=b"")
        assert (empty.status_code, empty.json()["code"]) == (400, "malformed")
        unknown = await irma.get(f"/directory/documents/{'0' * 64}")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
        for outside in ("..%2Fcentral.sqlite", "%2e%2e%2fcentral.sqlite", "A" * 64):
            assert (await irma.get(f"/directory/documents/{outside}")).status_code == 404
    assert files(house) == []


async def test_a_sender_that_goes_away_leaves_nothing(house: Central) -> None:
    _reader, writer = await begin_upload(house, 1_000_000)
    writer.write(SCAN[:500_000])
    await writer.drain()
    await eventually(lambda: len(files(house)) == 1)
    writer.close()
    await eventually(lambda: files(house) == [])


async def test_a_full_disk_is_a_storage_problem_and_leaves_nothing(
    house: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with client_of(house.url, "irma") as irma:
        with monkeypatch.context() as disk:
            disk.setattr("catgem_tui.central.directory.documents.os.fsync", full)
            answer = await irma.post("/directory/documents", content=SCAN)
        assert (answer.status_code, answer.json()["code"]) == (503, "storage")
        assert files(house) == []
        assert (await irma.post("/directory/documents", content=SCAN)).status_code == 201


async def test_what_a_crash_left_is_thrown_away_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "documents"
    folder.mkdir(parents=True)
    (folder / "tmpx.part").write_bytes(b"half")
    async with running_central(tmp_path / "data") as house:
        assert files(house) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\papeles\\oficio.pdf", "oficio.pdf"),
        ("/etc/passwd", "passwd"),
        ("..", "document"),
        ("", "document"),
        ('a"b\x1b[2J.pdf', "a_b[2J.pdf"),
        ("x" * 900 + ".pdf", "x" * 146 + ".pdf"),
    ],
    ids=["windows", "absolute", "dots", "empty", "controls", "long"],
)
def test_names_are_made_harmless(given: str, kept: str) -> None:
    assert safe_name(given) == kept


def test_odd_media_types_are_any_bytes() -> None:
    assert safe_type("Text/Plain; charset=utf-8") == "text/plain"
    assert {safe_type(odd) for odd in ("", "pdf", "a/b\r\nX: y", "a/" + "b" * 99)} == {"application/octet-stream"}
