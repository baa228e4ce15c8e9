"""The transport of `KeyPool`: `http.client`, with connections that are kept. Safe to use from many threads."""

from __future__ import annotations

import http.client
import os
import select
import socket
import ssl
import threading
import time
import weakref
from contextlib import contextmanager
from functools import partial
from typing import Any, Callable, Coroutine, Iterator, List, Optional, Tuple, TypeVar

from ._forking import renew_in_children
from ._session import lost
from ._wire import Background, Closed, Connected, Request, Response, Run, Server, kept_alive_for
from .errors import TimedOut

T = TypeVar("T")

#: Where the server does not say how long it keeps an idle connection.
IDLE_SECONDS = 4.0

#: More are closed when they have been used.
MAX_IDLE = 64

#: What runs in the background has been told to end; it is only waited for.
JOIN_SECONDS = 5.0

Answer = http.client.HTTPResponse


def finish(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine over a transport that blocks: it is at its end when it first returns."""
    try:
        coroutine.send(None)
    except StopIteration as ended:
        return ended.value  # type: ignore[no-any-return]
    coroutine.close()
    raise RuntimeError("a transport that blocks has suspended")


class BlockingAlarm:
    def __init__(self) -> None:
        self._rung = threading.Event()

    async def sleep(self, seconds: float) -> None:
        self._rung.wait(seconds)
        self._rung.clear()

    def ring(self) -> None:
        self._rung.set()


@contextmanager
def _kept_while_well(connection: http.client.HTTPConnection, late: str) -> Iterator[None]:
    """Closes the connection when what is done with it fails, and says so in the client's words."""
    try:
        yield
    except BaseException as error:
        connection.close()
        if isinstance(error, socket.timeout):
            raise TimedOut(late) from None
        if isinstance(error, (OSError, http.client.HTTPException)):
            raise lost("The connection to the key pool was lost", error, was_sent=True) from None
        raise


class BlockingStream:
    def __init__(self, connection: http.client.HTTPConnection, wire: socket.socket, answer: Answer) -> None:
        self._connection = connection
        self._wire = wire
        self._answer = answer
        self.response = Response(answer.status, _headers(answer))

    async def read(self, timeout: float) -> bytes:
        if self._answer.isclosed():
            return b""
        try:
            self._wire.settimeout(timeout)
            return self._answer.read1(65_536)
        except socket.timeout:
            raise TimedOut(f"Nothing came for {timeout:g} s") from None
        except (OSError, http.client.HTTPException) as error:
            raise lost("The connection to the key pool was lost", error, was_sent=True) from None

    def close(self) -> None:
        self._answer.close()
        self._connection.close()


class BlockingBackground:
    def __init__(self, thread: threading.Thread) -> None:
        self._thread = thread

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()

    async def end(self, patience: float = 0.0) -> None:
        if self._thread is not threading.current_thread():
            self._thread.join(max(patience, JOIN_SECONDS))


class BlockingTransport:
    goes_on_in_children = True

    def __init__(self, server: Server, tls: Optional[ssl.SSLContext]) -> None:
        self._server = server
        self._tls = tls or (ssl.create_default_context() if server.is_tls else None)
        self._lock = threading.Lock()
        #: With the instant until which each may be used; the one used last comes first.
        self._idle: List[Tuple[float, http.client.HTTPConnection]] = []
        #: All that there are, so that a child can let go of them.
        self._wires: "weakref.WeakSet[socket.socket]" = weakref.WeakSet()
        self._over = threading.Event()
        renew_in_children(self)

    def _after_fork(self) -> None:
        is_over = self._over.is_set()
        wires = list(self._wires)
        self._lock, self._idle, self._wires, self._over = threading.Lock(), [], weakref.WeakSet(), threading.Event()
        if is_over:
            self._over.set()
        for wire in wires:
            # The descriptor of this process alone: ending the connection would end it for the parent.
            number = wire.detach()
            if number >= 0:
                os.close(number)

    async def exchange(self, request: Request, timeout: float) -> Response:
        deadline = time.monotonic() + timeout
        connection, wire, answer = self._begin(request, timeout)
        with _kept_while_well(connection, f"No whole answer within {timeout:g} s"):
            body = _read_all(wire, answer, deadline)
        response = Response(answer.status, _headers(answer), body)
        self._keep(connection, answer, response)
        return response

    async def open(self, request: Request, timeout: float, connected: Connected) -> BlockingStream:
        connection = self._connect(timeout)
        try:
            connected(partial(_hang_up, connection.sock))
        except Closed:
            connection.close()
            raise
        return BlockingStream(*self._begin(request, timeout, connection))

    async def pause(self, seconds: float) -> None:
        if self._over.wait(seconds):
            raise Closed

    def alarm(self) -> BlockingAlarm:
        return BlockingAlarm()

    def spawn(self, run: Run, name: str) -> BlockingBackground:
        # A daemon: a program that ends does not wait for it.
        thread = threading.Thread(target=lambda: finish(run()), name=name, daemon=True)
        thread.start()
        return BlockingBackground(thread)

    async def see_through(self, run: Run, name: str, beside: Callable[[Background], None]) -> None:
        # Nobody cancels what blocks.
        await run()

    def close(self) -> None:
        self._over.set()
        with self._lock:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    def _begin(
        self, request: Request, timeout: float, made: Optional[http.client.HTTPConnection] = None
    ) -> Tuple[http.client.HTTPConnection, socket.socket, Answer]:
        if self._over.is_set():
            raise Closed
        connection = made or self._idle_one() or self._connect(timeout)
        # The connection lets go of it when the answer says that it is the last.
        wire = connection.sock
        with _kept_while_well(connection, f"No answer within {timeout:g} s"):
            wire.settimeout(timeout)
            # All at once: two small writes would wait for each other.
            connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.items():
                connection.putheader(name, value)
            connection.endheaders(request.body)
            return connection, wire, connection.getresponse()

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        where = self._server.host, self._server.port
        connection = (
            http.client.HTTPSConnection(*where, timeout=timeout, context=self._tls)
            if self._tls is not None
            else http.client.HTTPConnection(*where, timeout=timeout)
        )
        try:
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._wires.add(connection.sock)
        except socket.timeout:
            connection.close()
            raise TimedOut(f"No connection within {timeout:g} s", was_sent=False) from None
        except OSError as error:
            connection.close()
            raise lost("The key pool cannot be reached", error, was_sent=False) from None
        return connection

    def _idle_one(self) -> Optional[http.client.HTTPConnection]:
        """One that the server still keeps: an idle one that can be read has been ended."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                until, connection = self._idle.pop()
            if connection.sock is not None and time.monotonic() < until and not _is_readable(connection.sock):
                return connection
            connection.close()

    def _keep(
        self, connection: http.client.HTTPConnection, answer: Answer, response: Response
    ) -> None:
        # `will_close` and a socket that is gone are the library's words for the same.
        if answer.will_close or connection.sock is None or self._over.is_set():
            connection.close()
            return
        until = time.monotonic() + kept_alive_for(response, IDLE_SECONDS)
        with self._lock:
            if len(self._idle) < MAX_IDLE:
                self._idle.append((until, connection))
                return
        connection.close()


def _hang_up(wire: socket.socket) -> None:
    """Closing it would leave a reader in another thread with a descriptor that may be another's by then."""
    try:
        wire.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def _read_all(wire: socket.socket, answer: Answer, deadline: float) -> bytes:
    """A socket's own time-out begins anew with each piece."""
    pieces: List[bytes] = []
    # Some versions close an answer with its last byte, and the socket with it.
    while not answer.isclosed():
        left = deadline - time.monotonic()
        if left <= 0:
            raise socket.timeout
        wire.settimeout(left)
        piece = answer.read1(1 << 20)
        if not piece:
            if answer.length:
                raise http.client.IncompleteRead(b"", answer.length)
            # In others one that is read in pieces does not end by itself, and holds the connection.
            answer.close()
        pieces.append(piece)
    return b"".join(pieces)


def _is_readable(connected: Any) -> bool:
    try:
        poller = select.poll()
    except AttributeError:  # Windows
        return bool(select.select([connected], [], [], 0)[0])
    poller.register(connected, select.POLLIN)
    return bool(poller.poll(0))


def _headers(answer: Answer) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.getheaders()}


