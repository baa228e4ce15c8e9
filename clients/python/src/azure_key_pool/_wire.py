"""Requests and responses as both transports know them, and the port that they implement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Coroutine, Mapping, Optional, Protocol
from urllib.parse import urlsplit

from .errors import KeyPoolError

#: Longer than any answer needs to say what it is.
MAX_LINE = 65_536


@dataclass(frozen=True)
class Request:
    method: str
    #: With the query, as it is sent.
    target: str
    headers: Mapping[str, str]
    body: Optional[bytes] = None


@dataclass(frozen=True)
class Response:
    status: int
    #: Names in lower case.
    headers: Mapping[str, str]
    body: bytes = field(repr=False, default=b"")


@dataclass(frozen=True)
class Server:
    """Where the API is."""

    host: str
    port: int
    is_tls: bool
    #: In front of every target, without a slash at its end.
    prefix: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_tls else 80) else f"{host}:{self.port}"


def parse_base_url(text: str) -> Server:
    """The value is not repeated in what is raised: somebody may have put a password into it."""
    problem = "base_url must be an http or https URL without credentials, query and fragment"
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        raise ValueError(problem) from None
    is_bare = not (url.username or url.password or url.query or url.fragment)
    if url.scheme not in ("http", "https") or not url.hostname or not is_bare:
        raise ValueError(problem)
    is_tls = url.scheme == "https"
    return Server(url.hostname, port or (443 if is_tls else 80), is_tls, url.path.rstrip("/"))


#: Told how to end the connection from outside, under its reader, as soon as there is one.
Connected = Callable[[Callable[[], None]], None]


class Stream(Protocol):
    """A response that is still coming."""

    response: Response

    async def read(self, timeout: float) -> bytes:
        """What has come; empty at the end. Raises `Unreachable`, also when nothing has come in this time."""

    def close(self) -> None: ...


def is_event_stream(response: Response) -> bool:
    return response.status == 200 and response.headers.get("content-type", "").startswith("text/event-stream")


class Alarm(Protocol):
    """A pause that can be ended from outside."""

    async def sleep(self, seconds: float) -> None:
        """Returns at once if it has been rung since the last sleep."""

    def ring(self) -> None: ...


Run = Callable[[], Coroutine[Any, Any, object]]


class Background(Protocol):
    @property
    def is_over(self) -> bool: ...

    async def end(self, patience: float = 0.0) -> None:
        """Waits until it has ended: by itself within so many seconds, or because it is made to where that can be."""


class Transport(Protocol):
    """One that blocks never suspends its coroutines, so that they can be run without a loop."""

    #: Whether what it spawns can be spawned again in the child of a fork.
    goes_on_in_children: bool

    async def exchange(self, request: Request, timeout: float) -> Response:
        """Raises `Unreachable`, whose `was_sent` says whether the server may have seen the request."""

    async def open(self, request: Request, timeout: float, connected: Connected) -> Stream:
        """The head of the answer is there, its body may never end. Raises `Unreachable`."""

    async def pause(self, seconds: float) -> None: ...

    def alarm(self) -> Alarm: ...

    def spawn(self, run: Run, name: str) -> Background:
        """Runs beside the caller: in a thread, or as a task."""

    async def see_through(self, run: Run, name: str, beside: Callable[[Background], None]) -> None:
        """Runs it to its end, also when the caller is cancelled meanwhile; `beside` is told of what goes on without him."""

    def close(self) -> None:
        """What comes after it raises `Closed`."""


def kept_alive_for(response: Response, default: float) -> float:
    """How long a connection may be idle: a second less than the server keeps it."""
    for part in response.headers.get("keep-alive", "").split(","):
        name, _, value = part.strip().partition("=")
        if name.lower() == "timeout" and value.isascii() and value.isdigit():
            return max(0.0, int(value) - 1.0)
    return default


class Closed(KeyPoolError):
    """The client has been closed."""

    def __init__(self) -> None:
        super().__init__("The client is closed", code="closed")
