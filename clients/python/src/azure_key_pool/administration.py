"""What people and their scripts do with the pool; programs that use keys need none of it."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, TypeVar, Union

from . import _calls as calls
from . import answers as a

R = TypeVar("R")


class Administration:
    """The API's own calls. Keys are named by their ids; lists show them masked."""

    def _send(self, call: calls.Call[R]) -> R:
        raise NotImplementedError

    def add_key(
        self,
        key: str,
        region: str,
        keyname: Optional[str] = None,
        *,
        tag: Optional[str] = None,
        max_in_flight: Union[int, None, calls.Unset] = calls.UNSET,
        service: a.Service = "speech",
    ) -> a.ShownKey:
        """Raises `KeyExists`."""
        return self._send(calls.add_key(key, region, keyname, tag, max_in_flight, service))

    def update_key(
        self,
        key_id: int,
        *,
        keyname: Union[str, calls.Unset] = calls.UNSET,
        region: Union[str, calls.Unset] = calls.UNSET,
        tag: Union[str, None, calls.Unset] = calls.UNSET,
        max_in_flight: Union[int, None, calls.Unset] = calls.UNSET,
        service: a.Service = "speech",
    ) -> a.ShownKey:
        """Only what is given changes; None takes a tag or a limit away. Raises `NotFound`."""
        changes = {"keyname": keyname, "region": region, "tag": tag, "max_in_flight": max_in_flight}
        return self._send(calls.update_key(key_id, changes, service))

    def delete_key(self, key_id: int, *, service: a.Service = "speech") -> a.ShownKey:
        """Raises `NotFound`."""
        return self._send(calls.delete_key(key_id, service))

    def enable_key(self, key_id: int, *, service: a.Service = "speech") -> a.ShownKey:
        """Raises `NotFound`."""
        return self._send(calls.switch_key(key_id, "enable", service))

    def disable_key(self, key_id: int, *, service: a.Service = "speech") -> a.ShownKey:
        """Raises `NotFound`."""
        return self._send(calls.switch_key(key_id, "disable", service))

    def show_key(self, key_id: int, *, service: a.Service = "speech") -> a.DetailedKey:
        """Raises `NotFound`."""
        return self._send(calls.show_key(key_id, service))

    def get_all_keys(
        self,
        *,
        status: Optional[a.KeyStatus] = None,
        region: Optional[str] = None,
        tag: Optional[str] = None,
        service: a.Service = "speech",
    ) -> List[a.ListedKey]:
        """All that match, their secrets masked."""
        return self._send(calls.list_keys(service, status=status, region=region, tag=tag))

    def page_keys(
        self,
        page: int = 1,
        limit: int = 50,
        *,
        status: Optional[a.KeyStatus] = None,
        region: Optional[str] = None,
        tag: Optional[str] = None,
        q: Optional[str] = None,
        sort: Optional[str] = None,
        service: a.Service = "speech",
    ) -> a.KeyPage:
        """One page of those that match; `q` is a part of name, region or tag, `sort` a column, with `-` the last first."""
        query = {"status": status, "region": region, "tag": tag, "q": q, "sort": sort}
        return self._send(calls.page_keys(service, page=page, limit=limit, **query))

    def list_pools(self) -> List[a.PoolState]:
        """How the keys of each service and region are."""
        return self._send(calls.list_pools())

    def get_logs(
        self,
        page: int = 1,
        limit: int = 50,
        *,
        key_id: Optional[int] = None,
        action: Optional[str] = None,
        status_code: Optional[int] = None,
        from_: Optional[calls.Instant] = None,
        to: Optional[calls.Instant] = None,
        service: a.Service = "speech",
    ) -> a.LogPage:
        """What happened, newest first. Instants are ISO 8601, or milliseconds since 1970."""
        query = {"key_id": key_id, "action": action, "status_code": status_code, "from_": from_, "to": to}
        return self._send(calls.get_logs(service, page=page, limit=limit, **query))

    def get_report_history(
        self,
        *,
        service: Optional[a.Service] = None,
        region: Optional[str] = None,
        key_id: Optional[int] = None,
        from_: Optional[calls.Instant] = None,
        to: Optional[calls.Instant] = None,
        bucket_seconds: Optional[int] = None,
    ) -> a.ReportHistory:
        """How many codes were reported over time, by class and region; by default in the last day, by the hour."""
        query = {"service": service, "region": region, "key_id": key_id, "bucket_seconds": bucket_seconds}
        return self._send(calls.get_report_history(**query, from_=from_, to=to))

    def get_stats(self, *, service: a.Service = "speech") -> a.Statistics:
        return self._send(calls.get_stats(service))

    def test_key_tts(self, key: str, region: Optional[str] = None, *, text: Optional[str] = None) -> a.KeyTest:
        """Lets Azure speak a text with the key. Raises when Azure could not be asked."""
        return self._send(calls.test_key("/keys/test", key, region, text=text))

    def test_key_stt(self, key: str, region: Optional[str] = None) -> a.KeyTest:
        """Lets Azure hear a sound with the key. Raises when Azure could not be asked."""
        return self._send(calls.test_key("/keys/test2", key, region))

    def test_translation_key(
        self,
        key: str,
        region: Optional[str] = None,
        *,
        text: Optional[str] = None,
        from_: Optional[str] = None,
        to: Optional[str] = None,
    ) -> a.KeyTest:
        """Lets Azure translate a text with the key. Raises when Azure could not be asked."""
        more = {"text": text, "from": from_, "to": to}
        return self._send(calls.test_key("/translation/keys/test", key, region, **more))

    def reveal_key(self, key_id: int, reason: str, *, service: a.Service = "speech") -> a.RevealedKey:
        """A key with its secret, for an admin with a token; the reason goes into the audit."""
        return self._send(calls.reveal_key(key_id, reason, service))

    def export_keys(self, *, service: a.Service = "speech") -> a.ImportFile:
        """All keys with their secrets, as `create_keys` takes them, for an admin with a token."""
        return self._send(calls.export_keys(service))

    def get_all_config(self) -> List[a.ConfigEntry]:
        return self._send(calls.get_all_config())

    def get_config(self, config_key: str) -> a.ConfigEntry:
        """Raises `NotFound`."""
        return self._send(calls.get_config(config_key))

    def save_config(
        self, config_key: str, config_value: Union[str, int, float], description: Optional[str] = None
    ) -> a.ConfigEntry:
        """Adds a setting, or changes it."""
        return self._send(calls.save_config(config_key, config_value, description))

    def update_config(
        self, config_key: str, config_value: Union[str, int, float], description: Optional[str] = None
    ) -> a.ConfigEntry:
        """Raises `NotFound`."""
        return self._send(calls.update_config(config_key, config_value, description))

    def delete_config(self, config_key: str) -> a.ConfigEntry:
        """Puts a known setting back to its default and removes any other. Raises `NotFound`."""
        return self._send(calls.delete_config(config_key))

    def save_all_config(self, configs: Sequence[a.ConfigChange]) -> List[a.ConfigEntry]:
        """Saves all of them, or none."""
        return self._send(calls.save_all_config(configs))

    def get_template(self, *, service: a.Service = "speech") -> a.ImportFile:
        """A file to fill in, for `create_keys`."""
        return self._send(calls.get_template(service))

    def validate_keys(self, rows: calls.Rows, *, service: a.Service = "speech") -> a.ImportFindings:
        """What an import would stumble over; nothing is changed."""
        return self._send(calls.validate_keys(rows, service))

    def create_keys(
        self, rows: calls.Rows, options: Optional[Mapping[str, bool]] = None, *, service: a.Service = "speech"
    ) -> a.ImportReport:
        """
        Adds many keys; `ImportText` brings them as CSV. What was wrong with which row is in the report, also when it was
        every row. Options are those of the API: `validateBeforeCreate`, `enableAfterCreate`, `overwriteExisting`, `testBeforeCreate`.
        """
        return self._send(calls.create_keys(rows, options or {}, service))

    def get_health(self) -> a.Health:
        """Also when it is unhealthy."""
        return self._send(calls.get_health())

    def get_docs(self) -> Dict[str, Any]:
        """The API as an OpenAPI document."""
        return self._send(calls.get_docs())

    def get_cleanup(self) -> a.CleanupStatus:
        return self._send(calls.get_cleanup())

    def clean_up(self) -> a.CleanupStatus:
        """Removes the log rows that are too old or too many, now."""
        return self._send(calls.clean_up())

    def get_self(self) -> a.Caller:
        """Who the server takes the token's holder for."""
        return self._send(calls.get_self())

    def list_tokens(self) -> List[a.ListedToken]:
        return self._send(calls.list_tokens())

    def create_token(
        self,
        name: str,
        role: a.Role,
        *,
        expires_at: Optional[calls.Instant] = None,
        scope: Optional[a.TokenScope] = None,
    ) -> a.NewToken:
        """`token` of the answer is shown this once. The first token closes the door."""
        return self._send(calls.create_token(name, role, expires_at, scope))

    def revoke_token(self, token_id: str) -> None:
        """Raises `NotFound`."""
        return self._send(calls.revoke_token(token_id))
