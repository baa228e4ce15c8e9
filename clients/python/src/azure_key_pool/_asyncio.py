"""The transport of `AsyncKeyPool`: HTTP/1.1 over asyncio's streams. What is cancelled ends its connection."""

from __future__ import annotations

import asyncio
import ssl
import time
from typing import Callable, Dict, List, Optional, Tuple

from ._forking import renew_in_children
from ._session import lost
from ._wire import MAX_LINE, Background, Closed, Connected, Request, Response, Run, Server, kept_alive_for
from .errors import TimedOut

#: Where the server does not say how long it keeps an idle connection.
IDLE_SECONDS = 4.0

#: More are closed when they have been used.
MAX_IDLE = 64

Pair = Tuple[asyncio.StreamReader, asyncio.StreamWriter]

#: What reading may meet: a lost connection, an end too early, or what is no HTTP.
_BROKEN = (OSError, EOFError, asyncio.LimitOverrunError, ValueError)


class AsyncAlarm:
    def __init__(self) -> None:
        self._rung: Optional[asyncio.Event] = None
        self._is_rung = False

    async def sleep(self, seconds: float) -> None:
        # Made here: before Python 3.10 an event belongs to the loop that runs when it is made.
        self._rung = self._rung or asyncio.Event()
        if not self._is_rung:
            try:
                await asyncio.wait_for(self._rung.wait(), seconds)
            except asyncio.TimeoutError:
                pass
        self._rung.clear()
        self._is_rung = False

    def ring(self) -> None:
        self._is_rung = True
        if self._rung is not None:
            self._rung.set()


class _Body:
    """What follows the head of an answer."""

    def __init__(self, reader: asyncio.StreamReader, method: str, response: Response) -> None:
        self._reader = reader
        headers = response.headers
        self._is_chunked = "chunked" in headers.get("transfer-encoding", "").lower()
        length = headers.get("content-length")
        self._left: Optional[int] = None if self._is_chunked or length is None else int(length)
        if method == "HEAD" or response.status in (204, 304):
            self._left = 0
        #: Of the chunk that is being read.
        self._chunk_left = 0
        #: Whether the connection may be used again once the body is read.
        self.ends_itself = self._is_chunked or self._left is not None
        self._is_over = self._left == 0

    async def read(self, at_most: int = 65_536) -> bytes:
        """Empty at the end."""
        if self._is_over:
            return b""
        if self._is_chunked:
            return await self._read_chunked(at_most)
        piece = await self._reader.read(at_most if self._left is None else min(at_most, self._left))
        if self._left is not None:
            self._left -= len(piece)
            if not piece:
                raise EOFError("the answer is not whole")
        self._is_over = not piece or self._left == 0
        return piece

    async def _read_chunked(self, at_most: int) -> bytes:
        if self._chunk_left == 0:
            line = await self._reader.readuntil(b"\n")
            self._chunk_left = int(line.split(b";")[0], 16)
            if self._chunk_left == 0:
                while (await self._reader.readuntil(b"\n")).strip():
                    pass
                self._is_over = True
                return b""
        piece = await self._reader.read(min(at_most, self._chunk_left))
        if not piece:
            raise EOFError("the answer is not whole")
        self._chunk_left -= len(piece)
        if self._chunk_left == 0:
            await self._reader.readexactly(2)
        return piece

    async def read_all(self) -> bytes:
        pieces: List[bytes] = []
        while True:
            piece = await self.read(1 << 20)
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)


class AsyncStream:
    def __init__(self, writer: asyncio.StreamWriter, body: _Body, response: Response) -> None:
        self._writer = writer
        self._body = body
        self.response = response

    async def read(self, timeout: float) -> bytes:
        try:
            return await asyncio.wait_for(self._body.read(), timeout)
        except asyncio.TimeoutError:
            raise TimedOut(f"Nothing came for {timeout:g} s") from None
        except _BROKEN as error:
            raise lost("The connection to the key pool was lost", error, was_sent=True) from None

    def close(self) -> None:
        self._writer.transport.abort()


class AsyncBackground:
    def __init__(self, task: "asyncio.Task[object]") -> None:
        self._task = task

    @property
    def is_over(self) -> bool:
        return self._task.done()

    async def end(self, patience: float = 0.0) -> None:
        if self._task is asyncio.current_task():
            return
        if patience > 0:
            await asyncio.wait([self._task], timeout=patience)
        self._task.cancel()
        await asyncio.wait([self._task])


class _Progress:
    was_sent = False


