"""
Writes what asyncio has from what blocks: the two differ in `async` and `await` only, and are kept so. A test compares.

    python3 tools/make_async.py
"""

from __future__ import annotations

import re
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src/azure_key_pool"

MADE = {"client.py": "async_client.py", "administration.py": "async_administration.py"}

#: Methods that wait for nothing.
STAY = {"__init__", "__aiter__", "_after_fork", "follow", "watch_events", "current", "error"}

WORDS = [
    ('"""The pool as programs that block call it; `async_client` is the same for asyncio."""',
     '"""The pool for asyncio. Made from `client` by `tools/make_async.py`: change it there."""'),
    ("    Safe to use from many threads. Proxies of the environment are not used.\n",
     "    To be used in one event loop. What is cancelled ends its connection. Proxies of the environment are not used.\n"),
    ("from contextlib import contextmanager", "from contextlib import asynccontextmanager"),
    ("@contextmanager", "@asynccontextmanager"),
    ("from typing import Callable, Dict, Iterator, List,",
     "from typing import AsyncIterator, Awaitable, Callable, Dict, List,"),
    ('"""What people and their scripts do with the pool; programs that use keys need none of it."""',
     '"""The same for asyncio. Made from `administration` by `tools/make_async.py`: change it there."""'),
    ("from .administration import", "from .async_administration import"),
    ("Iterator[KeyInUse]", "AsyncIterator[KeyInUse]"),
    ("from ._blocking import BlockingTransport, finish", "from ._asyncio import AsyncTransport"),
    ("BlockingTransport", "AsyncTransport"),
    ("call: Callable[[KeyInUse], R],", "call: Callable[[KeyInUse], Awaitable[R]],"),
    ("            return call(key)", "            return await call(key)"),
    ("__enter__", "__aenter__"),
    ("__iter__", "__aiter__"),
    ("__next__", "__anext__"),
    ("raise StopIteration", "raise StopAsyncIteration"),
    ("__exit__", "__aexit__"),
    ("self._send(call)", "await self._send(call)"),
    ("return self._send(", "return await self._send("),
    ("= self.report_status(", "= await self.report_status("),
    ("_copy(self.get(timeout))", "_copy(await self.get(timeout))"),
    ("return followed.get(float(max_retries)).data", "return (await followed.get(float(max_retries))).data"),
    ("                followed.close()", "                await followed.close()"),
    ("        self.close()", "        await self.close()"),
]


def made_async(text: str) -> str:
    for word, other in WORDS:
        text = text.replace(word, other)
    text = re.sub(r"\b(FollowedKey|KeyPool|Administration|WatchedEvents)\b", r"Async\1", text)
    text = re.sub(r"^    def (\w+)\(", lambda m: m[0] if m[1] in STAY else f"    async def {m[1]}(", text, flags=re.M)
    return _awaited(text)


def _awaited(text: str) -> str:
    """`finish(…)` runs what the other awaits."""
    word = "finish("
    start = text.find(word)
    if start < 0:
        return text
    end, depth = start + len(word), 1
    while depth:
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        end += 1
    inner = text[start + len(word) : end - 1]
    if inner.startswith("\n"):
        inner = re.sub(r"^    ", "", inner.strip("\n").rstrip(" ").rstrip("\n"), flags=re.M).strip()
    return text[:start] + "await " + _awaited(inner) + _awaited(text[end:])


if __name__ == "__main__":
    for source, made in MADE.items():
        (SOURCE / made).write_text(made_async((SOURCE / source).read_text()))
