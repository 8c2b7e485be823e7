"""The whole directory at once: out of a real central, resumed at a byte, into a copy; cut short and altered."""

import gzip
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from catgem_tui.central.app import Central
from catgem_tui.directory import ingesting
from catgem_tui.directory.sealing import Sealer, stream_cipher
from catgem_tui.directory.store import Store, compare, read_records
from catgem_tui.protocol.enums import RecordKind, Role
from catgem_tui.protocol.model import Record
from tests.central_house import client_of, hire, running_central

COUNT = 1_200
SECRET = "celular reservado 5512345678"


def written(folder: Path) -> list[Path]:
    """Everything that the copy, its index and the download left on disk."""
    left = [*folder.glob("d.sqlite*"), *folder.glob("*.part"), *(folder / "d.index").rglob("*")]
    return [each for each in left if each.is_file()]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Central]:
    async with running_central(tmp_path / "data") as central:
        await hire(central, "ana")
        await hire(central, "ines", Role.INFORMATION_MANAGER)
        records = [
            Record(
                id=f"r{number}",
                kind=RecordKind.OFFICE,
                title=f"oficina {number}",
                revision=0,
                restricted={"mobile": SECRET},
            )
            for number in range(COUNT)
        ]
        await central.directory.import_records(records, "test", "test")
        yield central


async def test_a_download_goes_on_at_any_byte_while_its_file_is_there(house: Central) -> None:
    async with client_of(house.url, "ana") as ana:
        whole = await ana.get("/directory/copy")
        here = {"Range": "bytes=1000-", "If-Range": whole.headers["etag"]}
        rest = await ana.get("/directory/copy", headers=here)
        other = await ana.get("/directory/copy", headers={**here, "If-Range": '"another"'})
        beyond = await ana.get("/directory/copy", headers={"Range": f"bytes={len(whole.content)}-"})
    assert (rest.status_code, whole.content[:1000] + rest.content) == (206, whole.content)
    assert (other.status_code, other.content) == (200, whole.content)
    assert beyond.status_code == 416
    assert len(gzip.decompress(whole.content).splitlines()) == COUNT + 1


async def test_restricted_fields_are_for_those_who_may_see_them(house: Central) -> None:
    async with client_of(house.url, "ana") as ana, client_of(house.url, "ines") as ines:
        asked = "/directory/copy?restricted=true"
        assert SECRET.encode() not in gzip.decompress((await ana.get(asked)).content)
        assert SECRET.encode() in gzip.decompress((await ines.get(asked)).content)
        some = (await ana.post("/directory/some", json={"ids": ["r7", "there is none"]})).json()["records"]
    assert [record["id"] for record in some] == ["r7"]
    assert "restricted" not in some[0]


async def test_a_download_fills_a_copy_that_is_equal_to_central_and_seals_what_is_restricted(
    house: Central, tmp_path: Path
) -> None:
    async with client_of(house.url, "ines") as ines:
        content = (await ines.get("/directory/copy?restricted=true")).content
        sums = (await ines.get("/directory/sums")).json()["sums"]
    key = Fernet.generate_key()
    copy, file = tmp_path / "d.sqlite", tmp_path / "p1.part"
    store = Store(copy)
    await store.open()
    await store.close()
    file.write_bytes(stream_cipher(key, file.name, 0).update(content))
    job = ingesting.Job(str(copy), str(tmp_path / "d.index"), str(file), key.decode())
    assert ingesting.ingest(job) == 0
    assert (list(compare(copy)[0]), compare(copy)[1]) == (sums, [])
    assert [left for left in written(tmp_path) if SECRET.encode() in left.read_bytes()] == []

    connection = sqlite3.connect(copy)
    ((sealed_key,),) = connection.execute("SELECT key FROM records WHERE id = 'r7'").fetchall()
    assert read_records(connection, [sealed_key], Sealer(key))[sealed_key].restricted == {"mobile": SECRET}
    assert read_records(connection, [sealed_key], Sealer(Fernet.generate_key()))[sealed_key].restricted == {}

    before = connection.execute("SELECT cursor, epoch, mark, identity FROM place").fetchone()
    file.write_bytes(stream_cipher(key, file.name, 0).update(content[:-300]))
    with pytest.raises(EOFError):
        ingesting.ingest(job)
    assert connection.execute("SELECT cursor, epoch, mark, identity FROM place").fetchone() == before
    assert list(compare(copy)[0]) == sums

    with connection:
        connection.execute("UPDATE records SET body = replace(body, 'oficina', 'otra') WHERE id = 'r9'")
        connection.execute("DELETE FROM records WHERE id = 'r11'")
    connection.close()
    mine, damaged, _pairs = compare(copy)
    assert damaged == ["r9"]
    assert sum(one != other for one, other in zip(mine, sums, strict=True)) == 1
