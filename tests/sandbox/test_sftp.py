"""The partner's SFTP server is strict: the names and the order of the agreement, nothing else."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import uuid4

import asyncssh
import pytest

from tests.sandbox.dialoog_raw import aanmelding
from tests.sandbox_process import SandboxHandle, running_sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("sftp")) as handle:
        yield handle


@pytest.fixture
def name() -> str:
    return f"aanmeldingen-20261124T221500123456Z-{uuid4().hex[:8]}.jsonl"


def visit(
    sandbox: SandboxHandle, work: Callable[[asyncssh.SFTPClient], Awaitable[Any]], **changes: Any
) -> Any:
    secrets = sandbox.secrets["igo"]["sftp"]
    options = {"username": secrets["login"], "password": secrets["wachtwoord"]} | changes

    async def run() -> Any:
        known = asyncssh.import_public_key(secrets["hostsleutel_publiek"])
        async with (
            asyncssh.connect(
                "127.0.0.1", sandbox.sftp_port, known_hosts=([known], [], []), config=None,
                agent_path=None, client_keys=None, **options,
            ) as connection,
            connection.start_sftp_client() as client,
        ):  # fmt: skip
            return await work(client)

    return asyncio.run(run())


async def put(client: asyncssh.SFTPClient, path: str, content: bytes) -> None:
    async with client.open(path, "xb") as stream:
        await stream.write(content)


def hand_in(sandbox: SandboxHandle, name: str, content: bytes, digest: str | None = None) -> None:
    async def work(client: asyncssh.SFTPClient) -> None:
        await put(client, f"naar_partner/{name}.deel", content)
        checksum = f"{digest or hashlib.sha256(content).hexdigest()}  {name}\n"
        await put(client, f"naar_partner/{name}.sha256", checksum.encode())
        await client.rename(f"naar_partner/{name}.deel", f"naar_partner/{name}")

    visit(sandbox, work)


def folder(sandbox: SandboxHandle, which: str) -> list[str]:
    async def work(client: asyncssh.SFTPClient) -> list[str]:
        return [str(found) for found in await client.listdir(which)]

    return list(visit(sandbox, work))


def wait_for(sandbox: SandboxHandle, name: str, which: str = "naar_stad") -> list[str]:
    for _ in range(100):
        if found := [one for one in folder(sandbox, which) if one.startswith(name)]:
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing of {name} came")


def test_a_batch_gets_its_receipt_and_is_taken_away(sandbox: SandboxHandle, name: str) -> None:
    body = aanmelding(soort="energielening")
    line = {
        "regel": 1, "bewerking": "aanmelden", "idempotencyKey": "sleutel-1",
        "referentie": body["referentie"], "aanmelding": body,
    }  # fmt: skip
    hand_in(sandbox, name, json.dumps(line).encode() + b"\n")
    assert wait_for(sandbox, name.removesuffix(".jsonl"))
    for _ in range(50):
        if not [one for one in folder(sandbox, "naar_partner") if one.startswith(name)]:
            break
        time.sleep(0.05)
    else:
        pytest.fail("the batch was not taken away")


def test_a_batch_with_another_checksum_is_refused(sandbox: SandboxHandle, name: str) -> None:
    hand_in(sandbox, name, b"{}\n", digest="0" * 64)
    assert wait_for(sandbox, f"{name}.geweigerd", "naar_partner")


@pytest.mark.parametrize(
    "path",
    [
        "naar_partner/brief.txt",
        "naar_stad/aanmeldingen-20261124T221500123456Z-0a1b2c3d.jsonl",
        "../buiten.jsonl",
        "naar_partner/../naar_stad/x",
    ],
)
def test_a_name_that_was_not_agreed_is_refused(sandbox: SandboxHandle, path: str) -> None:
    with pytest.raises(asyncssh.SFTPError):
        visit(sandbox, lambda client: put(client, path, b"x"))


def test_a_file_that_stands_is_never_replaced(sandbox: SandboxHandle, name: str) -> None:
    async def work(client: asyncssh.SFTPClient) -> None:
        await put(client, f"naar_partner/{name}.deel", b"een")
        with pytest.raises(asyncssh.SFTPError):
            await put(client, f"naar_partner/{name}.deel", b"twee")
        with pytest.raises(asyncssh.SFTPError):
            async with client.open(f"naar_partner/{name}.deel", "wb") as stream:
                await stream.write(b"drie")
        await client.remove(f"naar_partner/{name}.deel")

    visit(sandbox, work)


@pytest.mark.parametrize("change", [{"password": "een ander"}, {"username": "iemand"}], ids=str)
def test_nobody_else_comes_in(sandbox: SandboxHandle, change: dict[str, str]) -> None:
    async def work(_client: asyncssh.SFTPClient) -> None:
        raise AssertionError

    with pytest.raises(asyncssh.PermissionDenied):
        visit(sandbox, work, **change)
