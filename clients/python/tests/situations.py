"""What the tests share: a server that answers by a script, both clients behind one face, and a clock of one's own."""

from __future__ import annotations

import asyncio
import inspect
import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

from azure_key_pool import AsyncKeyPool, Hooks, KeyPool, RetryPolicy

#: Ends only what is stuck.
STUCK_SECONDS = 120.0

HAND_OUT = {
    "id": 7,
    "key": "0123456789abcdef0123456789abcdef",
    "region": "eastasia",
    "keyname": "seven",
    "tag": None,
    "status": "enabled",
    "created_at": "2026-01-01T00:00:00.000Z",
}


def key_data(key_id: int) -> Dict[str, Any]:
    return {**HAND_OUT, "id": key_id, "key": f"secret-of-{key_id}".ljust(32, "~")}


class Step:
    """What a request meets."""

    def play(self, handler: "Handler") -> None:
        raise NotImplementedError


class Says(Step):
    def __init__(self, status: int, body: Any, **headers: str) -> None:
        self.status, self.body = status, body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def play(self, handler: "Handler") -> None:
        content = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        handler.send_response(self.status)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)


def done(data: Any) -> Says:
    return Says(200, {"success": True, "data": data, "message": "Done"})


def refused(status: int, code: str, data: Any = None, **headers: str) -> Says:
    body = {"success": False, "error": f"It is {code}", "code": code}
    return Says(status, body if data is None else {**body, "data": data}, **headers)


NOT_FOUND = refused(404, "not_found")


class Drops(Step):
    """Reads the request and ends the connection."""

    def play(self, handler: "Handler") -> None:
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)


class Hangs(Step):
    """Answers nothing for as long as the test lasts, or its caller stays."""

    def play(self, handler: "Handler") -> None:
        handler.close_connection = True
        handler.server.seen.release()  # type: ignore[attr-defined]
        handler.connection.settimeout(STUCK_SECONDS)
        try:
            # Ends when the caller hangs up.
            handler.connection.recv(1)
        except OSError:
            pass
        handler.server.left.release()  # type: ignore[attr-defined]


class Streams(Step):
    """Sends pieces as chunks, and then hangs, or ends."""

    def __init__(self, *pieces: str, ends: bool = False) -> None:
        self.pieces, self.ends = pieces, ends

    def play(self, handler: "Handler") -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream; charset=utf-8")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for piece in self.pieces:
            content = piece.encode()
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
        if self.ends:
            handler.wfile.write(b"0\r\n\r\n")
        else:
            Hangs().play(handler)


class Seen:
    def __init__(self, method: str, path: str, headers: Dict[str, str], body: Any) -> None:
        self.method, self.path, self.headers, self.body = method, path, headers, body

    def __repr__(self) -> str:
        return f"{self.method} {self.path}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    #: Head and body are written apart, and would wait for each other.
    disable_nagle_algorithm = True

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        is_text = self.headers.get("Content-Type", "").startswith("text/")
        content = body.decode() if is_text else json.loads(body) if body else None
        seen = Seen(self.command, self.path, dict(self.headers), content)
        self.server.next_step(seen).play(self)  # type: ignore[attr-defined]

    do_GET = do_POST = do_PUT = do_DELETE = _any

    def log_message(self, *_: object) -> None:
        pass


Answer = Callable[[Seen], Step]


class ScriptedServer(ThreadingHTTPServer):
    """The steps are played in order, and the last one stays; in place of steps, a function that chooses one."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *steps: Step, answer: Optional[Answer] = None) -> None:
        self.requests: List[Seen] = []
        self.seen = threading.Semaphore(0)
        self.left = threading.Semaphore(0)
        self.connections = 0
        self._steps = list(steps)
        self._answer = answer
        self._turn = threading.Lock()
        super().__init__(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def get_request(self) -> Tuple[Any, Any]:
        pair = super().get_request()
        self.connections += 1
        return pair

    def handle_error(self, *_: object) -> None:
        pass

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/api"

    def next_step(self, seen: Seen) -> Step:
        with self._turn:
            self.requests.append(seen)
            if self._answer is not None:
                return self._answer(seen)
            return self._steps.pop(0) if len(self._steps) > 1 else self._steps[0]

    def close(self) -> None:
        self.shutdown()
        self.server_close()

    def __enter__(self) -> "ScriptedServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(STUCK_SECONDS)

    def call(self, act: Callable[[], Any]) -> Any:
        async def run() -> Any:
            return act()

        return self.run(run())

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(STUCK_SECONDS)
        self.loop.close()


class Blocked:
    """Something of asyncio's as if it blocked, so that one test is for both clients."""

    def __init__(self, inner: Any, loop: Loop) -> None:
        self.inner, self.loop = inner, loop

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.inner, name)
        if not callable(value):
            return value

        def call(*args: Any, **named: Any) -> Any:
            args = tuple(_awaitable(arg) if inspect.isfunction(arg) else arg for arg in args)
            result = self.loop.call(lambda: value(*args, **named))
            if inspect.isawaitable(result):
                return self.loop.run(result)
            if hasattr(result, "__aenter__"):
                return _Entered(result, self.loop)
            return result

        return call

    def __enter__(self) -> "Blocked":
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.run(self.inner.close())