class AsyncTransport:
    # The loop is the parent's, too.
    goes_on_in_children = False

    def __init__(self, server: Server, tls: Optional[ssl.SSLContext]) -> None:
        self._server = server
        self._tls = tls or (ssl.create_default_context() if server.is_tls else None)
        #: With the instant until which each may be used; the one used last comes first.
        self._idle: List[Tuple[float, Pair]] = []
        #: In the child of a fork. To close them, or lose them, would end them in the parent's loop.
        self._of_parent: List[Tuple[float, Pair]] = []
        self._is_closed = False
        renew_in_children(self)

    def _after_fork(self) -> None:
        self._of_parent, self._idle = [*self._of_parent, *self._idle], []

    async def exchange(self, request: Request, timeout: float) -> Response:
        progress = _Progress()
        try:
            return await asyncio.wait_for(self._exchange(request, progress), timeout)
        except asyncio.TimeoutError:
            raise TimedOut(f"No whole answer within {timeout:g} s", was_sent=progress.was_sent) from None

    async def open(self, request: Request, timeout: float, connected: Connected) -> AsyncStream:
        try:
            return await asyncio.wait_for(self._open(request, connected), timeout)
        except asyncio.TimeoutError:
            raise TimedOut(f"No answer within {timeout:g} s") from None

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if self._is_closed:
            raise Closed

    def alarm(self) -> AsyncAlarm:
        return AsyncAlarm()

    def spawn(self, run: Run, name: str) -> AsyncBackground:
        return AsyncBackground(asyncio.get_running_loop().create_task(run(), name=name))

    async def see_through(self, run: Run, name: str, beside: Callable[[Background], None]) -> None:
        task = asyncio.get_running_loop().create_task(run(), name=name)
        # The loop itself would not keep it from being collected.
        beside(AsyncBackground(task))
        await asyncio.shield(task)

    def close(self) -> None:
        self._is_closed = True
        idle, self._idle = self._idle, []
        for _, (_, writer) in idle:
            writer.transport.abort()

    async def _exchange(self, request: Request, progress: _Progress) -> Response:
        if self._is_closed:
            raise Closed
        pair = self._idle_one() or await self._connect()
        is_kept = False
        progress.was_sent = True
        try:
            head, body = await self._begin(pair, request)
            content = await body.read_all()
            response = Response(head.status, head.headers, content)
            is_kept = body.ends_itself and head.headers.get("connection", "").lower() != "close"
        except _BROKEN as error:
            raise lost("The connection to the key pool was lost", error, was_sent=True) from None
        finally:
            # Also when cancelled: half an answer must not be taken for the next one.
            if not is_kept or self._is_closed or len(self._idle) >= MAX_IDLE:
                pair[1].transport.abort()
            else:
                self._idle.append((time.monotonic() + kept_alive_for(response, IDLE_SECONDS), pair))
        return response

    async def _open(self, request: Request, connected: Connected) -> AsyncStream:
        if self._is_closed:
            raise Closed
        pair = await self._connect()
        try:
            connected(pair[1].transport.abort)
            head, body = await self._begin(pair, request)
        except _BROKEN as error:
            pair[1].transport.abort()
            raise lost("The connection to the key pool was lost", error, was_sent=True) from None
        except BaseException:
            pair[1].transport.abort()
            raise
        return AsyncStream(pair[1], body, head)

    async def _begin(self, pair: Pair, request: Request) -> Tuple[Response, _Body]:
        reader, writer = pair
        lines = [f"{request.method} {request.target} HTTP/1.1"]
        for name, value in request.headers.items():
            if "\r" in value or "\n" in value:
                raise ValueError(f"{name} has a line break")
            lines.append(f"{name}: {value}")
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + (request.body or b""))
        await writer.drain()
        response = await _read_head(reader)
        return response, _Body(reader, request.method, response)

    async def _connect(self) -> Pair:
        server = self._server
        try:
            return await asyncio.open_connection(server.host, server.port, ssl=self._tls, limit=MAX_LINE)
        except (OSError, ssl.CertificateError) as error:
            raise lost("The key pool cannot be reached", error, was_sent=False) from None

    def _idle_one(self) -> Optional[Pair]:
        """One that the server still keeps, of this loop."""
        loop = asyncio.get_running_loop()
        while self._idle:
            until, pair = self._idle.pop()
            reader, writer = pair
            is_ours = getattr(reader, "_loop", loop) is loop
            if is_ours and time.monotonic() < until and not reader.at_eof() and not writer.is_closing():
                return pair
            if is_ours:
                writer.transport.abort()
        return None


async def _read_head(reader: asyncio.StreamReader) -> Response:
    while True:
        line = (await reader.readuntil(b"\n")).decode("latin-1").strip()
        version, _, rest = line.partition(" ")
        if not version.startswith("HTTP/1."):
            raise ValueError("not HTTP")
        status = int(rest[:3])
        headers: Dict[str, str] = {}
        size = 0
        while True:
            header = (await reader.readuntil(b"\n")).decode("latin-1").strip()
            if not header:
                break
            size += len(header)
            if size > MAX_LINE:
                raise ValueError("too many headers")
            name, _, value = header.partition(":")
            headers[name.strip().lower()] = value.strip()
        # 100 and its like come before the answer.
        if status >= 200:
            return Response(status, headers)
