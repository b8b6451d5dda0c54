"""A sliding window that counts requests, for simulators that throttle."""

from __future__ import annotations

import time
from collections import deque


class Window:
    """Allow at most ``limit`` requests in any ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._moments: deque[float] = deque()

    def take(self, limit: float | None) -> float | None:
        """Count one request; return None when allowed, else the seconds to wait."""
        if limit is None:
            return None
        now = time.monotonic()
        while self._moments and self._moments[0] <= now - self._seconds:
            self._moments.popleft()
        if len(self._moments) >= limit:
            oldest = self._moments[0] if self._moments else now
            return max(0.001, oldest + self._seconds - now)
        self._moments.append(now)
        return None
