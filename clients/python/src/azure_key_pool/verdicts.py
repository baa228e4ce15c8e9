"""What the end of a call says about the key that was used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Iterator, Optional
from urllib.error import HTTPError

from .errors import KeyPoolError

#: Another key may do better.
FAILOVER_CODES = frozenset({401, 403, 429})


@dataclass(frozen=True)
class Verdict:
    """The status that Azure gave, as a report has it."""

    code: int
    #: What came with it as `Retry-After`: seconds, or an HTTP date.
    retry_after: Optional[str] = None
    note: str = ""

    @property
    def retry_seconds(self) -> Optional[float]:
        return float(self.retry_after) if self.retry_after is not None and _SECONDS.fullmatch(self.retry_after) else None


def verdict_of(outcome: object) -> Optional[Verdict]:
    """
    Reads it from what a call raised or returned; None where nothing is said about a key.

    An exception: `code` of urllib's `HTTPError`, or a number in `response.status_code`, `response.status`,
    `status_code` or `status`, or a WebSocket's close code. A value: a response, which has a status and headers; any other
    value is the caller's own, and its `status` may mean anything. An error of the pool itself is about no key.
    """
    if isinstance(outcome, BaseException):
        return _of_exception(outcome)
    if _is_response(outcome):
        return _of_response(outcome)
    return None


def code_of_close(code: int, reason: str = "") -> Optional[int]:
    """The status that a WebSocket's close stands for; None where it says nothing about the key."""
    if code in _CLOSES:
        return _CLOSES[code]
    # 1007 and 1013 are how a spent quota may look.
    return 429 if code >= 1000 and _THROTTLED.search(reason) else None


def speech_status(details: str, error_code: object = None) -> Optional[int]:
    """
    The status in what the Speech SDK says of a cancellation: `error_details`, and `error_code` where there is one.
    None where it says nothing about the key, as for a connection that was lost.
    """
    upgrade = _UPGRADE.search(details)
    if upgrade:
        return int(next(group for group in upgrade.groups() if group))
    close = _CLOSE.search(details)
    if close:
        of_close = code_of_close(int(close.group(1)), details)
        if of_close is not None:
            return of_close
    named = _CANCELLATIONS.get(str(getattr(error_code, "name", error_code)).rpartition(".")[2])
    if named is not None:
        return named
    return 429 if _THROTTLED.search(details) else None


class SpeechCanceled(Exception):
    """The Speech SDK has canceled a recognition or a synthesis; `status` is what that says of the key, if anything."""

    def __init__(self, details: str, status: Optional[int]) -> None:
        super().__init__(details)
        self.status = status


def raise_if_canceled(result: Any) -> None:
    """For a result of the Speech SDK, which raises nothing itself. Raises `SpeechCanceled`."""
    canceled = getattr(result, "cancellation_details", None)
    reason = getattr(canceled, "reason", None)
    # A recognition is also canceled when its sound is over.
    if canceled is None or str(getattr(reason, "name", reason)).endswith("EndOfStream"):
        return
    details = str(getattr(canceled, "error_details", "") or "")
    # The synthesizer's is called `error_code`, the recognizer's `code`.
    code = getattr(canceled, "error_code", None) or getattr(canceled, "code", None)
    raise SpeechCanceled(details, speech_status(details, code))


_CLOSES = {4401: 401, 4403: 403, 4429: 429}

_THROTTLED = re.compile(r"quota exceeded|throttl|too many requests|exceeded the concurrent|number of parallel requests", re.I)

_UPGRADE = re.compile(r"unexpected server response: (\d{3})\b|upgrade failed: [^()]*\((\d{3})\)", re.I)

_CLOSE = re.compile(r"\berror code: (\d{4})\b", re.I)

_CANCELLATIONS = {
    "AuthenticationFailure": 401,
    "Forbidden": 403,
    "TooManyRequests": 429,
    "BadRequest": 400,
    "BadRequestParameters": 400,
    "ServiceError": 500,
    "ServiceUnavailable": 503,
    "ServiceTimeout": 504,
}


def _of_exception(error: BaseException) -> Optional[Verdict]:
    if isinstance(error, KeyPoolError):
        return None
    note = type(error).__name__
    for code, source in _statuses_of(error):
        if _is_status(code):
            return Verdict(code, _retry_after_of(source), note)
    for close, reason in _closes_of(error):
        of_close = code_of_close(close, reason)
        if of_close is not None:
            return Verdict(of_close, None, f"{note} {close}")
    return None


def _statuses_of(error: BaseException) -> Iterator[tuple[Any, Any]]:
    if isinstance(error, HTTPError):
        yield error.code, error
    response = getattr(error, "response", None)
    if response is not None:
        yield getattr(response, "status_code", None), response
        yield getattr(response, "status", None), response
    yield getattr(error, "status_code", None), error
    yield getattr(error, "status", None), error


def _closes_of(error: BaseException) -> Iterator[tuple[int, str]]:
    """`code` is no close where it is a program's own exit."""
    if isinstance(error, SystemExit):
        return
    for frame in (getattr(error, "rcvd", None), error):
        for name in ("code", "close_code"):
            close = getattr(frame, name, None)
            if isinstance(close, int) and 1000 <= close <= 4999:
                yield close, str(getattr(frame, "reason", "") or "")
    # The last exception of a chain that others wrap has the text only.
    found = _CLOSE.search(str(error))
    if found:
        yield int(found.group(1)), str(error)


def _is_response(value: object) -> bool:
    has_status = _is_status(getattr(value, "status_code", None)) or _is_status(getattr(value, "status", None))
    return has_status and hasattr(value, "headers")


def _of_response(response: Any) -> Verdict:
    code = response.status_code if _is_status(getattr(response, "status_code", None)) else response.status
    return Verdict(code, _retry_after_of(response))


def _is_status(code: object) -> bool:
    return isinstance(code, int) and not isinstance(code, bool) and 100 <= code <= 599


def _retry_after_of(source: Any) -> Optional[str]:
    headers = getattr(source, "headers", None)
    try:
        value = headers.get("Retry-After") or headers.get("retry-after")  # type: ignore[union-attr]
    except (AttributeError, TypeError):
        return None
    return valid_retry_after(value)


def valid_retry_after(value: object) -> Optional[str]:
    """The pool refuses a report with one that is neither seconds nor an HTTP date, and a proxy may send anything."""
    text = str(value or "").strip()
    if _SECONDS.fullmatch(text):
        return text
    if not _HTTP_DATE.fullmatch(text):
        return None
    try:
        # The shape alone would let the 31st of February pass.
        parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    return text


_SECONDS = re.compile(r"[0-9]{1,15}")

#: The form that is sent; others that look like it have a zone of their own, or none.
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT")
