import asyncio
import unittest
from typing import Any, List

from azure_key_pool import (
    AllKeysCooling,
    AsyncKeyPool,
    ImportText,
    InvalidRequest,
    KeyExists,
    KeyPool,
    KeyPoolError,
    NoKey,
    NotAllowed,
    NotFound,
    TimedOut,
    TryLater,
    UnexpectedAnswer,
    Unreachable,
)

from .situations import (
    HAND_OUT,
    NOT_FOUND,
    BothClients,
    Drops,
    Hangs,
    Says,
    ScriptedServer,
    Streams,
    both,
    done,
    free_port,
    refused,
)


class ARequest(BothClients):
    def test_says_who_asks_and_what_for(self: Any) -> None:
        with ScriptedServer(done(HAND_OUT)) as server:
            with self.pool(server.url, token="akp_test", headers={"X-Trace": "1"}) as pool:
                self.assertEqual(pool.get_key("westus2", tag="a b"), HAND_OUT)
                pool.get_key(service="translation")
                pool.report_status("the-secret", 429, "slow", retry_after=1.2)
            first, second, third = server.requests
        self.assertEqual((first.method, first.path), ("GET", "/api/keys/get?region=westus2&tag=a+b"))
        self.assertEqual(first.headers["Authorization"], "Bearer akp_test")
        self.assertEqual(first.headers["X-Trace"], "1")
        self.assertEqual(first.headers["Host"], f"127.0.0.1:{server.server_port}")
        self.assertEqual(second.path, "/api/translation/keys/get")
        self.assertEqual(third.body, {"key": "the-secret", "code": 429, "note": "slow", "retry_after": 2})

    def test_brings_keys_as_the_text_they_are(self: Any) -> None:
        text = ImportText("key,region\nthe-secret-key,westus2\n", region="eastasia")
        report = done({"total": 1, "success": 1, "failed": 0, "skipped": 0, "results": []})
        with ScriptedServer(report) as server, self.pool(server.url) as pool:
            self.assertEqual(pool.create_keys(text, {"enableAfterCreate": False})["success"], 1)
            pool.validate_keys(ImportText("the-secret-key", "text/plain"), service="translation")
            first, second = server.requests
        self.assertEqual(first.path, "/api/upload/create-keys?type=speech&region=eastasia&enableAfterCreate=false")
        self.assertEqual((first.headers["Content-Type"], first.body), ("text/csv", text.content))
        self.assertEqual(second.path, "/api/upload/validate?type=translation")
        self.assertEqual((second.headers["Content-Type"], second.body), ("text/plain", "the-secret-key"))

    def test_uses_the_connection_of_the_one_before(self: Any) -> None:
        with ScriptedServer(done(HAND_OUT)) as server, self.pool(server.url) as pool:
            for _ in range(5):
                pool.get_key()
            self.assertEqual((len(server.requests), server.connections), (5, 1))

    def test_makes_a_new_connection_where_the_server_has_ended_it(self: Any) -> None:
        ending = Says(200, {"success": True, "data": HAND_OUT}, Connection="close")
        brief = Says(200, {"success": True, "data": HAND_OUT}, Keep_Alive="timeout=1")
        with ScriptedServer(ending, brief, done(HAND_OUT)) as server, self.pool(server.url) as pool:
            for _ in range(3):
                pool.get_key()
            self.assertEqual((len(server.requests), server.connections), (3, 3))
        self.assertEqual(self.hooks.retries, [])

    def test_names_a_key_by_its_id_alone(self: Any) -> None:
        with ScriptedServer(done({})) as server, self.pool(server.url) as pool:
            for key_id in ("the-secret", True, 1.0):
                with self.assertRaises(TypeError):
                    pool.delete_key(key_id)
            self.assertEqual(server.requests, [])


class ARefusal(BothClients):
    def test_is_raised_as_what_it_is(self: Any) -> None:
        cases = [
            (refused(404, "no_key"), NoKey, None),
            (refused(503, "all_keys_cooling", {"retryAfterSeconds": 30}), AllKeysCooling, 30.0),
            (refused(503, "all_keys_cooling", {"retryAfterSeconds": 30}, Retry_After="31"), AllKeysCooling, 31.0),
            (refused(400, "invalid_request"), InvalidRequest, None),
            (refused(401, "unauthorized"), NotAllowed, None),
            (refused(403, "forbidden"), NotAllowed, None),
            (refused(409, "key_exists"), KeyExists, None),
            (refused(429, "budget_exhausted", None, Retry_After="9"), TryLater, 9.0),
            (NOT_FOUND, NotFound, None),
            (refused(500, "internal"), KeyPoolError, None),
            # The reference has no codes.
            (Says(404, {"success": False, "error": "No key"}), NotFound, None),
            (Says(502, b"<html>Bad gateway</html>"), UnexpectedAnswer, None),
            (Says(302, b"", Location="http://elsewhere/"), UnexpectedAnswer, None),
        ]
        for step, kind, retry_after in cases:
            with ScriptedServer(step) as server, self.pool(server.url) as pool:
                with self.assertRaises(kind) as raised:
                    pool.get_key()
                self.assertEqual(raised.exception.retry_after, retry_after, step.body)
                self.assertEqual(raised.exception.http_status, step.status)
                self.assertEqual(len(server.requests), 1)

    def test_tells_nothing_of_an_answer_that_is_not_the_pools(self: Any) -> None:
        with ScriptedServer(Says(200, b'{"key": "0123456789abcdef"')) as server, self.pool(server.url) as pool:
            with self.assertRaises(UnexpectedAnswer) as raised:
                pool.get_key()
            self.assertNotIn("0123", str(raised.exception))


