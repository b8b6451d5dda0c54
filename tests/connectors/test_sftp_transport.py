"""A visit over SFTP: what goes wrong is sorted, and a look never changes anything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.transport.deadline import deadline
from connectors.transport.errors import (
    AuthenticationError,
    ConnectorError,
    ContractError,
    RetryableError,
)
from connectors.transport.sftp import SftpBezoek, SftpServer
from tests.sandbox_process import SandboxHandle, running_sandbox, sftp_adres

OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("vervoer")) as handle:
        yield handle


def look(sandbox: SandboxHandle, folder: str = "naar_stad", **changes: Any) -> list[str]:
    async def work(bezoek: SftpBezoek) -> list[str]:
        return await bezoek.list_names(folder)

    adres = replace(sftp_adres(sandbox), **changes)
    server = SftpServer("igo", adres, seconds=3.0)
    return server.visit(work, operation="kijken", key="map", changes=False)


def test_a_visit_returns_what_it_found(sandbox: SandboxHandle) -> None:
    assert look(sandbox, "naar_partner") == []
    assert look(sandbox) == ["documenten"]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"hostsleutel": OTHER_KEY}, AuthenticationError),
        ({"wachtwoord": "een ander"}, AuthenticationError),
        ({"login": "iemand"}, AuthenticationError),
        ({"hostsleutel": "geen sleutel"}, AuthenticationError),
        ({"port": 1}, RetryableError),
        ({"folder": "niet_afgesproken"}, ContractError),
    ],
    ids=str,
)
def test_what_goes_wrong_is_sorted_by_what_happens_next(
    sandbox: SandboxHandle, changes: dict[str, Any], kind: type[ConnectorError]
) -> None:
    with pytest.raises(kind) as caught:
        look(sandbox, **changes)
    assert "een ander" not in str(caught.value)


def test_a_server_that_says_nothing_is_not_waited_for(sandbox: SandboxHandle) -> None:
    sandbox.order_fault("igo", "vertraging", operatie="sftp_list", seconden=86_400.0)
    with deadline(time.monotonic() + 1.0), pytest.raises(RetryableError):
        look(sandbox)
    with deadline(time.monotonic() - 1.0), pytest.raises(RetryableError, match="no time"):
        look(sandbox)


@pytest.mark.parametrize("act", ["upload", "rename", "remove"])
def test_a_look_cannot_change_anything(sandbox: SandboxHandle, act: str) -> None:
    async def work(bezoek: SftpBezoek) -> None:
        if act == "upload":
            await bezoek.upload("naar_partner/x", b"x")
        elif act == "rename":
            await bezoek.rename("naar_partner/x", "naar_partner/y")
        else:
            await bezoek.remove("naar_partner/x")

    server = SftpServer("igo", sftp_adres(sandbox))
    with pytest.raises(RuntimeError, match="changes nothing"):
        server.visit(work, operation="kijken", key="map", changes=False)
