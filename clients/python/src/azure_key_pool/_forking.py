"""In the child of a fork the threads of a client are gone, its locks may be held, and its connections are the parent's."""

from __future__ import annotations

import itertools
import os
import weakref
from typing import Protocol

from .hooks import log


class Part(Protocol):
    def _after_fork(self) -> None:
        """Called in the child, where only the thread that forked is left."""


#: In the order of their making, so that the transport comes before what uses it.
_parts: "weakref.WeakValueDictionary[int, Part]" = weakref.WeakValueDictionary()
_numbers = itertools.count()


def renew_in_children(part: Part) -> None:
    _parts[next(_numbers)] = part


def _renew_all() -> None:
    for part in list(_parts.values()):
        try:
            part._after_fork()
        except Exception:
            log.exception("a part of the client is of no use in this process")


# Not on Windows, which has no fork.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
