"""How a key is named where people read."""

from __future__ import annotations


def get_key_abbreviation(key: str) -> str:
    """The first and the last four characters; nothing of a key that is not much longer than they are."""
    if len(key) < 16:
        return "***" if key else ""
    return f"{key[:4]}...{key[-4:]}"
