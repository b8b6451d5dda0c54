"""The access log in a database of its own: its appender, its reader, and a forger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import URL, Connection, text

from connectors.transport.raadpleging import GelogdeRaadpleging, Raadpleging
from hub.database import copy_rows, make_engine
from hub.toegang.chain import START, batch_hash, genesis, row_hash, write_moment
from hub.toegang.read import list_segments, read_head, reading
from hub.toegang.verify import Anker, ChainVerdict, check_segments
from hub.toegangslog import PostgresRaadplegingLog
from tests.postgres_cluster import HubDatabase


class AccessLog:
    """The access log of a fresh database, its appender, and somebody who may do anything."""

    def __init__(self, database: HubDatabase) -> None:
        self.database = database
        self.log = PostgresRaadplegingLog(database.engine("hub_enrich"))
        self.owner = database.engine("hub_eigenaar")
        self.reader = database.engine("hub_lezer")
        self.cleaner = database.engine("hub_opruiming")
        self.dossier = uuid4()
        self.start(self.dossier)

    def start(self, dossier_id: UUID, **other: object) -> None:
        given = {
            "dossier_id": dossier_id, "voorinvulling": "{}", "pseudoniem": "p", "etag": "1",
            "inhoud_hash": b"h", "gewijzigd_op": "2026-01-01", "start_akkoord": True,
        } | other  # fmt: skip
        with self.owner.begin() as connection:
            connection.execute(
                text(
                    f"INSERT INTO bron.crm_dossier ({', '.join(given)}) "
                    f"VALUES ({', '.join(':' + name for name in given)})"
                ),
                given,
            )

    def look(self, object_: str = "adres 1", dossier_id: UUID | None = None) -> Raadpleging:
        return Raadpleging(
            uuid4(), dossier_id or self.dossier, "epc", "GeefEpc", object_,
            "renovatiebegeleiding", "startakkoord-dossier", "energieloket", "consulent-\u00e9\"1",
        )  # fmt: skip

    def record(self, *sizes: int) -> None:
        for size in sizes:
            judged = self.log.record([self.look(f"adres {n}") for n in range(size)])
            assert all(isinstance(one, GelogdeRaadpleging) for one in judged)

    @contextmanager
    def forging(self) -> Iterator[Connection]:
        """Somebody who holds the server itself: neither rights nor triggers stop them."""
        with self.superuser() as connection:
            connection.execute(text("SET session_replication_role = replica"))
            yield connection

    @contextmanager
    def superuser(self) -> Iterator[Connection]:
        dsn = psycopg.conninfo.conninfo_to_dict(self.database.cluster.server.dsn())
        engine = make_engine(
            URL.create(
                "postgresql+psycopg", username=str(dsn["user"]), password=dsn.get("password"),
                database=self.database.name,
                query={k: str(v) for k, v in dsn.items() if k in ("host", "port")},
            )
        )  # fmt: skip
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()

    def forge(self, statement: str, **parameters: object) -> None:
        with self.forging() as connection:
            assert connection.execute(text(statement), parameters).rowcount > 0, statement

    def verify(self, *ankers: Anker) -> ChainVerdict:
        with reading(self.reader) as connection:
            return check_segments(list_segments(connection), ankers=ankers)

    def head(self) -> Anker:
        with reading(self.reader) as connection:
            head = read_head(connection)
        assert head is not None
        return head

    def rows(self, statement: str) -> list[Any]:
        with self.owner.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]

    def plant(self, maand: date, *sizes: int, close: bool = True) -> None:
        """Write a month of long ago, as the hub wrote it then."""
        with self.owner.begin() as connection:
            found = connection.execute(
                text(
                    "SELECT laatste, slot_hash FROM hub.toegangslog_segment "
                    "ORDER BY maand DESC LIMIT 1"
                )
            ).one_or_none()
            number, slot = (found[0], bytes(found[1])) if found else (0, START)
            connection.execute(text("SELECT hub.make_toegangslog_segment(:m)"), {"m": maand})
            keten = genesis(f"{maand:%Y-%m}", slot)
            moment = datetime(maand.year, maand.month, 2, tzinfo=UTC)
            rows: list[tuple[object, ...]] = []
            for size in sizes:
                hashes = []
                for place in range(size):
                    number += 1
                    look = self.look(f"adres {number}")
                    told = (str(look.dossier_id), look.bron, look.operatie, look.object, look.doel,
                            look.rechtsgrond, look.hoedanigheid, look.namens)  # fmt: skip
                    correlatie_id = str(look.correlatie_id)
                    hashes.append(row_hash((number, write_moment(moment), correlatie_id, *told)))
                    keten = batch_hash(keten, hashes) if place == size - 1 else keten
                    ends = keten if place == size - 1 else None
                    rows.append((maand, number, correlatie_id, moment, *told, hashes[-1], ends))
            copy_rows(connection, "ops/toegangslog", rows)
            if close:
                connection.execute(text("SELECT hub.write_toegangslog_slot(:m)"), {"m": maand})
