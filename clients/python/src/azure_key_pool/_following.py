"""Keeps a key at hand: by the server's word, or by asking where it has none to give."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from datetime import datetime
from typing import Callable, Iterator, List, Optional
from urllib.parse import urlencode

from . import _calls as calls
from ._event_stream import EventReader
from ._forking import renew_in_children
from ._replies import read_refusal
from ._retrying import Backoff
from ._session import Session
from ._uses import SOON_SECONDS, Uses
from ._wire import Alarm, Background, Closed, Stream, is_event_stream
from .answers import HandedOutKey, ReportOutcome
from .errors import AllKeysCooling, InvalidRequest, KeyPoolError, NoKey, TryLater, UnexpectedAnswer, Unreachable
from .hooks import log, tell
from .key_in_use import Choice, KeyInUse
from .verdicts import Verdict

#: A server that keeps still sends a comment every 15 seconds.
SILENCE_SECONDS = 45.0

#: A connection that lived so long was no failure.
STEADY_SECONDS = 5.0

#: How long a server without the route is believed to have none.
WITHOUT_WATCH_SECONDS = 600.0

#: How the pool says so: it knows no such path, or takes its end for the name of a key.
WITHOUT_WATCH_CODES = frozenset({"not_found", "method_not_allowed", "key_not_found", "forbidden"})

#: The same where it only has no place for another watcher.
WITHOUT_PLACE_SECONDS = 30.0

#: The longest pause between two polls while nothing is to be had.
SLOWEST_POLL_SECONDS = 30.0


class Following:
    """A followed key. Its methods may be called beside `run`, from other threads too."""

    def __init__(
        self,
        session: Session,
        uses: Uses,
        choice: Choice,
        rotate_seconds: Optional[int],
        poll_seconds: float,
        backoff: Backoff,
    ) -> None:
        self._session = session
        self._uses = uses
        self._choice = choice
        self._rotate_seconds = rotate_seconds
        self._poll_seconds = poll_seconds
        self._backoff = backoff
        self._lock = threading.Lock()
        self._watchers: List[Alarm] = []
        self._alarm = session.transport.alarm()
        self._hang_up: Optional[Callable[[], None]] = None
        self._last_id: Optional[str] = None
        self._retry_seconds: Optional[float] = None
        self._polls_until = 0.0
        self._failures = 0
        self._none_until: Optional[float] = None
        self._is_told_none = False
        self._background: Optional[Background] = None
        self._is_over = False
        self.is_closed = False
        self.current: Optional[KeyInUse] = None
        self.error: Optional[KeyPoolError] = None
        renew_in_children(self)

    def _after_fork(self) -> None:
        """The key of before the fork stays until there is another, as while the pool cannot be reached."""
        self._lock, self._watchers, self._hang_up = threading.Lock(), [], None
        self._alarm = self._session.transport.alarm()
        if self.is_closed or self._is_over or self._background is None:
            return
        # It is another watcher, with a key of its own.
        self._last_id, self._background = None, None
        if self._session.transport.goes_on_in_children:
            self.start()
        else:
            # Without a word to the hooks, whose locks may be held by who is not here.
            self._is_over, self.current = True, None
            self.error = KeyPoolError("A loop of the parent's cannot be followed in the child of a fork", code="forked")

    def start(self) -> None:
        name = f"azure-key-pool-follow-{self._choice.region or self._choice.service}"
        self._background = self._session.transport.spawn(self._run, name)

    def close(self) -> Optional[Background]:
        """What to wait for."""
        with self._lock:
            self.is_closed = True
            hang_up = self._hang_up
        self._alarm.ring()
        if hang_up is not None:
            hang_up()
        self._ring()
        return self._background

    async def get(self, timeout: float) -> KeyInUse:
        """The key at hand, or the one that comes within the time. Raises `KeyPoolError`."""
        clock = self._session.clock
        deadline = clock() + timeout
        with self._watching() as changed:
            while True:
                current = self.current
                if current is not None:
                    return current
                if self.is_closed:
                    raise Closed
                if self._is_over and self.error is not None:
                    raise self.error
                left = deadline - clock()
                if left <= 0:
                    raise self._absence()
                await changed.sleep(left)

    async def report(self, key: KeyInUse, verdict: Verdict) -> Optional[ReportOutcome]:
        """None when the report is lost. A key that is out of use by it is dropped without waiting for the server."""
        current = self.current
        call = calls.report_status(key.key, verdict.code, verdict.note, key.service, verdict.retry_after)
        try:
            outcome = await self._session.send(call)
        except KeyPoolError as error:
            log.warning("the report %d of key %d was lost: %s", verdict.code, key.id, error)
            tell(self._session.hooks.report_lost, key.id, verdict.code, error)
            return None
        tell(self._session.hooks.reported, key.id, verdict.code, outcome)
        is_out = outcome["statusChanged"] or outcome.get("reason") in ("cooling", "disabled", "already_disabled")
        if is_out and current is not None and current.id == key.id:
            self._drop(current)
        return outcome

    async def _run(self) -> None:
        while not self.is_closed:
            polls = self._session.clock() < self._polls_until
            try:
                pause = await (self._poll() if polls else self._watch())
            except Closed:
                break
            except InvalidRequest as error:
                self._end(error)
                break
            except KeyPoolError as error:
                if self.is_closed:
                    break
                # Who comes back after a fault may be another, which can be watched.
                self._polls_until = 0.0
                pause = self._failed(error)
            except Exception as error:
                # An answer that nobody expects must not end what nobody waits for.
                log.exception("following failed")
                pause = self._failed(UnexpectedAnswer(type(error).__name__, code="unexpected_answer"))
            if not self.is_closed:
                await self._alarm.sleep(pause)

    def _end(self, error: KeyPoolError) -> None:
        """For good, as where what is asked for is nothing that the server takes."""
        log.error("following has ended: %s", error)
        self._is_over = True
        self._set(None, error)

    def _failed(self, error: KeyPoolError) -> float:
        """How long to pause."""
        self._failures += 1
        self.error = error
        named = error.retry_after if error.http_status is not None else None
        pause = self._backoff_of().seconds(self._failures - 1, self._session.chance, named or 0.0)
        log.log(30 if self._failures == 1 else 20, "following: %s; again in %.2f s", error, pause)
        self._ring()
        return pause

    def _backoff_of(self) -> Backoff:
        # The server's word for how soon to come back is where the doubling begins.
        return Backoff(self._retry_seconds or self._backoff.base_seconds, self._backoff.cap_seconds)

    async def _watch(self) -> float:
        session, choice = self._session, self._choice
        query = {"region": choice.region, "tag": choice.tag, "rotate_seconds": self._rotate_seconds}
        path = calls.watch_path(choice.service)
        target = f"{path}?{urlencode({name: value for name, value in query.items() if value is not None})}"
        headers = {} if self._last_id is None else {"Last-Event-ID": self._last_id}
        stream = await session.open(target, path, headers, self._connected)
        began = session.clock()
        try:
            if not is_event_stream(stream.response):
                return await self._refused(stream)
            await self._read(stream)
        except Unreachable as error:
            if session.clock() - began < STEADY_SECONDS:
                raise
            self.error = error
        finally:
            with self._lock:
                self._hang_up = None
            stream.close()
        # It has ended, as before the server stops.
        self._failures = 0 if session.clock() - began >= STEADY_SECONDS else self._failures + 1
        return self._backoff_of().seconds(self._failures, session.chance)

    def _connected(self, hang_up: Callable[[], None]) -> None:
        with self._lock:
            self._hang_up = hang_up
            if not self.is_closed:
                return
        raise Closed

    async def _read(self, stream: Stream) -> None:
        reader = EventReader(self._last_id)
        while True:
            piece = await stream.read(SILENCE_SECONDS)
            if not piece:
                return
            for message in reader.take(piece):
                self._last_id = reader.last_id
                if message.event == "key":
                    self._has(json.loads(message.data))
                elif message.event == "none":
                    self._has_none(_instant(json.loads(message.data).get("availableAt")))
                elif message.event == "end":
                    return
            self._retry_seconds = reader.retry_seconds or self._retry_seconds

    async def _refused(self, stream: Stream) -> float:
        """Where it cannot be watched it is asked, which tells what else is wrong."""
        try:
            await read_refusal(stream)
        except TryLater:
            if self.current is not None:
                raise
            # It has no place for another watcher, but perhaps a key.
            self._polls_until = self._session.clock() + WITHOUT_PLACE_SECONDS
            return self._backoff_of().seconds(self._failures, self._session.chance)
        except KeyPoolError as error:
            # A proxy's page, which may come for a moment, has no such code.
            if error.code not in WITHOUT_WATCH_CODES:
                raise
        log.info("this server has no route to watch a key; it is asked every %g s", self._poll_seconds)
        self._polls_until = self._session.clock() + WITHOUT_WATCH_SECONDS
        return 0.0

    async def _poll(self) -> float:
        choice = self._choice
        try:
            data = await self._session.once(calls.get_key(choice.region, choice.service, choice.tag))
        except AllKeysCooling as error:
            named = error.retry_after or SOON_SECONDS
            self._has_none(time.time() + named)
            return min(SLOWEST_POLL_SECONDS, max(self._poll_seconds, named))
        except NoKey:
            self._has_none(None)
            return max(self._poll_seconds, SOON_SECONDS)
        self._failures = 0
        self._has(data)
        return self._poll_seconds

    def _has(self, data: HandedOutKey) -> None:
        self._set(KeyInUse(data, self._choice.service))

    def _has_none(self, until: Optional[float]) -> None:
        self._none_until = until
        self._is_told_none = True
        self._set(None)

    def _set(self, key: Optional[KeyInUse], error: Optional[KeyPoolError] = None) -> None:
        with self._lock:
            before, self.current = self.current, key
        self.error = error
        ids = (None if before is None else before.id, None if key is None else key.id)
        if ids[0] != ids[1]:
            tell(self._session.hooks.key_changed, *ids)
        self._ring()

    def _drop(self, key: KeyInUse) -> None:
        """Unless another has come meanwhile, or the same one anew."""
        with self._lock:
            if self.current is not key:
                return
            self.current = None
            self._is_told_none = False
        tell(self._session.hooks.key_changed, key.id, None)
        if self._session.clock() < self._polls_until:
            # The next poll need not wait for its time.
            self._alarm.ring()

    def _absence(self) -> KeyPoolError:
        if self.error is not None:
            return self.error
        if self._is_told_none and self._none_until is not None:
            left = max(0.0, self._none_until - time.time())
            return AllKeysCooling("All keys of this pool are cooling down", code="all_keys_cooling", retry_after=left)
        if self._is_told_none:
            return NoKey("No key in this pool", code="no_key")
        return Unreachable("The key pool has not answered yet")

    @contextmanager
    def _watching(self) -> Iterator[Alarm]:
        alarm = self._session.transport.alarm()
        with self._lock:
            self._watchers.append(alarm)
        try:
            yield alarm
        finally:
            with self._lock:
                self._watchers.remove(alarm)

    def _ring(self) -> None:
        with self._lock:
            watchers = list(self._watchers)
        for alarm in watchers:
            alarm.ring()


def _instant(text: object) -> Optional[float]:
    """Seconds since 1970."""
    if not isinstance(text, str):
        return None
    try:
        # Before Python 3.11 it does not know the Z.
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return None
