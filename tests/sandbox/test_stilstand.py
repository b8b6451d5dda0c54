"""The sandbox tells when it stood still itself."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from pathlib import Path

from sandbox.state import State
from sandbox.stilstand import Stilstand


def test_a_standstill_is_written_down_and_ordinary_work_is_not(tmp_path: Path) -> None:
    watch = Stilstand(State(tmp_path))

    async def work() -> None:
        task = asyncio.create_task(watch.run())
        await asyncio.sleep(0.2)
        time.sleep(0.5)
        await asyncio.sleep(0.1)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(work())
    told = [one["seconden"] for one in watch.list_all() if one["seconden"] >= 0.4]
    assert len(told) == 1
    assert 0.4 <= told[0] < 2.0
