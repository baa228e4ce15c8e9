"""Getting a key, using it, and telling how it went."""

from __future__ import annotations

from typing import Awaitable, Callable, List, Literal, Optional, Set, TypeVar, Union

from . import _calls as calls
from ._forking import renew_in_children
from ._leases import LeaseKeeper
from ._session import Session
from ._wire import Background, Run
from .answers import HandedOutKey
from .errors import AllKeysBusy, AllKeysCooling, AllKeysFailed, KeyPoolError, NotFound
from .hooks import log, tell
from .key_in_use import Choice, KeyInUse
from .verdicts import FAILOVER_CODES, Verdict

R = TypeVar("R")

Lease = Union[bool, Literal["auto"]]

#: Reads a call's outcome: an exception, or what it returned.
ReadVerdict = Callable[[object], Union[Verdict, int, None]]

#: A lease is renewed while its use goes on, so that this is only how long a dead program holds its keys.
TTL_SECONDS = 60

#: How long a server without leases is believed to have none.
WITHOUT_LEASES_SECONDS = 600.0

#: The most that the server lets a lease wait at a time.
MAX_WAIT_MS = 30_000

RELEASE = "azure-key-pool-release"

#: How long a client that is closed waits for a lease to be given back.
PATIENCE_SECONDS = 5.0

#: When to come back where nothing says it.
SOON_SECONDS = 1.0


