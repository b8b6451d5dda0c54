"""A worker process that asks GeefEpc within the shared budget, for tests with several of them.

``python -m tests.hub.asking_worker <json>``: the last line of its output is what it saw.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from connectors.transport.errors import ConnectorError
from connectors.transport.magda import MagdaAfzender
from connectors.transport.raadpleging import GelogdeRaadpleging, Raadpleging
from connectors.woningpas.epc.client import open_epc_client
from connectors.woningpas.epc.models import GebouweenheidId
from connectors.woningpas.epc.reading import read_reply
from hub.asking import Asking, Job
from hub.bronbudget.grens import Grens
from hub.database import make_engine


def make_look() -> GelogdeRaadpleging:
    """Return a look that nobody logged: what is tested here is the budget."""
    reason = Raadpleging(
        correlatie_id=uuid4(), dossier_id=uuid4(), bron="epc", operatie="GeefEpc", object="proef",
        doel="proef", rechtsgrond="proef", hoedanigheid="proef", namens="proef",
    )  # fmt: skip
    return GelogdeRaadpleging(reason, datetime.now(UTC))


def main() -> None:
    """Ask about every unit, and tell how it went."""
    order: dict[str, Any] = json.loads(sys.argv[1])
    engine = make_engine(order["database"])
    client = open_epc_client(order["source"], MagdaAfzender("0207500123", hoedanigheid="1300"))
    sent: list[float] = []

    def fetch(unit: str, look: GelogdeRaadpleging) -> Any:
        reply = client.fetch_epcs(criteria=GebouweenheidId(unit), raadpleging=look)
        sent.append(time.monotonic())
        return reply

    jobs = [Job(unit, unit, make_look()) for unit in order["units"]]
    asking = Asking(engine, Grens(**order["grens"]), fetch, read_reply)
    failed = 0
    for _, answer in asking.run(jobs):
        failed += isinstance(answer, ConnectorError)
    print(json.dumps({"failed": failed, "answered_at": sent}))


if __name__ == "__main__":
    main()
