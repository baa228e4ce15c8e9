"""Sends calls over a transport: headers, time-outs, retries, hooks."""

from __future__ import annotations

import time
from typing import Callable, Mapping, Optional, Tuple, TypeVar

from ._calls import Call
from ._retrying import Chance, RetryPolicy, chance
from ._wire import Connected, Request, Response, Server, Stream, Transport
from .errors import KeyPoolError, Unreachable
from .hooks import Hooks, log, tell

T = TypeVar("T")


class Session:
    def __init__(
        self,
        transport: Transport,
        server: Server,
        *,
        token: Optional[str],
        headers: Mapping[str, str],
        timeout: float,
        retry: RetryPolicy,
        hooks: Hooks,
        clock: Callable[[], float] = time.monotonic,
        chance: Chance = chance,
    ) -> None:
        self.transport = transport
        self.hooks = hooks
        self.clock = clock
        self.chance = chance
        self.retry = retry
        self._server = server
        self._timeout = timeout
        self._headers = {"Host": server.authority, "Accept": "application/json", **headers}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"

    async def send(self, call: Call[T]) -> T:
        """Raises `KeyPoolError`."""
        answer, _ = await self.send_and_tell(call)
        return answer

    async def send_and_tell(self, call: Call[T]) -> Tuple[T, bool]:
        """Tells as well whether an earlier attempt, whose answer was lost, may have done it. Raises `KeyPoolError`."""
        started, attempt, may_be_done = self.clock(), 0, False
        while True:
            attempt += 1
            try:
                return call.read(await self._exchange(call)), may_be_done
            except KeyPoolError as error:
                if _is_about(error, call.spare):
                    log.warning("%s %s: %s; sent without it", call.method, call.path, error)
                    call = call.without_spare()
                    continue
                spent = self.clock() - started
                pause = self.retry.pause_before_next(error, call.is_repeatable, attempt, spent, self.chance)
                if pause is None:
                    raise
                log.info("%s %s: %s; again in %.2f s", call.method, call.path, error, pause)
                tell(self.hooks.retrying, call.method, call.path, attempt, pause, error)
                may_be_done = may_be_done or not isinstance(error, Unreachable) or error.was_sent
            await self.transport.pause(pause)

    async def once(self, call: Call[T]) -> T:
        """For who has his own way of trying again. Raises `KeyPoolError`."""
        return call.read(await self._exchange(call))

    async def _exchange(self, call: Call[T]) -> Response:
        content = call.content
        headers = dict(self._headers)
        if content is not None:
            headers["Content-Type"] = call.media
        if content is not None or call.method in ("POST", "PUT"):
            headers["Content-Length"] = str(len(content or b""))
        request = Request(call.method, self._server.prefix + call.target, headers, content)
        began, status = self.clock(), None
        try:
            response = await self.transport.exchange(request, max(self._timeout, call.at_least_seconds))
            status = response.status
            return response
        finally:
            seconds = self.clock() - began
            log.debug("%s %s: %s in %.3f s", call.method, call.path, status or "no answer", seconds)
            tell(self.hooks.answered, call.method, call.path, status, seconds)

    async def open(self, target: str, path: str, headers: Mapping[str, str], connected: Connected) -> Stream:
        """One attempt. Raises `Unreachable`."""
        sent = {**self._headers, "Accept": "text/event-stream", **headers}
        began, status = self.clock(), None
        try:
            request = Request("GET", self._server.prefix + target, sent)
            stream = await self.transport.open(request, self._timeout, connected)
            status = stream.response.status
            return stream
        finally:
            tell(self.hooks.answered, "GET", path, status, self.clock() - began)


def _is_about(error: KeyPoolError, field: Optional[str]) -> bool:
    return field is not None and any(
        isinstance(bad, dict) and bad.get("field") == field for bad in error.details
    )


def lost(what: str, error: BaseException, was_sent: bool) -> Unreachable:
    """The connection's own words are left out where they could quote a header."""
    reason = type(error).__name__ if isinstance(error, ValueError) else (str(error) or type(error).__name__)
    return Unreachable(f"{what}: {reason}", was_sent=was_sent)
