"""The pool for asyncio. Made from `client` by `tools/make_async.py`: change it there."""

from __future__ import annotations

import ssl
import threading
from contextlib import asynccontextmanager
from typing import AsyncIterator, Awaitable, Callable, Dict, List, Mapping, Optional, Sequence, TypeVar

from . import _calls as calls
from . import answers as a
from ._asyncio import AsyncTransport
from ._events import EventWatch
from ._following import Following
from ._forking import renew_in_children
from ._leases import LeaseKeeper
from ._retrying import Backoff, RetryPolicy
from ._session import Session
from ._uses import TTL_SECONDS, Lease, ReadVerdict, Uses, read_verdict
from ._wire import parse_base_url
from .async_administration import AsyncAdministration
from .errors import KeyPoolError
from .hooks import Hooks, log
from .key_in_use import Choice, KeyInUse
from .verdicts import Verdict, verdict_of

R = TypeVar("R")


class AsyncFollowedKey:
    """
    A key of a pool that is always at hand, changed in the background: another one is there as soon as this one rests or
    leaves. While the pool cannot be reached it stays as it is. Close it, or use it as a context manager.
    """

    def __init__(self, following: Following, uses: Uses) -> None:
        self._following = following
        self._uses = uses

    @property
    def current(self) -> Optional[KeyInUse]:
        """None while there is none."""
        return self._following.current

    @property
    def error(self) -> Optional[KeyPoolError]:
        """What keeps it from hearing of changes now; None while it does."""
        return self._following.error

    async def get(self, timeout: float = 10.0) -> KeyInUse:
        """The key at hand, or the one that comes within the time. Raises `NoKeyAvailable`, or why the pool is silent."""
        return await self._following.get(timeout)

    @asynccontextmanager
    async def key(self, timeout: float = 10.0, *, verdict_of: ReadVerdict = verdict_of) -> AsyncIterator[KeyInUse]:
        """Uses the key at hand for a block. What an exception says of it is reported; a normal end is not."""
        # Of its own, for others use the same key.
        use = _copy(await self.get(timeout))
        try:
            yield use
        except Exception as error:
            use.verdict = use.verdict or read_verdict(verdict_of, error)
            raise
        finally:
            if use.verdict is not None:
                verdict = use.verdict
                await self._uses.see_through(lambda: self._following.report(use, verdict))

    async def report(
        self, key: KeyInUse, code: int, note: str = "", *, retry_after: Optional[calls.RetryAfter] = None
    ) -> Optional[a.ReportOutcome]:
        """Reports what this key got, which need not be the current one any more. None when the report was lost."""
        text = calls.retry_after_text(retry_after)
        return await self._following.report(key, Verdict(code, None if text is None else str(text), note))

    async def close(self) -> None:
        background = self._following.close()
        if background is not None:
            await background.end()

    async def __aenter__(self) -> AsyncFollowedKey:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class AsyncWatchedEvents:
    """
    What becomes true in the pool, for as long as it is iterated. A connection that is lost is made again, and goes on behind
    the last event. Close it, or use it as a context manager.
    """

    def __init__(self, watch: EventWatch) -> None:
        self._watch = watch

    def __aiter__(self) -> AsyncWatchedEvents:
        return self

    async def __anext__(self) -> a.WatchedEvent:
        """Raises `KeyPoolError` for what the first connection meets, and later when the server lets nobody in."""
        event = await self._watch.next()
        if event is None:
            raise StopAsyncIteration
        return event

    async def close(self) -> None:
        """Ends it, also for who is waiting for an event."""
        self._watch.close()

    async def __aenter__(self) -> AsyncWatchedEvents:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class AsyncKeyPool(AsyncAdministration):
    """
    The HTTP API as methods, and keys that report by themselves. What the reference's Python sample has is here under its
    names; answers are the `data` of the API's, and what is refused is raised as a `KeyPoolError`.

    To be used in one event loop. What is cancelled ends its connection. Proxies of the environment are not used.
    """

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:3000/api",
        *,
        token: Optional[str] = None,
        timeout: float = 10.0,
        retry: RetryPolicy = RetryPolicy(),
        headers: Optional[Mapping[str, str]] = None,
        ssl_context: Optional[ssl.SSLContext] = None,
        hooks: Optional[Hooks] = None,
        follow_backoff: Backoff = Backoff(0.25, 5.0),
    ) -> None:
        """
        `base_url` includes `/api`. `token` is needed as soon as the pool has any. `timeout` is for one request, in seconds,
        until its whole answer is here.
        """
        server = parse_base_url(base_url)
        self._transport = AsyncTransport(server, ssl_context)
        self._session = Session(
            self._transport,
            server,
            token=token,
            headers=headers or {},
            timeout=timeout,
            retry=retry,
            hooks=hooks or Hooks(),
        )
        self._leases = LeaseKeeper(self._session)
        self._uses = Uses(self._session, self._leases)
        self._follow_backoff = follow_backoff
        self._lock = threading.Lock()
        self._followings: List[Following] = []
        self._watches: List[EventWatch] = []
        self._shared: Dict[Choice, AsyncFollowedKey] = {}
        renew_in_children(self)

    def _after_fork(self) -> None:
        self._lock = threading.Lock()

    async def _send(self, call: calls.Call[R]) -> R:
        return await self._session.send(call)

    async def close(self) -> None:
        """Ends connections and what runs in the background."""
        with self._lock:
            followings, self._followings = self._followings, []
            watches, self._watches = self._watches, []
            self._shared.clear()
        for watch in watches:
            watch.close()
        await self._uses.close()
        ended = [*(following.close() for following in followings), self._leases.close()]
        for background in ended:
            if background is not None:
                await background.end()
        self._transport.close()

    async def __aenter__(self) -> AsyncKeyPool:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @asynccontextmanager
    async def key(
        self,
        region: Optional[str] = None,
        *,
        service: a.Service = "speech",
        tag: Optional[str] = None,
        lease: Lease = "auto",
        ttl_seconds: int = TTL_SECONDS,
        wait: float = 0.0,
        verdict_of: ReadVerdict = verdict_of,
        report_success: bool = True,
    ) -> AsyncIterator[KeyInUse]:
        """
        A key for a block. At its normal end 200 is reported; an exception is raised on, and the status in it reported if it
        has one (see `verdict_of`); `key.got(code)` says it instead.

        `lease`: True counts the key as in use until the end of the block, against its limit, and renews that in the
        background; False takes a plain hand-out, which no limit holds back; "auto" leases where the server has leases.
        `wait` is how many seconds a key may be waited for when all rest or are at their limit.
        """
        use = await self._uses.begin(Choice(service, region, tag), lease, ttl_seconds, wait)
        try:
            yield use
        except BaseException as error:
            verdict = await self._uses.read(use, verdict_of, error)
            await self._uses.end_with(use, error, verdict)
            raise
        else:
            await self._uses.end(use, use.verdict or (Verdict(200) if report_success else None))

    async def with_key(
        self,
        region: Optional[str],
        call: Callable[[KeyInUse], Awaitable[R]],
        *,
        service: a.Service = "speech",
        tag: Optional[str] = None,
        lease: Lease = "auto",
        ttl_seconds: int = TTL_SECONDS,
        attempts: int = 5,
        wait: float = 0.0,
        verdict_of: ReadVerdict = verdict_of,
        report_success: bool = True,
    ) -> R:
        """
        Runs the call with a key, and again with another where the key got 401, 403, 429 or a WebSocket's 4429, raised or in
        the response that the call returned; at most `attempts` times. Each is reported. Anything else that it raises is
        raised on at once. Raises `NoKeyAvailable`, which says when to come back, when there is no key left to try.
        """

        async def act(key: KeyInUse) -> R:
            return await call(key)

        return await self._uses.with_key(
            Choice(service, region, tag),
            act,
            lease=lease,
            ttl_seconds=ttl_seconds,
            attempts=attempts,
            wait=wait,
            read=verdict_of,
            reports_success=report_success,
        )

    def follow(
        self,
        region: Optional[str] = None,
        *,
        service: a.Service = "speech",
        tag: Optional[str] = None,
        rotate_seconds: Optional[int] = None,
        poll_seconds: float = 2.0,
    ) -> AsyncFollowedKey:
        """
        A key that is always at hand. The server says when there is another; one that has no route for that is asked every
        `poll_seconds`. `rotate_seconds` changes the key in time, too. What the server does not take, such as a time that is
        too long, ends it: `get` raises that `InvalidRequest`.
        """
        choice = Choice(service, region, tag)
        following = Following(self._session, self._uses, choice, rotate_seconds, poll_seconds, self._follow_backoff)
        with self._lock:
            self._followings = [*(other for other in self._followings if not other.is_closed), following]
        following.start()
        return AsyncFollowedKey(following, self._uses)

    def watch_events(
        self,
        *,
        service: Optional[a.Service] = None,
        region: Optional[str] = None,
        kinds: Optional[Sequence[str]] = None,
        last_event_id: Optional[str] = None,
        on_open: Optional[Callable[[], object]] = None,
    ) -> AsyncWatchedEvents:
        """
        What happens from the first connection on, or behind `last_event_id`: of the kinds `key`, `report`, `setting`,
        `import`, `health` and `token`, for a viewer. `on_open` is called whenever there is a connection; what happens from
        then on is told, so read then what you show. After a `reset` read it again.
        """
        query = {"service": service, "region": region, "kinds": None if kinds is None else ",".join(kinds)}
        watch = EventWatch(self._session, query, last_event_id, on_open, self._follow_backoff)
        with self._lock:
            self._watches = [*(other for other in self._watches if not other.is_closed), watch]
        return AsyncWatchedEvents(watch)

    async def get_key(
        self,
        region: Optional[str] = None,
        *,
        service: a.Service = "speech",
        tag: Optional[str] = None,
        wait: float = 0.0,
    ) -> a.HandedOutKey:
        """A key to use. Raises `NoKeyAvailable`."""
        return await self._uses.get(Choice(service, region, tag), wait)

    async def report_status(
        self,
        key: str,
        status_code: int,
        note: str = "",
        *,
        service: a.Service = "speech",
        retry_after: Optional[calls.RetryAfter] = None,
    ) -> a.ReportOutcome:
        """Reports what a key, the secret itself, got. `retry_after` is what came with a 429: seconds or an HTTP date."""
        return await self._send(calls.report_status(key, status_code, note, service, retry_after))

    async def report_key_status_safe(
        self,
        key: str,
        status_code: int,
        note: str = "",
        *,
        service: a.Service = "speech",
        retry_after: Optional[calls.RetryAfter] = None,
    ) -> a.SafeReport:
        """The same without raising. As in the sample, 200 is not sent: a success need not be reported."""
        if status_code == 200:
            return {"success": True}
        try:
            data = await self.report_status(key, status_code, note, service=service, retry_after=retry_after)
            return {"success": True, "data": data}
        except KeyPoolError as error:
            log.warning("the report %d was lost: %s", status_code, error)
            return {"success": False, "error": str(error)}

    async def get_azure_key_with_retry(
        self, region: Optional[str] = "eastasia", max_retries: int = 3
    ) -> Optional[a.HandedOutKey]:
        """The key at hand of a pool that is followed from the first call on; None if none comes in so many seconds."""
        choice = Choice("speech", region, None)
        with self._lock:
            followed = self._shared.get(choice)
        if followed is None:
            followed = self.follow(region)
            with self._lock:
                kept = self._shared.setdefault(choice, followed)
            if kept is not followed:
                await followed.close()
                followed = kept
        try:
            return (await followed.get(float(max_retries))).data
        except KeyPoolError as error:
            log.warning("no key at hand: %s", error)
            return None

    async def lease_key(
        self,
        region: Optional[str] = None,
        *,
        service: a.Service = "speech",
        tag: Optional[str] = None,
        ttl_seconds: Optional[int] = None,
        wait_ms: int = 0,
    ) -> a.LeasedKey:
        """A lease that the caller renews and releases himself; `key` does both. Raises `NoKeyAvailable`."""
        return await self._send(calls.lease_key(region, service, tag, ttl_seconds, wait_ms))

    async def renew_lease(self, lease_id: str, ttl_seconds: Optional[int] = None) -> a.RenewedLease:
        """Raises `NotFound` when it has run out."""
        return await self._send(calls.renew_lease(lease_id, ttl_seconds))

    async def release_lease(
        self,
        lease_id: str,
        code: Optional[int] = None,
        note: str = "",
        *,
        retry_after: Optional[calls.RetryAfter] = None,
    ) -> Optional[a.ReportOutcome]:
        """Gives it back, and reports the code if there is one. A second time changes nothing."""
        return await self._send(calls.release_lease(lease_id, code, note, retry_after))


def _copy(key: KeyInUse) -> KeyInUse:
    return KeyInUse(key.data, key.service)
