"""Tells what happens in the pool, over one connection after another."""

from __future__ import annotations

import json
import threading
from collections import deque
from typing import Any, Callable, Deque, Mapping, Optional, cast
from urllib.parse import urlencode

from ._event_stream import EventReader
from ._forking import renew_in_children
from ._replies import read_refusal
from ._retrying import Backoff
from ._session import Session
from ._wire import Closed, Stream, is_event_stream
from .answers import WatchedEvent
from .errors import KeyPoolError, UnexpectedAnswer, Unreachable
from .hooks import log

PATH = "/events"

#: A server that keeps still sends a comment every 15 seconds.
SILENCE_SECONDS = 45.0


class EventWatch:
    """Read by one at a time; may be closed from anywhere."""

    def __init__(
        self,
        session: Session,
        query: Mapping[str, Any],
        last_id: Optional[str],
        on_open: Optional[Callable[[], object]],
        backoff: Backoff,
    ) -> None:
        self._session = session
        self._query = {name: value for name, value in query.items() if value is not None}
        self._reader = EventReader(last_id)
        self._on_open = on_open
        self._backoff = backoff
        self._lock = threading.Lock()
        self._alarm = session.transport.alarm()
        self._ready: Deque[WatchedEvent] = deque()
        self._stream: Optional[Stream] = None
        self._of_parent: Optional[Stream] = None
        self._hang_up: Optional[Callable[[], None]] = None
        self._is_read = False
        self._was_open = False
        self._failures = 0
        self.is_closed = False
        renew_in_children(self)

    def _after_fork(self) -> None:
        """What is read next comes over a connection of its own, which goes on behind the last event."""
        self._lock, self._hang_up, self._is_read = threading.Lock(), None, False
        self._alarm = self._session.transport.alarm()
        self._of_parent, self._stream = self._stream, None

    def close(self) -> None:
        with self._lock:
            self.is_closed = True
            hang_up, stream = self._hang_up, None if self._is_read else self._stream
        self._alarm.ring()
        if hang_up is not None:
            hang_up()
        if stream is not None:
            stream.close()

    async def next(self) -> Optional[WatchedEvent]:
        """None once it is closed. Raises `KeyPoolError` for what the first connection meets, and for later refusals."""
        with self._lock:
            self._is_read = True
        try:
            while not self.is_closed:
                if self._ready:
                    return self._ready.popleft()
                await self._go_on()
            return None
        except KeyPoolError:
            if self.is_closed:
                return None
            raise
        finally:
            with self._lock:
                self._is_read = False
            if self.is_closed:
                self._drop()

    async def _go_on(self) -> None:
        fault: Optional[KeyPoolError] = None
        try:
            if self._stream is None:
                await self._open()
            if self._stream is not None and await self._take(self._stream):
                return
        except Closed:
            raise
        except KeyPoolError as error:
            if not (self._was_open and _is_passing(error)):
                self._drop()
                raise
            fault = error
            log.info("watching events: %s", error)
        except BaseException:
            # Also when cancelled: a piece may be lost, and comes again behind the last event.
            self._drop()
            raise
        # It has ended, as before the server stops, or was lost.
        self._drop()
        if not self.is_closed:
            base = self._reader.retry_seconds or self._backoff.base_seconds
            named = fault.retry_after if fault is not None and fault.http_status is not None else None
            pause = Backoff(base, self._backoff.cap_seconds).seconds(self._failures, self._session.chance, named or 0.0)
            self._failures += 1
            await self._alarm.sleep(pause)

    async def _open(self) -> None:
        last_id = self._reader.last_id
        headers = {} if last_id is None else {"Last-Event-ID": last_id}
        target = f"{PATH}?{urlencode(self._query)}"
        self._stream = await self._session.open(target, PATH, headers, self._connected)
        if not is_event_stream(self._stream.response):
            await read_refusal(self._stream)
            raise UnexpectedAnswer("Not a stream", code="unexpected_answer", http_status=200)
        # What comes is a beginning, whatever was left over of the one before.
        self._reader = EventReader(last_id)
        if self._was_open and last_id is None:
            # What happened meanwhile is not known where there is no place to go on from.
            self._ready.append({"event": "reset", "id": "", "data": {}})
        self._was_open = True
        if self._on_open is not None:
            self._on_open()

    def _connected(self, hang_up: Callable[[], None]) -> None:
        with self._lock:
            self._hang_up = hang_up
            if not self.is_closed:
                return
        raise Closed

    async def _take(self, stream: Stream) -> bool:
        """False at the end of the stream."""
        piece = await stream.read(SILENCE_SECONDS)
        if not piece:
            return False
        self._failures = 0
        for message in self._reader.take(piece):
            if message.event != "end":
                try:
                    data = json.loads(message.data)
                except ValueError:
                    raise UnexpectedAnswer("Not an event", code="unexpected_answer") from None
                self._ready.append({"event": cast(Any, message.event), "id": self._reader.last_id or "", "data": data})
        return True

    def _drop(self) -> None:
        with self._lock:
            self._hang_up = None
            stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()


def _is_passing(error: KeyPoolError) -> bool:
    """Whether the same may go well a moment later, as when the server is away or busy, or a proxy is in between."""
    if isinstance(error, (Unreachable, UnexpectedAnswer)):
        return True
    return error.http_status is None or error.http_status >= 500 or error.http_status == 429
