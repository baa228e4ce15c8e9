import asyncio
import json
import threading
import unittest
from typing import Any, List
from unittest import mock

from azure_key_pool import AsyncKeyPool, Backoff, NotAllowed, UnexpectedAnswer, Unreachable, _events

from .situations import BothClients, Hangs, Says, ScriptedServer, Step, Streams, both, done, free_port, refused

END = 'event: end\ndata: {"reason": "stopping"}\n\n'


def event(number: int) -> str:
    return f"event: key\nid: 1-{number}\ndata: {json.dumps({'key_id': number})}\n\n"


def next_of(events: Any) -> Any:
    return events.loop.run(events.inner.__anext__()) if hasattr(events, "inner") else next(events)


def is_over(events: Any) -> bool:
    try:
        next_of(events)
    except (StopIteration, StopAsyncIteration):
        return True
    return False


class Events(BothClients):
    def test_are_told_one_after_another(self: Any) -> None:
        opened: List[int] = []
        with ScriptedServer(Streams(": hello\n\n", event(1) + event(2), event(3))) as server:
            with self.pool(server.url) as pool:
                choice = {"service": "speech", "region": "westus2", "kinds": ["key", "report"], "last_event_id": "1-0"}
                with pool.watch_events(**choice, on_open=lambda: opened.append(1)) as events:
                    told = [next_of(events) for _ in range(3)]
                self.assertTrue(is_over(events))
            (seen,) = server.requests
        self.assertEqual(told[0], {"event": "key", "id": "1-1", "data": {"key_id": 1}})
        self.assertEqual([each["id"] for each in told], ["1-1", "1-2", "1-3"])
        self.assertEqual(seen.path, "/api/events?service=speech&region=westus2&kinds=key%2Creport")
        self.assertEqual((seen.headers["Last-Event-ID"], opened), ("1-0", [1]))

    def test_go_on_where_they_were_when_the_connection_is_lost(self: Any) -> None:
        steps = [
            Streams(event(1), END, ends=True),
            refused(503, "busy"),
            Says(404, b"<html>of a proxy"),
            Streams(event(2)),
        ]
        with ScriptedServer(*steps) as server:
            with self.pool(server.url, follow_backoff=Backoff(0.01, 0.02)) as pool, pool.watch_events() as events:
                self.assertEqual([next_of(events)["id"], next_of(events)["id"]], ["1-1", "1-2"])
            self.assertEqual([seen.headers.get("Last-Event-ID") for seen in server.requests], [None, "1-1", "1-1", "1-1"])

    def test_are_missing_where_there_was_none_to_go_on_from(self: Any) -> None:
        with ScriptedServer(Streams(ends=True), Streams(event(1))) as server:
            with self.pool(server.url) as pool, pool.watch_events() as events:
                self.assertEqual([next_of(events)["event"], next_of(events)["event"]], ["reset", "key"])

    def test_come_again_when_the_stream_has_gone_silent(self: Any) -> None:
        with mock.patch.object(_events, "SILENCE_SECONDS", 0.05):
            with ScriptedServer(Streams(event(1)), Streams(event(2))) as server:
                with self.pool(server.url) as pool, pool.watch_events() as events:
                    self.assertEqual([next_of(events)["id"], next_of(events)["id"]], ["1-1", "1-2"])

    def test_are_refused_to_the_caller(self: Any) -> None:
        steps = ((refused(403, "forbidden"), NotAllowed), (Says(404, b"<html>"), UnexpectedAnswer), (done({}), UnexpectedAnswer))
        for step, kind in steps:
            with ScriptedServer(step) as server, self.pool(server.url) as pool, pool.watch_events() as events:
                with self.assertRaises(kind):
                    next_of(events)
        with self.pool(f"http://127.0.0.1:{free_port()}/api") as pool, pool.watch_events() as events:
            with self.assertRaises(Unreachable):
                next_of(events)
        with ScriptedServer(Streams(event(1), ends=True), refused(401, "unauthorized")) as server:
            with self.pool(server.url) as pool, pool.watch_events() as events:
                next_of(events)
                with self.assertRaises(NotAllowed):
                    next_of(events)

    def test_end_for_who_waits_when_they_or_the_client_are_closed(self: Any) -> None:
        steps: List[Step] = [Streams(": hello\n\n"), Hangs()]
        for step in steps:
            for closes_client in (True, False):
                with ScriptedServer(step) as server, self.pool(server.url) as pool:
                    events = pool.watch_events()
                    over: List[bool] = []
                    waiting = threading.Thread(target=lambda: over.append(is_over(events)))
                    waiting.start()
                    self.assertTrue(server.seen.acquire(timeout=60))
                    (pool if closes_client else events).close()
                    waiting.join(60)
                    self.assertEqual(over, [True])


class ACancelledRead(unittest.TestCase):
    def test_costs_no_event(self) -> None:
        async def story(server: ScriptedServer) -> List[str]:
            async with AsyncKeyPool(server.url) as pool, pool.watch_events() as events:
                first = await events.__anext__()
                reading = asyncio.ensure_future(events.__anext__())
                await asyncio.sleep(0)
                reading.cancel()
                await asyncio.wait([reading])
                return [first["id"], (await events.__anext__())["id"]]

        with ScriptedServer(Streams(event(1)), Streams(event(2))) as server:
            self.assertEqual(asyncio.run(story(server)), ["1-1", "1-2"])
            self.assertEqual(server.requests[1].headers["Last-Event-ID"], "1-1")


BlockingEvents, AsyncEvents = both(Events)
