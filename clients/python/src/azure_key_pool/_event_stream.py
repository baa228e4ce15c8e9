"""Reads `text/event-stream`."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Iterator, List, Optional


@dataclass(frozen=True)
class Message:
    event: str
    data: str


class EventReader:
    """Of one connection. Lines that mean nothing here are passed over."""

    def __init__(self, last_id: Optional[str] = None) -> None:
        #: Where to go on.
        self.last_id = last_id
        #: How long the server asks to be left alone when the connection is lost.
        self.retry_seconds: Optional[float] = None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._event = ""
        self._data: List[str] = []

    def take(self, piece: bytes) -> Iterator[Message]:
        """The messages that are whole with this piece."""
        text = self._rest + self._decoder.decode(piece)
        # A line feed that belongs to a carriage return may come with the next piece.
        held = "\r" if text.endswith("\r") else ""
        text = text[: len(text) - len(held)].replace("\r\n", "\n").replace("\r", "\n")
        *lines, rest = text.split("\n")
        self._rest = rest + held
        for line in lines:
            if line:
                self._field(line)
                continue
            if self._data:
                yield Message(self._event or "message", "\n".join(self._data))
            self._event, self._data = "", []

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "event":
            self._event = value
        elif name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self.last_id = value or None
        elif name == "retry" and value.isascii() and value.isdigit() and len(value) < 7:
            self.retry_seconds = int(value) / 1000
