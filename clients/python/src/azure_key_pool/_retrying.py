"""When a request may be sent again, and after how long."""

from __future__ import annotations

from dataclasses import dataclass
from random import SystemRandom
from typing import Callable, Optional

from .errors import KeyPoolError, Unreachable

Chance = Callable[[], float]

chance: Chance = SystemRandom().random


@dataclass(frozen=True)
class Backoff:
    """Full jitter: a pause of any length up to a limit that doubles, so that clients do not come in waves."""

    base_seconds: float = 0.2
    cap_seconds: float = 10.0

    def seconds(self, failures: int, chance: Chance, at_least: float = 0.0) -> float:
        limit = min(self.cap_seconds, self.base_seconds * 2.0 ** min(failures, 30))
        return at_least + chance() * limit


@dataclass(frozen=True)
class RetryPolicy:
    """Bounds for sending a request again; `attempts=1` is never."""

    #: Of one request in all.
    attempts: int = 4
    #: No pause begins that would end later than this after the first attempt.
    within_seconds: float = 15.0
    backoff: Backoff = Backoff()

    def pause_before_next(
        self, error: KeyPoolError, is_repeatable: bool, attempt: int, spent_seconds: float, chance: Chance
    ) -> Optional[float]:
        """Seconds, or None when the error is to be raised."""
        if attempt >= self.attempts or not _is_safe(error, is_repeatable):
            return None
        named = error.retry_after if error.http_status == 503 else None
        pause = self.backoff.seconds(attempt - 1, chance, named or 0.0)
        return pause if spent_seconds + pause <= self.within_seconds else None


#: What a 503 says that waiting for is the caller's to decide.
_ANSWERS = frozenset({"all_keys_cooling", "all_keys_busy", "unhealthy"})


def _is_safe(error: KeyPoolError, is_repeatable: bool) -> bool:
    if isinstance(error, Unreachable):
        return is_repeatable or not error.was_sent
    if error.http_status == 408:
        # The server has had enough of waiting for the request, so it has not seen all of it.
        return True
    return is_repeatable and error.http_status == 503 and error.code not in _ANSWERS