class _Entered(Blocked):
    """A context manager of asyncio's; a followed key is one, and more."""

    def __enter__(self) -> Any:
        entered = self.loop.run(self.inner.__aenter__())
        return self if entered is self.inner else entered

    def __exit__(self, *error: Any) -> Any:
        return self.loop.run(self.inner.__aexit__(*error))


def _awaitable(act: Callable[..., Any]) -> Callable[..., Any]:
    """A call that blocks runs in a thread, as it would be beside others."""

    async def run(*args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(None, act, *args)

    return run


class Kept(Hooks):
    """All that the hooks say."""

    def __init__(self) -> None:
        self.answers: List[Tuple[str, str, Optional[int]]] = []
        self.retries: List[Tuple[str, int]] = []
        self.reports: List[Tuple[int, int]] = []
        self.lost: List[Tuple[int, Optional[int]]] = []
        self.keys: List[Optional[int]] = []
        self.changed = threading.Condition()

    def answered(self, method: str, path: str, status: Optional[int], seconds: float) -> None:
        with self.changed:
            self.answers.append((method, path, status))
            self.changed.notify_all()

    def retrying(self, method: str, path: str, attempt: int, pause_seconds: float, error: Exception) -> None:
        self.retries.append((path, attempt))

    def reported(self, key_id: int, code: int, outcome: Any) -> None:
        self.reports.append((key_id, code))

    def report_lost(self, key_id: int, code: Optional[int], error: Exception) -> None:
        self.lost.append((key_id, code))

    def key_changed(self, before: Optional[int], now: Optional[int]) -> None:
        with self.changed:
            self.keys.append(now)
            self.changed.notify_all()

    def until(self, holds: Callable[[], Any]) -> None:
        """Waits on a condition over what has been said."""
        with self.changed:
            if not self.changed.wait_for(holds, STUCK_SECONDS):
                raise AssertionError("It never came")


class HandTime:
    """The clock of a followed key, and its alarm: each pause passes at once."""

    def __init__(self, seconds: float) -> None:
        self.now = 0.0
        self.pauses: List[float] = []
        self.followed: Any = None
        self._seconds = seconds
        self._is_over = threading.Event()

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)
        if self.now >= self._seconds:
            # Its time may be over before the test has it in hand.
            while self.followed is None:
                threading.Event().wait(0.001)
            inner = getattr(self.followed, "inner", self.followed)
            inner._following.is_closed = True
            self._is_over.set()

    def ring(self) -> None:
        pass

    def pass_by(self) -> None:
        if not self._is_over.wait(STUCK_SECONDS):
            raise AssertionError("The time never passed")


class BothClients:
    """A suite for either client: a subclass says which."""

    is_async = False

    def setUp(self) -> None:
        self.hooks = Kept()
        self.loop = Loop() if self.is_async else None

    def tearDown(self) -> None:
        if self.loop is not None:
            self.loop.close()

    @contextmanager
    def pool(self, url: str, *, pauses: Optional[List[float]] = None, **options: Any) -> Iterator[Any]:
        """`pauses` keeps those that the client would have made, in place of making them."""
        options = {"hooks": self.hooks, "retry": RetryPolicy(), **options}
        if self.loop is None:
            pool: Any = KeyPool(url, **options)
            inner = pool
        else:
            inner = AsyncKeyPool(url, **options)
            pool = Blocked(inner, self.loop)
        if pauses is not None:

            async def pause(seconds: float) -> None:
                pauses.append(seconds)

            inner._transport.pause = pause
        self.inner = inner
        with pool:
            yield pool

    def following_by_hand(self, pool: Any, seconds: float, **options: Any) -> "HandTime":
        """A followed key whose pauses take no time, ended when so many seconds would have passed."""
        time = HandTime(seconds)
        kept = self.inner._transport.alarm
        self.inner._transport.alarm = lambda: time
        self.inner._session.clock = lambda: time.now
        self.inner._session.chance = lambda: 0.5
        try:
            time.followed = pool.follow("eastasia", **options)
        finally:
            self.inner._transport.alarm = kept
        return time


def both(suite: type) -> Tuple[type, type]:
    """The suite for the client that blocks, and for asyncio's."""
    import unittest

    made = []
    for prefix, is_async in (("Blocking", False), ("Async", True)):
        made.append(
            type(
                f"{prefix}{suite.__name__}",
                (suite, unittest.TestCase),
                {"is_async": is_async, "__module__": suite.__module__},
            )
        )
    return made[0], made[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
