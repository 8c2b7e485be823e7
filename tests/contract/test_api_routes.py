"""Central's HTTP API, asked over a real socket."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from litestar.routes import HTTPRoute

from catgem_tui.central.app import Central
from catgem_tui.central.http.site import build_site
from catgem_tui.central.ports import ContactArrived, RecordingStarted
from catgem_tui.protocol.enums import Channel, RecordKind, Role
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.model import Citizen, Record
from tests.central_house import PASSWORD, Desk, client_of, eventually, hire, log_in, running_central


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Central]:
    async with running_central(tmp_path / "data") as central:
        yield central


async def anyone(house: Central, method: str, path: str, **arguments: object) -> httpx.Response:
    async with httpx.AsyncClient(base_url=f"{house.url}/api/v1", trust_env=False) as client:
        return await client.request(method, path, **arguments)  # type: ignore[arg-type]


async def test_health_tells_what_runs(house: Central) -> None:
    answer = await anyone(house, "GET", "/health")
    assert answer.status_code == 200
    assert answer.json()["ok"] is True
    assert answer.json()["protocol"] == 1


async def test_login_gives_tokens_and_the_user(house: Central) -> None:
    await hire(house, "ana")
    session = await log_in(house.url, " Ana ")
    assert session.user.username == "ana"
    assert session.access_expires_in > 0
    async with client_of(house.url, "ana") as client:
        assert (await client.get("/me")).json()["id"] == session.user.id


@pytest.mark.parametrize(("username", "password"), [("ana", "otra-clave"), ("nadie", PASSWORD), ("", ""), ("ana", "")])
async def test_a_wrong_password_and_an_unknown_user_are_told_alike(
    house: Central, username: str, password: str
) -> None:
    await hire(house, "ana")
    answer = await anyone(house, "POST", "/session", json={"username": username, "password": password})
    assert (answer.status_code, answer.json()) == (401, {"code": "wrong_credentials"})


async def test_guessing_passwords_is_stopped(tmp_path: Path) -> None:
    async with running_central(tmp_path / "data", login_attempts=3) as house:
        await hire(house, "ana")
        await hire(house, "bea")
        codes = []
        for _ in range(4):
            answer = await anyone(house, "POST", "/session", json={"username": "ana", "password": "x"})
            codes.append(answer.status_code)
        right = await anyone(house, "POST", "/session", json={"username": "ana", "password": PASSWORD})
        assert codes == [401, 401, 401, 429]
        assert right.json()["code"] == "too_many_attempts"
        assert (await log_in(house.url, "bea")).user.username == "bea"


async def test_a_refresh_token_is_used_up_and_a_lost_answer_is_forgiven(house: Central) -> None:
    await hire(house, "ana")
    first = await log_in(house.url, "ana")
    second = await anyone(house, "POST", "/session/refresh", json={"refresh_token": first.refresh_token})
    again = await anyone(house, "POST", "/session/refresh", json={"refresh_token": first.refresh_token})
    assert (second.status_code, again.status_code) == (200, 200)
    old = await anyone(house, "GET", "/me", headers={"Authorization": f"Bearer {first.access_token}"})
    assert (old.status_code, old.json()["code"]) == (401, "expired")
    invented = await anyone(house, "POST", "/session/refresh", json={"refresh_token": "inventado"})
    assert (invented.status_code, invented.json()["code"]) == (401, "expired")


async def test_a_refresh_token_used_again_much_later_ends_the_session(
    house: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catgem_tui.central.auth.sessions.REUSE_SECONDS", -1.0)
    await hire(house, "ana")
    first = await log_in(house.url, "ana")
    second = (await anyone(house, "POST", "/session/refresh", json={"refresh_token": first.refresh_token})).json()
    stolen = await anyone(house, "POST", "/session/refresh", json={"refresh_token": first.refresh_token})
    assert stolen.status_code == 401
    mine = await anyone(house, "POST", "/session/refresh", json={"refresh_token": second["refresh_token"]})
    assert mine.status_code == 401


async def test_a_copy_of_a_refresh_token_is_found_out_however_quick_or_old_it_is(house: Central) -> None:
    await hire(house, "ana")

    async def refresh(token: str) -> tuple[int, str]:
        answer = await anyone(house, "POST", "/session/refresh", json={"refresh_token": token})
        return answer.status_code, answer.json().get("refresh_token", "")

    first = await log_in(house.url, "ana")
    async with Desk(house.url, first.access_token) as desk:
        await eventually(lambda: desk.session.online)
        _, mine = await refresh(first.refresh_token)
        status, thiefs = await refresh(first.refresh_token)  # at once: it might be a lost answer
        assert status == 200
        assert (await refresh(mine))[0] == 401, "the one who is cut off finds out"
        assert (await refresh(thiefs))[0] == 401, "and the copy is worth nothing any more"
        await eventually(lambda: desk.closed == "unauthorized")
    old = await log_in(house.url, "ana")
    _, second = await refresh(old.refresh_token)
    _, third = await refresh(second)
    assert (await refresh(old.refresh_token))[0] == 401
    assert (await refresh(third))[0] == 401


async def test_many_guesses_at_once_are_no_way_around_the_limit(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with running_central(tmp_path / "data", login_attempts=3) as house:
        await hire(house, "ana")
        guesses = (
            anyone(house, "POST", "/session", json={"username": "ana", "password": f"x{number}"})
            for number in range(12)
        )
        codes = sorted(answer.status_code for answer in await asyncio.gather(*guesses))
        assert codes == [401] * 3 + [429] * 9
        await anyone(house, "POST", "/session", json={"username": "mi-secreto", "password": ""})
    assert "mi-secreto" not in caplog.text


async def test_an_access_token_lives_for_its_time(tmp_path: Path) -> None:
    async with running_central(tmp_path / "data", access_lifetime=1e-6) as house:
        await hire(house, "ana")
        async with client_of(house.url, "ana") as client:
            assert (await client.get("/me")).status_code == 401


async def test_logging_out_forgets_both_tokens(house: Central) -> None:
    await hire(house, "ana")
    session = await log_in(house.url, "ana")
    bearer = {"Authorization": f"Bearer {session.access_token}"}
    assert (await anyone(house, "DELETE", "/session", headers=bearer)).status_code == 204
    assert (await anyone(house, "GET", "/me", headers=bearer)).status_code == 401
    refreshed = await anyone(house, "POST", "/session/refresh", json={"refresh_token": session.refresh_token})
    assert refreshed.status_code == 401


async def test_tokens_and_passwords_are_nowhere_in_the_database(house: Central) -> None:
    await hire(house, "ana")
    session = await log_in(house.url, "ana")
    files = [path.read_bytes() for path in house.folder.root.glob("central.sqlite*")]
    for secret in (PASSWORD, session.access_token, session.refresh_token):
        assert not any(secret.encode() in content for content in files)


ROUTES = {
    ("DELETE", "/session"): set(Role),
    ("GET", "/me"): set(Role),
    ("GET", "/directory/records"): set(Role),
    ("POST", "/directory/changes"): {Role.INFORMATION_MANAGER, Role.ADMINISTRATOR},
    ("GET", "/directory/changes"): set(Role) - {Role.ADVISOR},
    ("GET", "/directory/changes/export"): set(Role) - {Role.ADVISOR},
    ("POST", "/directory/documents"): {Role.INFORMATION_MANAGER, Role.ADMINISTRATOR},
    ("GET", "/directory/documents/{}"): set(Role) - {Role.ADVISOR},
    ("GET", "/directory/copy"): set(Role),
    ("GET", "/directory/sums"): set(Role),
    ("GET", "/directory/listing"): set(Role),
    ("POST", "/directory/some"): set(Role),
    ("GET", "/directory/proposals/{}"): {Role.INFORMATION_MANAGER, Role.ADMINISTRATOR},
    ("POST", "/directory/proposals/{}"): {Role.INFORMATION_MANAGER, Role.ADMINISTRATOR},
    ("GET", "/directory/work"): {Role.INFORMATION_MANAGER, Role.ADMINISTRATOR},
    ("POST", "/directory/reports/{}"): {Role.INFORMATION_MANAGER, Role.ADMINISTRATOR},
    ("GET", "/directory/reports"): set(Role),
    ("GET", "/directory/currency"): set(Role) - {Role.ADVISOR},
    ("GET", "/contacts/{}"): set(Role),
    ("GET", "/contacts/{}/history"): set(Role),
    ("GET", "/contacts/{}/recording"): {Role.COORDINATOR, Role.SUPERVISOR, Role.ADMINISTRATOR},
    ("GET", "/guard/blocked"): {Role.COORDINATOR, Role.SUPERVISOR, Role.ADMINISTRATOR},
    ("GET", "/guard/audit"): {Role.COORDINATOR, Role.SUPERVISOR, Role.ADMINISTRATOR},
    ("GET", "/users"): {Role.ADMINISTRATOR},
    ("POST", "/users"): {Role.ADMINISTRATOR},
}
OPEN = {("POST", "/session"), ("POST", "/session/refresh"), ("GET", "/health")}


async def test_every_route_is_closed_to_strangers_and_to_the_other_roles(house: Central) -> None:
    tokens = {}
    for role in Role:
        await hire(house, f"user-{role.value}", role)
        tokens[role] = (await log_in(house.url, f"user-{role.value}")).access_token
    async with httpx.AsyncClient(base_url=f"{house.url}/api/v1", trust_env=False) as client:
        # Logging out comes last: it ends the session that is tried with.
        for (method, path), allowed in sorted(ROUTES.items(), key=lambda route: route[0] == ("DELETE", "/session")):
            address = path.format(new_id())
            for headers in ({}, {"Authorization": "Bearer inventado"}):
                assert (await client.request(method, address, headers=headers)).status_code == 401, (method, path)
            for role, token in tokens.items():
                headers = {"Authorization": f"Bearer {token}"}
                status = (await client.request(method, address, headers=headers)).status_code
                assert status != 401, (method, path, role)
                assert (status == 403) == (role not in allowed), (method, path, role, status)


async def test_the_table_of_roles_above_is_whole(house: Central) -> None:
    site = build_site(house._services())
    served = {
        (method, re.sub(r"\{\w+\}", "{}", route.path_format.removeprefix("/api/v1")))
        for route in site.routes
        if isinstance(route, HTTPRoute) and not route.path.startswith("/api/v1/schema")
        for method in route.methods - {"OPTIONS", "HEAD"}
    }
    assert served == {*ROUTES, *OPEN}


async def test_only_administrators_hire_and_the_new_one_works_at_once(house: Central) -> None:
    await hire(house, "jefa", Role.ADMINISTRATOR)
    new = {"username": "Nuevo.1", "name": "Nuevo", "role": "advisor", "password": PASSWORD, "skills": ["en"]}
    async with client_of(house.url, "jefa") as client:
        made = await client.post("/users", json=new)
        assert made.status_code == 201
        assert (await client.post("/users", json=new)).json()["code"] == "username_taken"
        short = await client.post("/users", json={**new, "username": "otro", "password": "corta"})
        assert (short.status_code, short.json()["code"]) == (400, "malformed")
        assert "8" in short.json()["detail"]
        assert [user["username"] for user in (await client.get("/users")).json()] == ["jefa", "nuevo.1"]
    assert (await log_in(house.url, "nuevo.1")).user.skills == ("en",)
    assert await house.actor.look(lambda queue: queue.advisor(made.json()["id"])) is not None


async def test_errors_are_problems_and_never_tracebacks(house: Central) -> None:
    await hire(house, "jefa", Role.ADMINISTRATOR)
    async with client_of(house.url, "jefa") as client:
        for answer, status, code in [
            (await client.get("/nada"), 404, "not_found"),
            (await client.put("/me"), 405, "method_not_allowed"),
            (await client.post("/users", content=b"{"), 400, "malformed"),
            (await client.post("/users", json={"username": 1}), 400, "malformed"),
            (await client.get("/directory/records", params={"after": "x"}), 400, "malformed"),
            (await client.get("/directory/records", params={"limit": 0}), 400, "malformed"),
            (await client.get(f"/contacts/{new_id()}"), 404, "not_found"),
            (await client.post("/users", content=b" " * (2 << 20)), 413, "too_long"),
        ]:
            assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
            assert "Traceback" not in answer.text


async def test_a_fault_of_ours_is_told_without_its_details(house: Central, monkeypatch: pytest.MonkeyPatch) -> None:
    await hire(house, "ana")
    async with client_of(house.url, "ana") as client:

        async def broken(*_: object) -> None:
            raise RuntimeError("secreto")

        monkeypatch.setattr(house.directory, "page", broken)
        answer = await client.get("/directory/records")
    assert (answer.status_code, answer.json()) == (500, {"code": "internal"})


async def test_the_schema_is_served_and_names_every_route(house: Central) -> None:
    schema = (await anyone(house, "GET", "/schema")).json()
    assert schema["openapi"].startswith("3.")
    told = {re.sub(r"\{\w+\}", "{}", path): methods for path, methods in schema["paths"].items()}
    for method, path in [*ROUTES, *OPEN]:
        assert method.lower() in told[f"/api/v1{path}"]


def record(number: int, **fields: object) -> Record:
    return Record(id=f"r{number}", kind=RecordKind.OFFICE, title=f"Oficina {number}", revision=0, **fields)  # type: ignore[arg-type]


async def test_directory_pages_follow_the_cursor_and_a_change_comes_again(house: Central) -> None:
    await hire(house, "ana")
    await house.directory.import_records([record(number) for number in range(25)], "prueba", "oficio 1")
    async with client_of(house.url, "ana") as client:

        async def pull(cursor: int) -> tuple[list[str], int]:
            titles = []
            while True:
                page = (await client.get("/directory/records", params={"after": cursor, "limit": 10})).json()
                titles += [item["title"] for item in page["records"]]
                cursor = page["cursor"]
                if not page.get("more"):
                    return titles, cursor

        titles, cursor = await pull(0)
        assert titles == [f"Oficina {number}" for number in range(25)]
        assert await pull(cursor) == ([], cursor)
        changed = await house.directory.import_records([record(3, phone="7222222222"), record(4)], "prueba", "oficio 2")
        assert changed == 1
        assert (await pull(cursor))[0] == ["Oficina 3"]


async def test_restricted_fields_are_only_for_some_roles(house: Central) -> None:
    await hire(house, "ana")
    await hire(house, "irma", Role.INFORMATION_MANAGER)
    await house.directory.import_records([record(1, restricted={"mobile": "7229999999"})], "prueba", "")
    async with client_of(house.url, "ana") as client:
        assert "7229999999" not in (await client.get("/directory/records")).text
    async with client_of(house.url, "irma") as client:
        assert "7229999999" in (await client.get("/directory/records")).text


async def arrive(house: Central, phone: str = "7221234567") -> str:
    contact = new_id()
    refused = await house.actor.submit(
        ContactArrived(contact=contact, channel=Channel.CALL, citizen=Citizen(phone=phone))
    )
    assert refused is None
    return contact


async def test_a_contact_is_for_its_advisor_and_the_floor_roles(house: Central) -> None:
    await hire(house, "ana")
    await hire(house, "coordina", Role.COORDINATOR)
    first, second = await arrive(house), await arrive(house)
    async with client_of(house.url, "ana") as client:
        assert (await client.get(f"/contacts/{first}")).status_code == 404
        assert (await client.get(f"/contacts/{first}/history")).status_code == 404
    async with client_of(house.url, "coordina") as client:
        detail = (await client.get(f"/contacts/{first}")).json()
        assert detail["contact"]["citizen"]["phone"] == "7221234567"
        history = (await client.get(f"/contacts/{first}/history")).json()
        assert [item["contact"] for item in history] == [second]


async def test_a_recording_is_served_whole_and_by_ranges_and_the_reading_is_logged(
    house: Central, caplog: pytest.LogCaptureFixture
) -> None:
    await hire(house, "coordina", Role.COORDINATOR)
    contact = await arrive(house)
    sound = bytes(range(256)) * 1000
    path = house.folder.recordings / "2026" / "a.wav"
    path.parent.mkdir()
    path.write_bytes(sound)
    await house.actor.submit(RecordingStarted(contact=contact, path="2026/a.wav"))
    caplog.set_level("INFO", logger="catgem_tui.audit")
    async with client_of(house.url, "coordina") as client:
        address = f"/contacts/{contact}/recording"
        whole = await client.get(address)
        assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, sound, "audio/wav")
        for asked, first, last in [
            ("bytes=10-19", 10, 19),
            ("bytes=255990-", 255990, 255999),
            ("bytes=-5", 255995, 255999),
        ]:
            part = await client.get(address, headers={"Range": asked})
            assert (part.status_code, part.content) == (206, sound[first : last + 1])
            assert part.headers["content-range"] == f"bytes {first}-{last}/256000"
        assert (await client.get(address, headers={"Range": "bytes=256000-"})).status_code == 416
        endless = await client.get(address, headers={"Range": f"bytes={'9' * 5000}-"})
        assert endless.status_code == 200, "a range we do not understand is the whole"
        assert (await client.get(f"/contacts/{contact}")).json()["recording"] is True
    assert f"recording of contact {contact}" in caplog.text
    assert "coordina" in caplog.text


async def test_a_recording_never_leaves_its_folder(house: Central) -> None:
    await hire(house, "coordina", Role.COORDINATOR)
    contact = await arrive(house)
    await house.actor.submit(RecordingStarted(contact=contact, path="../central.sqlite"))
    async with client_of(house.url, "coordina") as client:
        assert (await client.get(f"/contacts/{contact}/recording")).status_code == 404
