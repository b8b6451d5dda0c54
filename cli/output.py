"""What the user sees: progress on standard error, the one JSON line on standard output."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def console(*, to_stderr: bool = True) -> Console:
    """Return a console; without a terminal it writes plain lines."""
    from rich.console import Console

    return Console(stderr=to_stderr, highlight=False, soft_wrap=not sys.stderr.isatty())


def say(text: str) -> None:
    """Print one line of progress on standard error."""
    print(text, file=sys.stderr, flush=True)


def emit(document: dict[str, Any]) -> None:
    """Print the answer as the last line of standard output."""
    sys.stderr.flush()
    print(json.dumps(document, ensure_ascii=False), flush=True)


class Bar:
    """Progress of one long step: a bar on a terminal, else a line now and then."""

    QUIET_SECONDS = 10.0

    def __init__(self, title: str, total: float | None) -> None:
        self._title = title
        self._total = total
        self._begun = self._spoken = time.monotonic()
        self._progress: Any = None

    def __enter__(self) -> Bar:
        if sys.stderr.isatty():
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=30),
                TextColumn("{task.fields[note]}"),
                TimeElapsedColumn(),
                console=console(),
            )
            self._progress.start()
            self._task = self._progress.add_task(self._title, total=self._total, note="")
        else:
            say(f"{self._title} ...")
        return self

    def update(self, done: float, note: str = "") -> None:
        """Show how much is done."""
        if self._progress is not None:
            self._progress.update(self._task, completed=done, note=note)
        elif time.monotonic() - self._spoken >= self.QUIET_SECONDS:
            self._spoken = time.monotonic()
            say(f"{self._title}: {note or f'{done:.0f}'} ({self.seconds:.0f} s)")

    @property
    def seconds(self) -> float:
        """Seconds since the step began."""
        return time.monotonic() - self._begun

    def __exit__(self, kind: object, *_: object) -> None:
        if self._progress is not None:
            if kind is None and self._total is not None:
                self._progress.update(self._task, completed=self._total, note="")
            elif kind is None:
                self._progress.update(self._task, total=1, completed=1, note="")
            self._progress.stop()
        elif kind is None:
            say(f"{self._title}: done in {self.seconds:.1f} s")


@contextmanager
def step(title: str) -> Iterator[Bar]:
    """Show one step of unknown length."""
    with Bar(title, None) as bar:
        yield bar


def show_rows(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Print rows as a table, nothing when there are none; the first column is never cut."""
    from rich.markup import escape
    from rich.table import Table

    table = Table()
    for column in columns:
        table.add_column(column, no_wrap=column == columns[0], overflow="fold")
    for row in rows:
        given = [row[column] for column in columns]
        table.add_row(*("" if value is None else escape(str(value)) for value in given))
    if table.rows:
        console(to_stderr=False).print(table)


def show_status(report: dict[str, Any], passwords: dict[str, str] | None = None) -> None:
    """Print services, addresses and, when given, the generated passwords, as tables."""
    from rich.table import Table

    out = console(to_stderr=False)
    table = Table("service", "ready", "pid", "MB")
    for name, service in report["services"].items():
        pid = str(service["pid"]) if service["pid"] is not None else "-"
        table.add_row(name, "yes" if service["ready"] else "no", pid, f"{service['rss_mb']:.0f}")
    out.print(table)
    if any(service["ready"] for service in report["services"].values()):
        for name, url in report["urls"].items():
            out.print(f"{name}: {url}")
    for user, password in (passwords or {}).items():
        out.print(f"sign on as [bold]{user}[/] with password {password}")