class AFault(BothClients):
    def test_of_the_connection_is_overcome_where_that_is_safe(self: Any) -> None:
        pauses: List[float] = []
        with ScriptedServer(Drops(), Drops(), done(HAND_OUT)) as server:
            with self.pool(server.url, pauses=pauses) as pool:
                self.assertEqual(pool.get_key(), HAND_OUT)
            self.assertEqual((len(server.requests), len(pauses)), (3, 2))
        self.assertEqual([attempt for _, attempt in self.hooks.retries], [1, 2])

    def test_is_raised_where_the_request_may_have_been_carried_out(self: Any) -> None:
        pauses: List[float] = []
        with ScriptedServer(Drops()) as server, self.pool(server.url, pauses=pauses) as pool:
            for act in (
                lambda: pool.add_key("the-secret", "eastasia"),
                lambda: pool.lease_key("eastasia"),
                lambda: pool.delete_key(1),
                lambda: pool.create_token("a", "client"),
            ):
                with self.assertRaises(Unreachable) as raised:
                    act()
                self.assertTrue(raised.exception.was_sent)
            self.assertEqual((len(server.requests), pauses), (4, []))

    def test_that_keeps_it_from_being_sent_is_tried_again_for_any(self: Any) -> None:
        pauses: List[float] = []
        with self.pool(f"http://127.0.0.1:{free_port()}/api", pauses=pauses) as pool:
            with self.assertRaises(Unreachable) as raised:
                pool.add_key("the-secret", "eastasia")
        self.assertFalse(raised.exception.was_sent)
        self.assertEqual(len(pauses), 3)

    def test_of_the_database_is_waited_for_as_the_server_says(self: Any) -> None:
        pauses: List[float] = []
        away = refused(503, "storage_unavailable", None, Retry_After="2")
        with ScriptedServer(away, done({"action": "cooldown", "statusChanged": True})) as server:
            with self.pool(server.url, pauses=pauses) as pool:
                self.assertEqual(pool.report_status("the-secret", 429)["action"], "cooldown")
            self.assertEqual(len(server.requests), 2)
        self.assertGreaterEqual(pauses[0], 2.0)

    def test_that_is_silence_ends_at_the_time_out_and_leaves_no_connection(self: Any) -> None:
        with ScriptedServer(Hangs()) as server, self.pool(server.url, timeout=0.05) as pool:
            with self.assertRaises(TimedOut):
                pool.add_key("the-secret", "eastasia")
            self.assertTrue(server.left.acquire(timeout=60))

    def test_in_the_middle_of_an_answer_is_no_answer(self: Any) -> None:
        class Halves(Says):
            def play(self, handler: Any) -> None:
                handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
                Drops().play(handler)

        with ScriptedServer(Halves(200, None)) as server, self.pool(server.url, pauses=[]) as pool:
            with self.assertRaises(Unreachable):
                pool.get_key()

    def test_is_told_by_a_reply_in_chunks_as_well(self: Any) -> None:
        answer = Streams('{"success":', "false,", '"error":"none","code":"no_key"}', ends=True)
        with ScriptedServer(answer, done(HAND_OUT)) as server, self.pool(server.url) as pool:
            with self.assertRaises(NoKey):
                pool.get_key()
            # The connection can be used again behind them.
            self.assertEqual(pool.get_key(), HAND_OUT)
            self.assertEqual(server.connections, 1)


class AnAddress(unittest.TestCase):
    def test_is_refused_without_repeating_it(self) -> None:
        for url in ("ftp://host/api", "http://user:hunter2@host/api", "http://host/api?x=hunter2", "host", "http://h:x/"):
            for kind in (KeyPool, AsyncKeyPool):
                with self.assertRaises(ValueError) as raised:
                    kind(url)
                self.assertNotIn("hunter2", str(raised.exception))


class ACancelledCall(unittest.TestCase):
    def test_ends_its_connection_at_once(self) -> None:
        async def story(server: ScriptedServer) -> None:
            async with AsyncKeyPool(server.url) as pool:
                call = asyncio.ensure_future(pool.get_key())
                await asyncio.get_running_loop().run_in_executor(None, server.seen.acquire)
                call.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await call

        with ScriptedServer(Hangs()) as server:
            asyncio.run(story(server))
            self.assertTrue(server.left.acquire(timeout=60))

    def test_does_not_leave_its_answer_to_the_next(self) -> None:
        async def story(server: ScriptedServer) -> None:
            async with AsyncKeyPool(server.url) as pool:
                await pool.get_key()
                call = asyncio.ensure_future(pool.get_key())
                await asyncio.get_running_loop().run_in_executor(None, server.seen.acquire)
                call.cancel()
                await asyncio.wait([call])
                self.assertEqual((await pool.get_key())["id"], HAND_OUT["id"])

        with ScriptedServer(done(HAND_OUT), Hangs(), done(HAND_OUT)) as server:
            asyncio.run(story(server))
            self.assertEqual(server.connections, 2)


BlockingRequest, AsyncRequest = both(ARequest)
BlockingRefusal, AsyncRefusal = both(ARefusal)
BlockingFault, AsyncFault = both(AFault)
