import asyncio
import json
import os
import signal
import threading
import unittest
import warnings
from typing import Any, Callable

from azure_key_pool import AsyncFollowedKey, AsyncKeyPool, KeyPool, KeyPoolError

from .situations import HAND_OUT, STUCK_SECONDS, Loop, ScriptedServer, Seen, Step, Streams, done
from .test_events import event
from .test_following import key_event
from .test_uses import KEPT, LEASE

needs_fork = unittest.skipUnless(hasattr(os, "fork"), "this system has no fork")


def in_child(act: Callable[[], Any]) -> Any:
    """What it answers in the child of a fork."""
    reads, writes = os.pipe()
    with warnings.catch_warnings():
        # Newer versions warn of any fork beside threads.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        # Ends what is stuck, as on a lock whose holder is not here.
        signal.alarm(int(STUCK_SECONDS / 2))
        try:
            answer = act()
        except BaseException as error:
            answer = repr(error)
        os.write(writes, json.dumps(answer).encode())
        os._exit(0)
    os.close(writes)
    with open(reads, "rb") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text or '"it was stuck"')


def until(holds: Callable[[], Any]) -> None:
    while not holds():
        threading.Event().wait(0.001)


@needs_fork
class TheChildOfAFork(unittest.TestCase):
    def test_has_connections_of_its_own(self) -> None:
        with ScriptedServer(done(HAND_OUT)) as server, KeyPool(server.url) as pool:
            pool.get_key()
            self.assertEqual(in_child(lambda: pool.get_key()["id"]), 7)
            pool.get_key()
            self.assertEqual((len(server.requests), server.connections), (3, 2))

    def test_is_not_stuck_where_another_thread_held_a_lock(self) -> None:
        with ScriptedServer(done(HAND_OUT)) as server, KeyPool(server.url) as pool:
            with pool._lock, pool._transport._lock:
                self.assertEqual(in_child(lambda: pool.get_key()["id"]), 7)

    def test_follows_by_itself_and_leaves_the_parents_key_alone(self) -> None:
        def follow_on() -> int:
            until(lambda: followed.get(60).id == 2)
            pool.close()
            return 2

        with ScriptedServer(Streams(key_event(1, "a-1")), Streams(key_event(2))) as server:
            with KeyPool(server.url) as pool, pool.follow() as followed:
                self.assertEqual(followed.get(60).id, 1)
                self.assertEqual(in_child(follow_on), 2)
                # The child's stream has ended, and the parent's goes on.
                self.assertTrue(server.left.acquire(timeout=60))
                self.assertEqual((followed.get().id, followed.error), (1, None))
                self.assertEqual(len(server.requests), 2)
                self.assertNotIn("Last-Event-ID", server.requests[1].headers)
            self.assertTrue(server.left.acquire(timeout=60))

    def test_is_told_events_over_a_connection_of_its_own(self) -> None:
        with ScriptedServer(Streams(event(1)), Streams(event(2))) as server:
            with KeyPool(server.url) as pool, pool.watch_events() as events:
                next(events)
                self.assertEqual(in_child(lambda: next(events)["id"]), "1-2")
                self.assertEqual(server.requests[1].headers["Last-Event-ID"], "1-1")

    def test_renews_its_leases(self) -> None:
        def answer(seen: Seen) -> Step:
            if seen.path.endswith("/renew"):
                return done({"lease_id": "lease-1", "expires_at": "2026-01-01T00:02:00.000Z"})
            return done(LEASE) if seen.path == "/api/leases" else KEPT

        def lease() -> str:
            with pool.key(ttl_seconds=0) as key:
                until(lambda: key.expires_at != LEASE["expires_at"])
                return str(key.expires_at)

        with ScriptedServer(answer=answer) as server, KeyPool(server.url) as pool:
            with pool.key():
                self.assertEqual(in_child(lease), "2026-01-01T00:02:00.000Z")

    def test_of_a_loop_says_that_nothing_is_followed_there(self) -> None:
        async def begin(url: str) -> AsyncFollowedKey:
            pool = AsyncKeyPool(url)
            followed = pool.follow()
            await followed.get(60)
            followed.pool = pool  # type: ignore[attr-defined]
            return followed

        def look() -> Any:
            try:
                asyncio.run(followed.get(60))
            except KeyPoolError as error:
                return [followed.current, error.code, error is followed.error]

        loop = Loop()
        with ScriptedServer(Streams(key_event(1))) as server:
            followed = loop.run(begin(server.url))
            self.assertEqual(in_child(look), [None, "forked", True])
            self.assertEqual((followed.current.id, followed.error), (1, None))
            loop.run(followed.pool.close())
        loop.close()