class Uses:
    def __init__(self, session: Session, leases: LeaseKeeper) -> None:
        self._session = session
        self._leases = leases
        self._without_leases_until = 0.0
        self._let_go: List[Background] = []
        renew_in_children(self)

    def _after_fork(self) -> None:
        self._let_go = []

    async def get(self, choice: Choice, wait: float) -> HandedOutKey:
        return (await self.begin(choice, lease=False, ttl_seconds=TTL_SECONDS, wait=wait)).data

    async def begin(self, choice: Choice, lease: Lease, ttl_seconds: int, wait: float) -> KeyInUse:
        """A key; where all rest or are at their limit, one that comes within `wait` seconds. Raises `KeyPoolError`."""
        session = self._session
        clock = session.clock
        deadline = clock() + wait
        busy = 0
        while True:
            left = max(0.0, deadline - clock())
            try:
                return await self._begin_once(choice, lease, ttl_seconds, left)
            except AllKeysBusy:
                left = deadline - clock()
                if left <= 0:
                    raise
                # A lease may be given back at any time, however long it could last.
                pause = min(left, session.retry.backoff.seconds(busy, session.chance))
                busy += 1
            except AllKeysCooling as error:
                named = error.retry_after or SOON_SECONDS
                left = deadline - clock()
                if named > left:
                    raise
                # Who waits for the same key does not come at the same instant.
                pause = min(left, named + session.chance() * min(1.0, named / 4))
            await session.transport.pause(pause)

    async def _begin_once(self, choice: Choice, lease: Lease, ttl_seconds: int, wait: float) -> KeyInUse:
        session = self._session
        service, region, tag = choice.service, choice.region, choice.tag
        if lease is True or (lease == "auto" and session.clock() >= self._without_leases_until):
            wait_ms = min(MAX_WAIT_MS, int(wait * 1000))
            try:
                leased = await session.send(calls.lease_key(region, service, tag, ttl_seconds, wait_ms))
            except NotFound as error:
                # In the pool's own words: a proxy may say for a moment that there is nothing.
                if lease is True or error.code != "not_found":
                    raise
                log.info("this server has no leases")
                self._without_leases_until = session.clock() + WITHOUT_LEASES_SECONDS
            else:
                use = KeyInUse(leased["key"], service, leased)
                self._leases.keep(use, ttl_seconds)
                return use
        return KeyInUse(await session.send(calls.get_key(region, service, tag)), service)

    async def end(self, use: KeyInUse, verdict: Optional[Verdict]) -> None:
        """
        Reports, and gives a lease back; goes on when the caller is cancelled meanwhile. A report that is lost does not take
        the place of the caller's outcome.
        """
        use.is_over = True
        await self.see_through(lambda: self._end(use, verdict))

    async def see_through(self, run: Run) -> None:
        await self._session.transport.see_through(run, RELEASE, self._goes_on)

    def _goes_on(self, release: Background) -> None:
        self._let_go = [*(other for other in self._let_go if not other.is_over), release]

    async def _end(self, use: KeyInUse, verdict: Optional[Verdict]) -> None:
        # Outside of these it is no status of Azure's.
        if verdict is not None and not 100 <= verdict.code <= 599:
            verdict = None
        code = None if verdict is None else verdict.code
        try:
            if use.lease_id is not None:
                await self._release(use, verdict)
            elif verdict is not None:
                await self._report(use, verdict)
        except KeyPoolError as error:
            log.warning("the report %s of key %d was lost: %s", code, use.id, error)
            tell(self._session.hooks.report_lost, use.id, code, error)

    async def read(self, use: KeyInUse, read: ReadVerdict, outcome: object) -> Optional[Verdict]:
        """What the caller's own reading raises must not cost the key."""
        try:
            return use.verdict or read_verdict(read, outcome)
        except BaseException:
            await self.end(use, None)
            raise

    async def end_with(self, use: KeyInUse, error: BaseException, verdict: Optional[Verdict]) -> None:
        """The same after an exception. What is not the call's own, such as being cancelled, is not held up."""
        if isinstance(error, Exception):
            await self.end(use, verdict)
        elif use.lease_id is not None or verdict is not None:
            use.is_over = True
            self._goes_on(self._session.transport.spawn(lambda: self._end(use, verdict), RELEASE))

    async def close(self) -> None:
        """Waits for what is being given back, which is not to be held until it runs out."""
        for release in self._let_go:
            await release.end(PATIENCE_SECONDS)

    async def _release(self, use: KeyInUse, verdict: Optional[Verdict]) -> None:
        assert use.lease_id is not None
        said = (None, None, None) if verdict is None else (verdict.code, verdict.note, verdict.retry_after)
        outcome, may_be_done = await self._session.send_and_tell(calls.release_lease(use.lease_id, *said))
        if verdict is None:
            return
        if outcome is not None:
            tell(self._session.hooks.reported, use.id, verdict.code, outcome)
        elif verdict.code >= 400 and not may_be_done:
            # The lease had ended before, and the code was not taken in. What the key got is true all the same. Where an
            # answer was lost, it was this call that ended the lease.
            await self._report(use, verdict)

    async def _report(self, use: KeyInUse, verdict: Verdict) -> None:
        call = calls.report_status(use.key, verdict.code, verdict.note, use.service, verdict.retry_after)
        tell(self._session.hooks.reported, use.id, verdict.code, await self._session.send(call))

    async def with_key(
        self,
        choice: Choice,
        call: Callable[[KeyInUse], Awaitable[R]],
        *,
        lease: Lease,
        ttl_seconds: int,
        attempts: int,
        wait: float,
        read: ReadVerdict,
        reports_success: bool,
    ) -> R:
        session = self._session
        deadline = session.clock() + wait
        refused: Set[int] = set()
        hints = []
        last: Optional[BaseException] = None
        result: Optional[R] = None
        code = 0
        for attempt in range(attempts):
            asked = session.clock()
            try:
                use = await self.begin(choice, lease, ttl_seconds, max(0.0, deadline - asked))
            except KeyPoolError as error:
                raise error from last
            if use.id in refused and session.clock() - asked < SOON_SECONDS:
                # No rest came of what it got, as in the time after a cooldown. Another key may be next.
                await self.end(use, None)
                await session.transport.pause(session.retry.backoff.seconds(attempt, session.chance))
                continue
            try:
                result, last = await call(use), None
            except BaseException as error:
                verdict_of_error = await self.read(use, read, error)
                if verdict_of_error is None or verdict_of_error.code not in FAILOVER_CODES:
                    await self.end_with(use, error, verdict_of_error)
                    raise
                verdict, last = verdict_of_error, error
            else:
                verdict = await self.read(use, read, result) or Verdict(200)
            is_refused = verdict.code in FAILOVER_CODES
            await self.end(use, verdict if is_refused or reports_success or verdict.code >= 300 else None)
            if not is_refused:
                return result  # type: ignore[return-value]
            code = verdict.code
            refused.add(use.id)
            if verdict.retry_seconds is not None:
                hints.append(verdict.retry_seconds)
            log.info("key %d got %d; another one is tried", use.id, code)
        raise AllKeysFailed(
            f"{attempts} keys were tried; the last got {code}",
            attempts=attempts,
            last_code=code,
            retry_after=max(SOON_SECONDS, min(hints, default=SOON_SECONDS)),
            result=None if last is not None else result,
        ) from last


def read_verdict(read: ReadVerdict, outcome: object) -> Optional[Verdict]:
    verdict = read(outcome)
    return Verdict(verdict) if isinstance(verdict, int) else verdict


