"""What the client raises. No message holds a secret."""

from __future__ import annotations

import time
from typing import Any, Dict, Optional, Sequence, Type, TypedDict


class BadField(TypedDict):
    field: str
    message: str


class KeyPoolError(Exception):
    """Whatever kept the pool from answering as asked. Its status is the pool's, never a key's."""

    def __init__(
        self,
        message: str,
        *,
        code: str,
        http_status: Optional[int] = None,
        retry_after: Optional[float] = None,
        request_id: Optional[str] = None,
        details: Sequence[BadField] = (),
    ) -> None:
        super().__init__(message)
        #: The server's own code, such as `key_not_found`, or why there is none.
        self.code = code
        #: None when there was no answer.
        self.http_status = http_status
        #: In how many seconds coming back makes sense; None: not by waiting alone.
        self.retry_after = retry_after
        #: Finds the request in the server's log.
        self.request_id = request_id
        self.details = tuple(details)


class Unreachable(KeyPoolError):
    """No connection, or it was lost. `was_sent` says whether the server may have done what was asked."""

    def __init__(self, message: str, *, was_sent: bool = False, code: str = "unreachable") -> None:
        super().__init__(message, code=code, retry_after=1.0)
        self.was_sent = was_sent


class TimedOut(Unreachable):
    """No whole answer in time."""

    def __init__(self, message: str, *, was_sent: bool = True) -> None:
        super().__init__(message, was_sent=was_sent, code="timed_out")


class UnexpectedAnswer(KeyPoolError):
    """Something that is not this API answered."""


class InvalidRequest(KeyPoolError):
    """`details` names the bad fields."""


class NotAllowed(KeyPoolError):
    """The token is missing, not valid, or does not reach so far."""


class NotFound(KeyPoolError):
    """There is no such key, setting, token, lease or path."""


class KeyExists(KeyPoolError):
    """The key is in the pool already."""


class TryLater(KeyPoolError):
    """The pool cannot do it now: it is busy, its database is away, or a budget is spent."""


class NoKeyAvailable(KeyPoolError):
    """There is no key to use now."""

    @property
    def available_at(self) -> Optional[float]:
        """When one is expected, by this machine's clock, in seconds since 1970; None: not by itself."""
        return None if self.retry_after is None else self._raised_at + self.retry_after

    def __init__(self, message: str, **seen: Any) -> None:
        super().__init__(message, **seen)
        self._raised_at = time.time()


class NoKey(NoKeyAvailable):
    """The pool has no key, or all are disabled: somebody has to add or enable one."""


class AllKeysCooling(NoKeyAvailable):
    """Every key rests; the first is back in `retry_after` seconds."""


class AllKeysBusy(NoKeyAvailable):
    """Every key has as many leases as it may have."""


class AllKeysFailed(NoKeyAvailable):
    """`with_key` has tried as many keys as it may. What the last one met is the cause, or `result`."""

    def __init__(self, message: str, *, attempts: int, last_code: int, retry_after: float, result: Any = None) -> None:
        super().__init__(message, code="all_keys_failed", retry_after=retry_after)
        self.attempts = attempts
        #: The status that the last key got.
        self.last_code = last_code
        #: What the last call returned, if it did not raise: a response with that status.
        self.result = result


_BY_CODE: Dict[str, Type[KeyPoolError]] = {
    "no_key": NoKey,
    "all_keys_cooling": AllKeysCooling,
    "all_keys_busy": AllKeysBusy,
    "key_exists": KeyExists,
    "invalid_request": InvalidRequest,
    "storage_unavailable": TryLater,
    "busy": TryLater,
    "budget_exhausted": TryLater,
    "too_many_attempts": TryLater,
}

_BY_STATUS: Dict[int, Type[KeyPoolError]] = {401: NotAllowed, 403: NotAllowed, 404: NotFound}


def refusal(message: str, code: str, http_status: int, **seen: Any) -> KeyPoolError:
    """The error for a refusal of the server's."""
    kind = _BY_CODE.get(code) or _BY_STATUS.get(http_status) or KeyPoolError
    return kind(message, code=code, http_status=http_status, **seen)
