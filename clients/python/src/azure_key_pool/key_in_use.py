"""A key in the hands of the caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Union

from .answers import HandedOutKey, LeasedKey, Service
from .verdicts import Verdict, valid_retry_after


@dataclass(frozen=True)
class Choice:
    """Which keys are asked for."""

    service: Service
    region: Optional[str]
    tag: Optional[str]


class KeyInUse:
    """A key, and what is to be reported of it. Its fields are also there by name, as in `key["key"]`."""

    def __init__(self, data: HandedOutKey, service: Service, lease: Optional[LeasedKey] = None) -> None:
        self.data = data
        self.service = service
        #: None for a plain hand-out.
        self.lease_id: Optional[str] = None if lease is None else lease["lease_id"]
        #: Until when the lease holds, as it was last renewed.
        self.expires_at: Optional[str] = None if lease is None else lease["expires_at"]
        #: The lease has run out under the use, so that others may have the key beyond its limit.
        self.is_lease_lost = False
        self.is_over = False
        self.verdict: Optional[Verdict] = None

    @property
    def id(self) -> int:
        return self.data["id"]

    @property
    def key(self) -> str:
        """The secret."""
        return self.data["key"]

    @property
    def region(self) -> str:
        return self.data["region"]

    @property
    def keyname(self) -> str:
        return self.data["keyname"]

    @property
    def tag(self) -> Optional[str]:
        return self.data.get("tag")

    def __getitem__(self, field: str) -> object:
        return self.data[field]  # type: ignore[literal-required]

    def got(self, code: int, note: str = "", retry_after: Union[int, str, None] = None) -> None:
        """The status that the key got. It is reported when the use ends, in place of what that would say."""
        self.verdict = Verdict(code, valid_retry_after(retry_after), note)

    def __repr__(self) -> str:
        lease = "" if self.lease_id is None else ", leased"
        return f"KeyInUse(id={self.id}, region={self.region!r}{lease})"
