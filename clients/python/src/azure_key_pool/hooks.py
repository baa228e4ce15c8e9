"""For logs and traces of one's own. The logger `azure_key_pool` says the same in words."""

from __future__ import annotations

import logging
from typing import Any, Callable, Optional

from .answers import ReportOutcome
from .errors import KeyPoolError

log = logging.getLogger("azure_key_pool")


class Hooks:
    """Override what is of use. What a hook raises is logged and goes no further. No secret comes here."""

    def answered(self, method: str, path: str, status: Optional[int], seconds: float) -> None:
        """A request is over; without a status there was no answer."""

    def retrying(self, method: str, path: str, attempt: int, pause_seconds: float, error: KeyPoolError) -> None:
        """The request will be sent again."""

    def reported(self, key_id: int, code: int, outcome: ReportOutcome) -> None:
        """The pool has taken a report."""

    def report_lost(self, key_id: int, code: Optional[int], error: KeyPoolError) -> None:
        """A report, or the return of a lease, at the end of a use did not get through."""

    def key_changed(self, before: Optional[int], now: Optional[int]) -> None:
        """A followed key is another one; the ids."""


def tell(hook: Callable[..., None], *args: Any) -> None:
    try:
        hook(*args)
    except Exception:
        log.exception("a hook failed")
