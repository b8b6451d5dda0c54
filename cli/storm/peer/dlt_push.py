"""The peer itself: delivers an outbox with dlt, as its pages on reverse ETL recommend.

Runs under the peer's own Python, never in the hub's. Usage: dlt_push.py OUTBOX RECEIVER_URL. Reads
`berichten.jsonl` and `intrekkingen.jsonl` of OUTBOX again and again until it is killed.

Settings in its favour: a sink of one message per call (`batch_size=1`: dlt then writes down each
message that the sink took), one load job at a time (`max_parallel_load_jobs=1`: nothing overtakes),
`incremental` on the order of the outbox, an idempotency key, and a run that begins with what an
earlier one left. Everything else as installed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
import requests

from hub.kill_point import kill_point

PAUSE_SECONDS = 0.3
_OUTBOX, _URL = Path(sys.argv[1]), sys.argv[2]
_SESSION = requests.Session()


def _lines(name: str) -> list[dict[str, Any]]:
    path = _OUTBOX / name
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    # The last line may still be in the making.
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


@dlt.resource(name="berichten")
def berichten(
    volgorde: Any = dlt.sources.incremental("volgorde", initial_value=0),  # noqa: B008
) -> Iterator[dict[str, Any]]:
    """Yield what is new and may be sent; consent is read here, where dlt takes its rows."""
    withdrawn = {line["dossier"] for line in _lines("intrekkingen.jsonl")}
    for bericht in _lines("berichten.jsonl"):
        if bericht["volgorde"] <= volgorde.last_value:
            continue
        if bericht["met_toestemming"] and bericht["dossier"] in withdrawn:
            continue
        kill_point("in_merge")
        yield bericht
        kill_point("between_pages")
    kill_point("in_decision")


@dlt.destination(
    batch_size=1, max_parallel_load_jobs=1, naming_convention="direct", name="ontvanger"
)
def ontvanger(items: list[dict[str, Any]], table: dict[str, Any]) -> None:  # noqa: ARG001
    """Put one message at its receiver; whatever is no success is dlt's to try again."""
    for bericht in items:
        kill_point("after_claim")
        kill_point("before_send")
        try:
            answer = _SESSION.put(
                f"{_URL}/{bericht['bestemming']}/{bericht['sleutel']}",
                json=bericht,
                headers={"Idempotency-Key": bericht["sleutel"]},
                timeout=10,
            )
        except requests.ConnectionError:
            kill_point("answer_lost")
            raise
        answer.raise_for_status()
        kill_point("after_answer")


def main() -> None:
    """Deliver until killed."""
    pipeline = dlt.pipeline(
        pipeline_name="storm", pipelines_dir=str(_OUTBOX / "dlt"), destination=ontvanger
    )
    while True:
        pipeline.run(berichten())
        time.sleep(PAUSE_SECONDS)


main()
