"""What every simulator is given: its secrets, memory, journal, faults, settings and the city."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography import x509

from sandbox.acm.clients import Client
from sandbox.basisregisters.register import Register
from sandbox.crm.rijen import Rijen
from sandbox.faults import Faults
from sandbox.journal import Journal
from sandbox.load import Load
from sandbox.settings import Settings
from sandbox.stad.city import City
from sandbox.state import State
from sandbox.stilstand import Stilstand


@dataclass(frozen=True, slots=True)
class Secrets:
    """The keys that clients must show. Never printed."""

    control_token: str = field(repr=False)
    crm_client_id: str
    crm_client_secret: str = field(repr=False)
    basisregisters_api_key: str = field(repr=False)
    dialoog_token: str = field(repr=False)
    igo_token: str = field(repr=False)
    igo_sftp: dict[str, str] = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> Secrets:
        """Read the secrets file (JSON).

        Raises:
            KeyError: a secret is missing.
        """
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            control_token=data["control_token"],
            crm_client_id=data["crm"]["client_id"],
            crm_client_secret=data["crm"]["client_secret"],
            basisregisters_api_key=data["basisregisters"]["api_key"],
            dialoog_token=data["dialoog"]["token"],
            igo_token=data["igo"]["token"],
            igo_sftp=data["igo"]["sftp"],
        )


@dataclass(frozen=True, slots=True)
class World:
    """Handed to ``create_*_app(world)`` of every system.

    A handler reads the body first, then works synchronously in one ``with world.state.write():``
    block that holds both the effect and its ``world.journal.record(Regel(...))``.
    """

    secrets: Secrets
    state: State
    journal: Journal
    faults: Faults
    settings: Settings
    city: City
    register: Register
    rijen: Rijen
    load: Load
    stilstand: Stilstand
    autoriteiten: tuple[x509.Certificate, ...] = ()
    acm_clients: Mapping[str, Client] = field(default_factory=dict)

    @classmethod
    def open(
        cls,
        folder: Path,
        secrets: Secrets,
        autoriteiten: tuple[x509.Certificate, ...] = (),
        acm_clients: Mapping[str, Client] | None = None,
    ) -> World:
        """Open the state folder, made when absent.

        With ``autoriteiten`` MAGDA asks a client certificate and a signature of theirs, unless a
        setting says otherwise.

        Raises:
            StateInUseError: another sandbox process holds it.
        """
        state, city = State(folder), City()
        return cls(
            secrets=secrets,
            state=state,
            journal=Journal(state),
            faults=Faults(state),
            settings=Settings(state, magda_strict=bool(autoriteiten)),
            city=city,
            register=Register(state, city),
            rijen=Rijen(state),
            load=Load(),
            stilstand=Stilstand(state),
            autoriteiten=autoriteiten,
            acm_clients=acm_clients or {},
        )

    def beside(self, naam: str) -> World:
        """Return the world as another organisation has it: a memory and a journal of its own."""
        state = State(self.state.path.parent / naam)
        return replace(self, state=state, journal=Journal(state))
