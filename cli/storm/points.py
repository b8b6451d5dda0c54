"""Orders for the named kill points: files in a folder, moved away by the process that dies."""

from __future__ import annotations

from pathlib import Path

from hub.kill_point import TAKEN


class Points:
    """The folder of orders."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / TAKEN).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._number = 0

    def order(self, point: str) -> str:
        """Kill the next process that passes this point; return the order's name."""
        self._number += 1
        name = f"{point}.{self._number}"
        (self.folder / name).touch(mode=0o600)
        return name

    def is_taken(self, name: str) -> bool:
        """Tell whether a process died of this order."""
        return (self.folder / TAKEN / name).exists()

    def cancel(self, name: str) -> bool:
        """Take an order back; False when a process just died of it."""
        try:
            (self.folder / name).unlink()
        except FileNotFoundError:
            return False
        return True
