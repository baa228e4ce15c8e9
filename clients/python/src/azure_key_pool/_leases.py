"""Renews the leases of uses that take long."""

from __future__ import annotations

import heapq
import itertools
import threading
from typing import List, Optional, Tuple

from ._calls import renew_lease
from ._forking import renew_in_children
from ._session import Session
from ._wire import Background
from .errors import KeyPoolError, NotFound
from .hooks import log
from .key_in_use import KeyInUse

#: Without a lease to renew it only waits to be rung.
NOTHING_TO_DO_SECONDS = 3_600.0


class LeaseKeeper:
    """One thread, or task, for all leases; it begins with the first that is half over."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._alarm = session.transport.alarm()
        self._lock = threading.Lock()
        self._due: List[Tuple[float, int, KeyInUse, int]] = []
        self._order = itertools.count()
        self._background: Optional[Background] = None
        self._is_closed = False
        renew_in_children(self)

    def _after_fork(self) -> None:
        # Leases of before are the parent's to renew.
        self._lock, self._due, self._background = threading.Lock(), [], None
        self._alarm = self._session.transport.alarm()

    def keep(self, use: KeyInUse, ttl_seconds: int) -> None:
        self._push(use, ttl_seconds, ttl_seconds / 2)
        with self._lock:
            if self._background is None and not self._is_closed:
                self._background = self._session.transport.spawn(self._run, "azure-key-pool-leases")

    def close(self) -> Optional[Background]:
        """What to wait for."""
        self._is_closed = True
        self._alarm.ring()
        return self._background

    def _push(self, use: KeyInUse, ttl_seconds: int, in_seconds: float) -> None:
        due = self._session.clock() + in_seconds
        with self._lock:
            is_next = not self._due or due < self._due[0][0]
            heapq.heappush(self._due, (due, next(self._order), use, ttl_seconds))
        if is_next:
            self._alarm.ring()

    async def _run(self) -> None:
        while not self._is_closed:
            with self._lock:
                # Those that are over are only forgotten.
                while self._due and self._due[0][2].is_over:
                    heapq.heappop(self._due)
                wait = self._due[0][0] - self._session.clock() if self._due else NOTHING_TO_DO_SECONDS
                entry = heapq.heappop(self._due) if wait <= 0 else None
            if entry is None:
                await self._alarm.sleep(wait)
            else:
                await self._renew(entry[2], entry[3])

    async def _renew(self, use: KeyInUse, ttl_seconds: int) -> None:
        assert use.lease_id is not None
        try:
            renewed = await self._session.once(renew_lease(use.lease_id, ttl_seconds))
        except NotFound:
            use.is_lease_lost = not use.is_over
            if use.is_lease_lost:
                log.warning("the lease of key %d has run out while it was in use", use.id)
        except KeyPoolError as error:
            log.info("the lease of key %d was not renewed: %s", use.id, error)
            self._push(use, ttl_seconds, ttl_seconds / 8)
        else:
            use.expires_at = renewed["expires_at"]
            self._push(use, ttl_seconds, ttl_seconds / 2)
