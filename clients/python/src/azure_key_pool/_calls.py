"""Each request of the API as a value. Keys are named by id, so that no secret gets into a URL."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, Generic, List, Mapping, Optional, Sequence, TypeVar, Union, cast
from urllib.parse import quote, urlencode

from . import answers as a
from ._replies import read_json, read_reply
from ._wire import Response

T = TypeVar("T")

Instant = Union[str, int]
RetryAfter = Union[int, float, str]

#: At least, for what asks Azure or brings many keys.
LONG_SECONDS = 120.0

#: Of a report, whose code is what counts.
_SPARE = "retry_after"


class Unset:
    """In place of a field that stays as it is, where None means something."""


UNSET = Unset()


@dataclass(frozen=True)
class Call(Generic[T]):
    method: str
    path: str
    read: Callable[[Response], T]
    query: Mapping[str, Any]
    body: Optional[Mapping[str, Any]] = None
    #: In place of a body that is JSON.
    text: Optional[a.ImportText] = None
    #: Made twice it is as if made once, so it may be sent again when its answer was lost.
    is_repeatable: bool = False
    #: The least time that its answer may take.
    at_least_seconds: float = 0.0
    #: A field of the body that is worth less than the rest: where the server refuses it, the rest goes without.
    spare: Optional[str] = None

    def without_spare(self) -> Call[T]:
        body = {name: value for name, value in (self.body or {}).items() if name != self.spare}
        return replace(self, body=body, spare=None)

    @property
    def target(self) -> str:
        pairs = {name: _text(value) for name, value in self.query.items() if value is not None}
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    @property
    def media(self) -> str:
        return "application/json" if self.text is None else self.text.media

    @property
    def content(self) -> Optional[bytes]:
        if self.text is not None:
            return self.text.content.encode()
        return None if self.body is None else json.dumps(self.body).encode()


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _data(response: Response) -> Any:
    return read_reply(response).expected()


def _get(path: str, **query: Any) -> Call[Any]:
    return Call("GET", path, _data, query, is_repeatable=True)


def _send(method: str, path: str, body: Optional[Mapping[str, Any]] = None, **how: Any) -> Call[Any]:
    return Call(method, path, _data, {}, body, **how)


def _given(**fields: Any) -> Dict[str, Any]:
    """What was given; None is what was not."""
    return {name: value for name, value in fields.items() if value is not None and not isinstance(value, Unset)}


def _set(**fields: Any) -> Dict[str, Any]:
    """What was given; None is a value."""
    return {name: value for name, value in fields.items() if not isinstance(value, Unset)}


def keys_path(service: a.Service) -> str:
    return "/translation/keys" if service == "translation" else "/keys"





def get_key(region: Optional[str], service: a.Service, tag: Optional[str]) -> Call[a.HandedOutKey]:
    return _get(f"{keys_path(service)}/get", region=region, tag=tag)


def report_status(
    key: str, code: int, note: Optional[str], service: a.Service, retry_after: Optional[RetryAfter]
) -> Call[a.ReportOutcome]:
    # A second report of the same finds the key at rest, or disabled, and changes nothing.
    body = {"key": key, "code": code, **_given(note=note or None, retry_after=retry_after_text(retry_after))}
    return _send("POST", f"{keys_path(service)}/status", body, is_repeatable=True, spare=_SPARE)


def retry_after_text(value: Optional[RetryAfter]) -> Optional[Union[int, str]]:
    """As reports take it: whole seconds, rounded up, or an HTTP date."""
    if value is None or isinstance(value, str):
        return value
    return max(0, -int(-value // 1))


def lease_key(
    region: Optional[str], service: a.Service, tag: Optional[str], ttl_seconds: Optional[int], wait_ms: int
) -> Call[a.LeasedKey]:
    # Not repeatable: a lease whose answer was lost is counted until it runs out, and so would be the second.
    region = region or ("global" if service == "translation" else "eastasia")
    body = _given(service=service, region=region, tag=tag, ttl_seconds=ttl_seconds, wait_ms=wait_ms or None)
    return _send("POST", "/leases", body, at_least_seconds=wait_ms / 1000 + 10 if wait_ms else 0.0)


def renew_lease(lease_id: str, ttl_seconds: Optional[int]) -> Call[a.RenewedLease]:
    path = f"/leases/{quote(lease_id, safe='')}/renew"
    return _send("POST", path, _given(ttl_seconds=ttl_seconds), is_repeatable=True)


def release_lease(
    lease_id: str, code: Optional[int], note: Optional[str], retry_after: Optional[RetryAfter]
) -> Call[Optional[a.ReportOutcome]]:
    body = _given(code=code, note=note or None, retry_after=retry_after_text(retry_after))

    def read(response: Response) -> Optional[a.ReportOutcome]:
        data = _data(response)
        # Without a code nothing was reported.
        return cast(a.ReportOutcome, data) if isinstance(data, dict) and "action" in data else None

    return Call("POST", f"/leases/{quote(lease_id, safe='')}/release", read, {}, body, is_repeatable=True, spare=_SPARE)


def watch_path(service: a.Service) -> str:
    return f"{keys_path(service)}/watch"





def add_key(
    key: str,
    region: str,
    keyname: Optional[str],
    tag: Optional[str],
    max_in_flight: Union[int, None, Unset],
    service: a.Service,
) -> Call[a.ShownKey]:
    more = {**_given(keyname=keyname, tag=tag), **_set(max_in_flight=max_in_flight)}
    return _send("POST", keys_path(service), {"key": key, "region": region, **more})


def update_key(key_id: int, changes: Mapping[str, Any], service: a.Service) -> Call[a.ShownKey]:
    return _send("PUT", _of_key(key_id, service), _set(**changes), is_repeatable=True)


def delete_key(key_id: int, service: a.Service) -> Call[a.ShownKey]:
    return _send("DELETE", _of_key(key_id, service))


def switch_key(key_id: int, act: str, service: a.Service) -> Call[a.ShownKey]:
    return _send("POST", f"{_of_key(key_id, service)}/{act}", is_repeatable=True)


def show_key(key_id: int, service: a.Service) -> Call[a.DetailedKey]:
    return _get(_of_key(key_id, service))


def _of_key(key_id: int, service: a.Service) -> str:
    # A secret in a URL would be written into logs on its way.
    if isinstance(key_id, bool) or not isinstance(key_id, int):
        raise TypeError("a key is named by its id, a whole number")
    return f"{keys_path(service)}/{key_id}"


def list_keys(service: a.Service, **query: Any) -> Call[List[a.ListedKey]]:
    return _get(keys_path(service), **query)


def page_keys(service: a.Service, **query: Any) -> Call[a.KeyPage]:
    return _get(keys_path(service), **query)


def get_logs(service: a.Service, **query: Any) -> Call[a.LogPage]:
    # `from` is no name for a parameter.
    return _get(f"{keys_path(service)}/logs", **{name.rstrip("_"): value for name, value in query.items()})


def get_stats(service: a.Service) -> Call[a.Statistics]:
    return _get(f"{keys_path(service)}/stats")


def get_report_history(**query: Any) -> Call[a.ReportHistory]:
    return _get("/reports/history", **{name.rstrip("_"): value for name, value in query.items()})


def list_pools() -> Call[List[a.PoolState]]:
    return _get("/pools")


def test_key(path: str, key: str, region: Optional[str], **more: Any) -> Call[a.KeyTest]:
    def read(response: Response) -> a.KeyTest:
        reply = read_reply(response)
        if reply.error is None:
            return cast(a.KeyTest, {"works": True, **reply.data})
        if reply.error.code != "key_rejected":
            raise reply.error
        return cast(a.KeyTest, {"works": False, "reason": str(reply.error), **reply.data})

    body = {"key": key, **_given(region=region, **more)}
    return Call("POST", path, read, {}, body, at_least_seconds=LONG_SECONDS)


def reveal_key(key_id: int, reason: str, service: a.Service) -> Call[a.RevealedKey]:
    return _send("POST", f"{_of_key(key_id, service)}/reveal", {"reason": reason})


def get_all_config() -> Call[List[a.ConfigEntry]]:
    return _get("/config")


def get_config(name: str) -> Call[a.ConfigEntry]:
    return _get(f"/config/{quote(name, safe='')}")


def save_config(name: str, value: Union[str, int, float], description: Optional[str]) -> Call[a.ConfigEntry]:
    body = {"config_key": name, "config_value": value, **_given(description=description)}
    return _send("POST", "/config", body, is_repeatable=True)


def update_config(name: str, value: Union[str, int, float], description: Optional[str]) -> Call[a.ConfigEntry]:
    body = {"config_value": value, **_given(description=description)}
    return _send("PUT", f"/config/{quote(name, safe='')}", body, is_repeatable=True)


def delete_config(name: str) -> Call[a.ConfigEntry]:
    return _send("DELETE", f"/config/{quote(name, safe='')}")


def save_all_config(configs: Sequence[a.ConfigChange]) -> Call[List[a.ConfigEntry]]:
    return _send("POST", "/config/batch", {"configs": list(configs)}, is_repeatable=True)


def get_template(service: a.Service) -> Call[a.ImportFile]:
    return Call("GET", "/upload/template", read_json, {"type": service}, is_repeatable=True)


def export_keys(service: a.Service) -> Call[a.ImportFile]:
    path = f"{keys_path(service)}/export"
    return Call("GET", path, read_json, {}, is_repeatable=True, at_least_seconds=LONG_SECONDS)


Rows = Union[Sequence[a.ImportRow], a.ImportFile, a.ImportText]


def validate_keys(rows: Rows, service: a.Service) -> Call[a.ImportFindings]:
    return _import("/upload/validate", _data, rows, service, {})


def create_keys(rows: Rows, options: Mapping[str, bool], service: a.Service) -> Call[a.ImportReport]:
    def read(response: Response) -> a.ImportReport:
        reply = read_reply(response)
        # What was wrong with which row is in the report, also when it was every row.
        return cast(a.ImportReport, reply.expected() if reply.data is None else reply.data)

    # Keys that are there already are skipped.
    return _import("/upload/create-keys", read, rows, service, options)


def _import(
    path: str, read: Callable[[Response], T], rows: Rows, service: a.Service, options: Mapping[str, bool]
) -> Call[T]:
    query: Dict[str, Any] = {}
    body: Optional[Dict[str, Any]] = None
    text = rows if isinstance(rows, a.ImportText) else None
    if text is not None:
        query = {"type": service, "region": text.region, **options}
    elif isinstance(rows, Mapping):
        body = {"jsonData": rows, "options": dict(options)}
    else:
        body = {"type": service, "jsonData": list(cast(Sequence[a.ImportRow], rows)), "options": dict(options)}
    return Call("POST", path, read, query, body, text, is_repeatable=True, at_least_seconds=LONG_SECONDS)


def get_health() -> Call[a.Health]:
    def read(response: Response) -> a.Health:
        reply = read_reply(response)
        unwell = reply.error is not None and reply.error.code == "unhealthy"
        return cast(a.Health, reply.data if unwell else reply.expected())

    return Call("GET", "/health", read, {}, is_repeatable=True)


def get_cleanup() -> Call[a.CleanupStatus]:
    return _get("/system/cleanup")


def clean_up() -> Call[a.CleanupStatus]:
    return _send("POST", "/system/cleanup", is_repeatable=True, at_least_seconds=LONG_SECONDS)


def get_docs() -> Call[Dict[str, Any]]:
    return Call("GET", "/docs", read_json, {}, is_repeatable=True)


def get_self() -> Call[a.Caller]:
    return _get("/tokens/self")


def list_tokens() -> Call[List[a.ListedToken]]:
    return _get("/tokens")


def create_token(
    name: str, role: a.Role, expires_at: Optional[Instant], scope: Optional[a.TokenScope]
) -> Call[a.NewToken]:
    return _send("POST", "/tokens", {"name": name, "role": role, **_given(expires_at=expires_at, scope=scope)})


def revoke_token(token_id: str) -> Call[None]:
    def read(response: Response) -> None:
        _data(response)

    return Call("DELETE", f"/tokens/{quote(token_id, safe='')}", read, {})
