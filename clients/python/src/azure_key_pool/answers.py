"""The API's answers as they are on the wire. Instants are ISO 8601 in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Literal, Optional, TypedDict

Service = Literal["speech", "translation"]
KeyStatus = Literal["enabled", "disabled", "cooldown"]
Role = Literal["client", "viewer", "operator", "admin"]


class HandedOutKey(TypedDict):
    """A key to use. Hold it in memory only: `key` is the secret."""

    id: int
    key: str
    region: str
    keyname: str
    tag: Optional[str]
    status: Literal["enabled"]
    created_at: str


class _ReportOutcome(TypedDict):
    action: Literal["keep_enabled", "log", "disable", "cooldown", "skip"]
    statusChanged: bool


class ReportOutcome(_ReportOutcome, total=False):
    """What a code did to the key."""

    #: Of `skip` only.
    reason: Literal["already_disabled", "protected", "cooling", "disabled"]


class _SafeReport(TypedDict):
    success: bool


class SafeReport(_SafeReport, total=False):
    """What `report_key_status_safe` answers in place of raising."""

    data: ReportOutcome
    error: str


class LeasedKey(TypedDict):
    lease_id: str
    #: Counted as in use until then, unless it is renewed.
    expires_at: str
    key: HandedOutKey


class RenewedLease(TypedDict):
    lease_id: str
    expires_at: str


class _ShownKey(TypedDict):
    id: int
    #: The first four characters and `***`.
    key: str
    service: Service
    region: str
    keyname: str
    tag: Optional[str]
    status: KeyStatus
    #: When a cooldown that is running ends.
    cooldown_until: Optional[str]
    #: Until when cooldown codes are ignored.
    protected_until: Optional[str]
    disabled_by: Optional[Literal["person", "code"]]
    disabled_code: Optional[int]
    disabled_at: Optional[str]
    created_at: str


class ShownKey(_ShownKey, total=False):
    """A key with its secret masked."""

    #: How many leases it may have at a time; None is no limit. Absent where the server knows no limits.
    max_in_flight: Optional[int]


class ListedKey(ShownKey, total=False):
    """A key and how much it has been used."""

    usage_count: int
    error_count: int
    last_used: Optional[str]


class DetailedKey(ListedKey, total=False):
    """A key by itself, with what is leased of it."""

    #: How many leases of it run. Absent where the server knows no leases.
    in_use: int


class KeyPage(TypedDict):
    keys: List[ListedKey]
    total: int
    page: int
    limit: int
    totalPages: int


class PoolState(TypedDict):
    """How the keys of one service and region are."""

    service: Service
    region: str
    enabled: int
    cooldown: int
    disabled: int
    next_available_at: Optional[str]


class LogRow(TypedDict):
    id: int
    key_id: Optional[int]
    action: str
    status_code: Optional[int]
    note: Optional[str]
    actor: Optional[str]
    created_at: str
    keyname: Optional[str]
    region: Optional[str]


class LogPage(TypedDict):
    logs: List[LogRow]
    total: int
    page: int
    limit: int
    totalPages: int


#: How many codes of each class were reported from `at` on; `region` is None where one key was asked for.
CountedReports = TypedDict(
    "CountedReports",
    {
        "at": str,
        "region": Optional[str],
        "2xx": int,
        "401": int,
        "403": int,
        "404": int,
        "429": int,
        "other": int,
    },
)

#: The oldest first; where nothing was reported there is no line.
ReportHistory = TypedDict(
    "ReportHistory", {"from": str, "to": str, "bucket_seconds": int, "counts": List[CountedReports]}
)


class WatchedEvent(TypedDict):
    """What happened, or a `reset`: events are missing, so that what is shown has to be read again."""

    event: Literal["key", "report", "setting", "import", "health", "token", "reset"]
    #: Its place in the order of all.
    id: str
    #: As the API's documents have it.
    data: Dict[str, Any]


class CountedKeys(TypedDict):
    totalKeys: int
    cooldownKeys: int
    enabledKeys: int
    disabledKeys: int


class RestingKey(TypedDict):
    key: str
    region: str
    cooldownUntil: str
    remainingSeconds: int


class Statistics(TypedDict):
    cooldown: CountedKeys
    cooldownKeys: List[RestingKey]


class _KeyTest(TypedDict):
    works: bool
    statusCode: int
    #: None when the verdict was not applied to a key of the pool; `warning` says why.
    statusUpdate: Optional[Dict[str, Any]]


class KeyTest(_KeyTest, total=False):
    """What Azure said of a key. Fields of other kinds of test are absent."""

    #: Why it does not work.
    reason: str
    retryAfterSeconds: int
    warning: str
    audioSize: int
    transcription: str
    recognitionStatus: Optional[str]
    translation: Optional[str]
    rawResponse: Any


class ConfigEntry(TypedDict):
    config_key: str
    config_value: str
    description: str
    created_at: str
    updated_at: str


class ConfigChange(TypedDict, total=False):
    """`config_key` and `config_value` are needed."""

    config_key: str
    config_value: str
    description: str


class ImportRow(TypedDict, total=False):
    """`key` and `region` are needed."""

    key: str
    region: str
    keyname: str
    tag: Optional[str]
    status: Literal["enabled", "disabled"]
    max_in_flight: Optional[int]


class RowFinding(TypedDict):
    """One bad field of one row, counted from 0."""

    index: int
    field: str
    message: str


class ImportFindings(TypedDict):
    valid: bool
    total: int
    errors: List[RowFinding]
    warnings: List[RowFinding]


class _ImportedRow(TypedDict):
    index: int
    key: str
    status: Literal["created", "updated", "skipped", "failed"]


class ImportedRow(_ImportedRow, total=False):
    id: int
    error: str


class ImportReport(TypedDict):
    total: int
    success: int
    failed: int
    skipped: int
    results: List[ImportedRow]


class ImportFile(TypedDict, total=False):
    """What `create_keys` takes back as it is."""

    type: Service
    keys: List[ImportRow]
    options: Dict[str, bool]


@dataclass(frozen=True)
class ImportText:
    """Many keys as a text: CSV whose first line names its columns, or one key a line as `text/plain`."""

    content: str
    media: Literal["text/csv", "text/plain"] = "text/csv"
    #: Of the keys whose line names none.
    region: Optional[str] = None


class CleanupStatus(TypedDict):
    running: bool
    last_run: Optional[str]
    rows_removed: int
    next_run: Optional[str]
    settings: Dict[str, int]


class _Health(TypedDict):
    status: Literal["healthy", "degraded", "unhealthy"]


class Health(_Health, total=False):
    """All but the status is only for who may see all keys."""

    version: str
    uptime: float
    parts: Dict[str, Any]
    keys: Dict[str, int]


class TokenScope(TypedDict, total=False):
    services: List[Service]
    regions: List[str]
    tags: List[str]


class ListedToken(TypedDict):
    id: str
    name: str
    role: Role
    scope: TokenScope
    created_at: str
    expires_at: str
    last_used: Optional[str]


class NewToken(ListedToken):
    #: What its holder sends; shown this once.
    token: str


class Caller(TypedDict):
    """Who the server takes the token's holder for."""

    id: Optional[str]
    name: str
    role: Role
    scope: TokenScope
    expires_at: Optional[str]


class RevealedKey(TypedDict):
    id: int
    key: str
    region: str
    keyname: str
