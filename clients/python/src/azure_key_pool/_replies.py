"""Reads the frame around every answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Optional

from ._wire import Response, Stream
from .errors import KeyPoolError, UnexpectedAnswer, refusal


#: Nothing that refuses a stream says more, and it says it at once.
MAX_REFUSAL_BYTES = 65_536
REFUSAL_SECONDS = 1.0


@dataclass(frozen=True)
class Reply:
    """A whole answer of the API; `error` is what to raise where that refusal was not expected."""

    data: Any
    error: Optional[KeyPoolError] = None

    def expected(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.data


def read_reply(response: Response) -> Reply:
    request_id = response.headers.get("x-request-id")
    retry_after = seconds_in(response.headers.get("retry-after"))
    answer = _parse(response.body)
    if answer is not None and answer.get("success") is True:
        return Reply(answer.get("data"))
    message, code = (answer or {}).get("error"), (answer or {}).get("code")
    if answer is None or not isinstance(message, str):
        raise UnexpectedAnswer(
            f"Not an answer of the key pool (HTTP {response.status})",
            code="unexpected_answer",
            http_status=response.status,
            retry_after=retry_after,
            request_id=request_id,
        )
    details = answer.get("details")
    return Reply(
        answer.get("data"),
        refusal(
            message,
            # The reference has no codes.
            code if isinstance(code, str) else f"http_{response.status}",
            response.status,
            retry_after=_sooner(retry_after, answer.get("data")),
            request_id=request_id,
            details=details if isinstance(details, list) else (),
        ),
    )


def read_json(response: Response) -> Any:
    """A file, which comes without the frame. Raises what a frame says instead."""
    answer = _parse(response.body)
    if response.status == 200 and answer is not None and "success" not in answer:
        return answer
    read_reply(response).expected()
    raise UnexpectedAnswer("Not a file of the key pool", code="unexpected_answer", http_status=response.status)


async def read_refusal(stream: Stream) -> None:
    """Of what is no stream of events. Raises what its frame says; returns where the frame says that it went well."""
    body = b""
    while len(body) < MAX_REFUSAL_BYTES:
        piece = await stream.read(REFUSAL_SECONDS)
        if not piece:
            break
        body += piece
    read_reply(Response(stream.response.status, stream.response.headers, body)).expected()


def seconds_in(header: Optional[str]) -> Optional[float]:
    return float(header) if header is not None and header.isascii() and header.isdigit() and len(header) < 10 else None


def _sooner(header: Optional[float], data: Any) -> Optional[float]:
    """A proxy may take the header away; the data says the same."""
    if header is not None or not isinstance(data, dict):
        return header
    seconds = data.get("retryAfterSeconds")
    return float(seconds) if isinstance(seconds, (int, float)) else None


def _parse(body: bytes) -> Optional[dict[str, Any]]:
    try:
        answer = json.loads(body)
    except ValueError:
        # The parser's message would quote the answer, which may hold a secret.
        return None
    return answer if isinstance(answer, dict) else None
