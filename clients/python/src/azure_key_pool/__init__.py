"""
Client of azure-key-pool: usable Azure Speech and Translator keys. Standard library only.

    with KeyPool() as pool:
        with pool.key("eastasia") as key:
            ...  # key.key, key.region
"""

from ._calls import UNSET
from ._retrying import Backoff, RetryPolicy
from .answers import HandedOutKey, ImportText, LeasedKey, ListedKey, ReportOutcome, Service, ShownKey, WatchedEvent
from .async_client import AsyncFollowedKey, AsyncKeyPool, AsyncWatchedEvents
from .client import FollowedKey, KeyPool, WatchedEvents
from .errors import (
    AllKeysBusy,
    AllKeysCooling,
    AllKeysFailed,
    InvalidRequest,
    KeyExists,
    KeyPoolError,
    NoKey,
    NoKeyAvailable,
    NotAllowed,
    NotFound,
    TimedOut,
    TryLater,
    UnexpectedAnswer,
    Unreachable,
)
from .hooks import Hooks
from .key_in_use import KeyInUse
from .names import get_key_abbreviation
from .verdicts import SpeechCanceled, Verdict, code_of_close, raise_if_canceled, speech_status, verdict_of

__version__ = "0.1.0"

__all__ = [
    "AllKeysBusy",
    "AllKeysCooling",
    "AllKeysFailed",
    "AsyncFollowedKey",
    "AsyncKeyPool",
    "AsyncWatchedEvents",
    "Backoff",
    "FollowedKey",
    "HandedOutKey",
    "Hooks",
    "ImportText",
    "InvalidRequest",
    "KeyExists",
    "KeyInUse",
    "KeyPool",
    "KeyPoolError",
    "LeasedKey",
    "ListedKey",
    "NoKey",
    "NoKeyAvailable",
    "NotAllowed",
    "NotFound",
    "ReportOutcome",
    "RetryPolicy",
    "Service",
    "ShownKey",
    "SpeechCanceled",
    "TimedOut",
    "TryLater",
    "UNSET",
    "UnexpectedAnswer",
    "Unreachable",
    "Verdict",
    "WatchedEvent",
    "WatchedEvents",
    "code_of_close",
    "get_key_abbreviation",
    "raise_if_canceled",
    "speech_status",
    "verdict_of",
]
