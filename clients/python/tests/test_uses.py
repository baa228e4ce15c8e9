import asyncio
import json
import threading
import unittest
from types import SimpleNamespace
from typing import Any, Callable, List

from azure_key_pool import AllKeysBusy, AllKeysCooling, AllKeysFailed, AsyncKeyPool, KeyInUse, NotFound, UnexpectedAnswer
from azure_key_pool._wire import Closed

from .situations import (
    HAND_OUT,
    NOT_FOUND,
    BothClients,
    Drops,
    Kept,
    Says,
    ScriptedServer,
    Seen,
    Step,
    Streams,
    both,
    done,
    key_data,
    refused,
)

KEPT = done({"action": "keep_enabled", "statusChanged": False})
BAD_RETRY_AFTER = Says(
    400,
    {
        "success": False,
        "error": "retry_after must be whole seconds from 0, or an HTTP date",
        "code": "invalid_request",
        "details": [{"field": "retry_after", "message": "must be whole seconds from 0, or an HTTP date"}],
    },
)
LEASE = {"lease_id": "lease-1", "expires_at": "2026-01-01T00:01:00.000Z", "key": HAND_OUT}


class Refused(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class Pool:
    """Hands out keys 1 to n in turn, and leases where it has them."""

    def __init__(self, keys: int = 3, has_leases: bool = False) -> None:
        self.keys, self.has_leases = keys, has_leases
        self.turn = 0
        self.reports: List[Any] = []
        self.released: List[Any] = []

    def __call__(self, seen: Seen) -> Step:
        if seen.path == "/api/leases":
            return done({**LEASE, "key": self.next()}) if self.has_leases else NOT_FOUND
        if seen.path.endswith("/release"):
            self.released.append(seen.body)
            return KEPT
        if seen.path.endswith("/status"):
            self.reports.append((seen.body["key"], seen.body["code"]))
            return KEPT
        return done(self.next())

    def next(self) -> Any:
        self.turn += 1
        return key_data((self.turn - 1) % self.keys + 1)


def secret(key_id: int) -> Any:
    return key_data(key_id)["key"]


class AKeyForABlock(BothClients):
    def test_is_reported_with_200_at_a_normal_end(self: Any) -> None:
        script = Pool()
        with ScriptedServer(answer=script) as server, self.pool(server.url) as pool:
            with pool.key("eastasia") as key:
                self.assertEqual((key.id, key.region, key["key"]), (1, "eastasia", secret(1)))
                self.assertNotIn(secret(1), repr(key))
            with pool.key("eastasia", report_success=False):
                pass
        self.assertEqual(script.reports, [(secret(1), 200)])
        self.assertEqual(self.hooks.reports, [(1, 200)])

    def test_is_reported_with_the_status_of_an_exception_which_is_raised_on(self: Any) -> None:
        script = Pool()
        with ScriptedServer(answer=script) as server, self.pool(server.url) as pool:
            for status in (429, 401, 500):
                with self.assertRaises(Refused):
                    with pool.key():
                        raise Refused(status)
        self.assertEqual(script.reports, [(secret(1), 429), (secret(2), 401), (secret(3), 500)])

    def test_is_not_reported_for_what_says_nothing_of_it(self: Any) -> None:
        script = Pool()
        with ScriptedServer(answer=script) as server, self.pool(server.url) as pool:
            for error in (ValueError("a mistake"), TimeoutError(), Refused(99), KeyError("status")):
                with self.assertRaises(type(error)):
                    with pool.key():
                        raise error
            with self.assertRaises(NotFound):
                with pool.key():
                    raise NotFound("of the pool's own", code="not_found", http_status=404)
        self.assertEqual(script.reports, [])

    def test_is_reported_as_its_user_says(self: Any) -> None:
        script = Pool()
        with ScriptedServer(answer=script) as server, self.pool(server.url) as pool:
            with pool.key() as key:
                key.got(429, "said so", retry_after=7)
            with self.assertRaises(ValueError):
                with pool.key() as key:
                    key.got(403)
                    raise ValueError
            with self.assertRaises(ValueError):
                with pool.key(verdict_of=lambda _: 404):
                    raise ValueError
            bodies = [seen.body for seen in server.requests if seen.path.endswith("/status")]
        self.assertEqual(bodies[0], {"key": secret(1), "code": 429, "note": "said so", "retry_after": "7"})
        self.assertEqual([body["code"] for body in bodies], [429, 403, 404])

    def test_is_reported_without_the_retry_after_that_the_server_refuses(self: Any) -> None:
        def answer(seen: Seen) -> Step:
            if seen.method == "GET":
                return done(HAND_OUT)
            return KEPT if seen.body.get("retry_after") is None else BAD_RETRY_AFTER

        with ScriptedServer(answer=answer) as server, self.pool(server.url) as pool:
            with self.assertLogs("azure_key_pool", "WARNING"):
                with pool.key(lease=False) as key:
                    key.got(429, "said so", retry_after=7)
                self.assertTrue(pool.report_key_status_safe("the-secret", 429, retry_after="tomorrow")["success"])
            bodies = [seen.body for seen in server.requests if seen.path.endswith("/status")]
        self.assertEqual(bodies[1], {"key": HAND_OUT["key"], "code": 429, "note": "said so"})
        self.assertEqual(bodies[3], {"key": "the-secret", "code": 429})
        self.assertEqual((self.hooks.reports, self.hooks.lost), ([(7, 429)], []))

    def test_keeps_its_outcome_when_the_report_is_lost(self: Any) -> None:
        def answer(seen: Seen) -> Step:
            return done(HAND_OUT) if seen.method == "GET" else NOT_FOUND if seen.path == "/api/leases" else Drops()

        with ScriptedServer(answer=answer) as server, self.pool(server.url, pauses=[]) as pool:
            with self.assertLogs("azure_key_pool", "WARNING"):
                with pool.key():
                    pass
                with self.assertRaises(Refused):
                    with pool.key():
                        raise Refused(429)
        self.assertEqual(self.hooks.lost, [(7, 200), (7, 429)])

    def test_is_waited_for_as_long_as_the_caller_will(self: Any) -> None:
        pauses: List[float] = []
        cooling = refused(503, "all_keys_cooling", {"retryAfterSeconds": 3})
        steps = [cooling, done(HAND_OUT), KEPT, cooling]
        with ScriptedServer(*steps) as server, self.pool(server.url, pauses=pauses) as pool:
            with pool.key(wait=10, lease=False) as key:
                self.assertEqual(key.id, 7)
            with self.assertRaises(AllKeysCooling) as raised:
                with pool.key(wait=2, lease=False):
                    self.fail("there is no key")
            self.assertEqual(raised.exception.retry_after, 3.0)
            self.assertIsNotNone(raised.exception.available_at)
        self.assertEqual(len(pauses), 1)
        self.assertTrue(3.0 <= pauses[0] <= 4.0, pauses)


class ALease(BothClients):
    def passing(self: Any, now: List[float]) -> None:
        """The client's time is in the test's hands, and its pauses pass at once."""

        async def pause(seconds: float) -> None:
            now[0] += seconds

        self.inner._session.clock = lambda: now[0]
        self.inner._transport.pause = pause

    def test_is_taken_where_the_server_has_leases_and_given_back_with_the_report(self: Any) -> None:
        script = Pool(has_leases=True)
        with ScriptedServer(answer=script) as server, self.pool(server.url) as pool:
            with pool.key("westus2", wait=1.5, ttl_seconds=30) as key:
                self.assertEqual((key.lease_id, key.expires_at), ("lease-1", LEASE["expires_at"]))
            with self.assertRaises(Refused):
                with pool.key():
                    raise Refused(429)
            with self.assertRaises(ValueError):
                with pool.key():
                    raise ValueError
            asked = server.requests[0].body
        self.assertEqual(asked["region"], "westus2")
        self.assertEqual((asked["ttl_seconds"], asked["service"]), (30, "speech"))
        self.assertTrue(1000 < asked["wait_ms"] <= 1500, asked)
        self.assertEqual([body.get("code") for body in script.released], [200, 429, None])
        self.assertEqual(script.reports, [])

    def test_is_not_asked_for_again_where_the_server_has_none(self: Any) -> None:
        script = Pool()
        with ScriptedServer(answer=script) as server, self.pool(server.url) as pool:
            for _ in range(3):
                with pool.key() as key:
                    self.assertIsNone(key.lease_id)
            self.assertEqual(sum(seen.path == "/api/leases" for seen in server.requests), 1)
            with self.assertRaises(NotFound):
                with pool.key(lease=True):
                    self.fail("there are no leases")

    def test_is_asked_for_again_where_only_a_proxy_says_that_there_are_none(self: Any) -> None:
        for status in (404, 405):
            with ScriptedServer(Says(status, b"<html>"), done(LEASE), KEPT) as server, self.pool(server.url) as pool:
                with self.assertRaises(UnexpectedAnswer):
                    with pool.key():
                        self.fail("the limits of the keys are not known")
                with pool.key() as key:
                    self.assertEqual(key.lease_id, "lease-1")
                self.assertEqual([seen.path for seen in server.requests[:2]], ["/api/leases"] * 2)

    def test_is_not_asked_for_where_the_caller_wants_none(self: Any) -> None:
        script = Pool(has_leases=True)
        with ScriptedServer(answer=script) as server, self.pool(server.url) as pool:
            with pool.key(lease=False) as key:
                self.assertIsNone(key.lease_id)
        self.assertEqual((script.released, script.reports), ([], [(secret(1), 200)]))

    def test_is_renewed_while_it_is_used_and_known_when_it_is_lost(self: Any) -> None:
        renewed = done({"lease_id": "lease-1", "expires_at": "2026-01-01T00:02:00.000Z"})
        lost = refused(404, "lease_not_found")
        with ScriptedServer(done(LEASE), renewed, Drops(), lost, KEPT) as server, self.pool(server.url) as pool:
            with self.assertLogs("azure_key_pool", "WARNING"), pool.key(ttl_seconds=0) as key:
                self.hooks.until(lambda: self.hooks.answers[-1][1:] == ("/leases/lease-1/renew", 404))
                while not key.is_lease_lost:
                    threading.Event().wait(0.001)
            paths = [seen.path for seen in server.requests]
            self.assertEqual(key.expires_at, "2026-01-01T00:02:00.000Z")
        self.assertEqual(paths[1:4], ["/api/leases/lease-1/renew"] * 3)
        self.assertEqual(paths[4:], ["/api/leases/lease-1/release"])

    def test_that_has_ended_before_is_still_reported(self: Any) -> None:
        with ScriptedServer(done(LEASE), done(None), KEPT) as server, self.pool(server.url) as pool:
            with self.assertRaises(Refused):
                with pool.key():
                    raise Refused(429)
            self.assertEqual(server.requests[2].body["code"], 429)

    def test_whose_end_was_told_and_the_answer_lost_is_not_reported_twice(self: Any) -> None:
        with ScriptedServer(done(LEASE), Drops(), done(None)) as server, self.pool(server.url, pauses=[]) as pool:
            with self.assertRaises(Refused):
                with pool.key():
                    raise Refused(429)
            asked = [(seen.path, seen.body.get("code")) for seen in server.requests[1:]]
        self.assertEqual(asked, [("/api/leases/lease-1/release", 429)] * 2)


    def test_is_waited_for_until_the_deadline_while_all_are_in_use(self: Any) -> None:
        """The server lets one request wait for 30 seconds."""
        now = [0.0]
        busy = refused(503, "all_keys_busy", {"retryAfterSeconds": 3000})

        def answer(seen: Seen) -> Step:
            if seen.path != "/api/leases":
                return KEPT
            now[0] += seen.body.get("wait_ms", 0) / 1000
            return done(LEASE) if now[0] >= 70 and seen.body["region"] == "eastasia" else busy

        with ScriptedServer(answer=answer) as server, self.pool(server.url) as pool:
            self.passing(now)
            with pool.key("eastasia", wait=100, lease=True):
                pass
            self.assertTrue(70 <= now[0] < 100, now)
            now[0] = 0.0
            with self.assertRaises(AllKeysBusy) as raised:
                with pool.key("westus2", wait=100, lease=True):
                    self.fail("all are in use")
            self.assertGreaterEqual(now[0], 100)
            self.assertEqual(raised.exception.retry_after, 3000.0)
            asked = [seen.body.get("wait_ms", 0) for seen in server.requests if seen.body.get("region") == "westus2"]
            self.assertTrue(4 <= len(asked) < 12 and max(asked) <= 30_000, asked)

    def test_is_given_back_without_the_retry_after_that_the_server_refuses(self: Any) -> None:
        with ScriptedServer(done(LEASE), BAD_RETRY_AFTER, KEPT) as server, self.pool(server.url) as pool:
            with self.assertLogs("azure_key_pool", "WARNING"), pool.key() as key:
                key.got(429, retry_after=7)
            self.assertEqual([seen.body for seen in server.requests[1:]], [{"code": 429, "retry_after": "7"}, {"code": 429}])
        self.assertEqual(self.hooks.lost, [])


class WithKey(BothClients):
    def test_tries_another_key_where_one_is_refused_and_reports_each(self: Any) -> None:
        script = Pool(5)
        used: List[int] = []

        def call(key: KeyInUse) -> str:
            used.append(key.id)
            if key.id < 4:
                raise Refused({1: 401, 2: 403, 3: 429}[key.id])
            return f"by {key.id}"

        with ScriptedServer(answer=script) as server, self.pool(server.url) as pool:
            self.assertEqual(pool.with_key("eastasia", call), "by 4")
        self.assertEqual(used, [1, 2, 3, 4])
        self.assertEqual(script.reports, [(secret(1), 401), (secret(2), 403), (secret(3), 429), (secret(4), 200)])

    def test_reads_a_response_that_the_call_returns(self: Any) -> None:
        script = Pool(3)
        statuses = [429, 200]

        def call(key: KeyInUse) -> Any:
            return SimpleNamespace(status_code=statuses.pop(0), headers={"Retry-After": "9"})

        with ScriptedServer(answer=script) as server, self.pool(server.url) as pool:
            self.assertEqual(pool.with_key(None, call).status_code, 200)
            bodies = [seen.body for seen in server.requests if seen.path.endswith("/status")]
        self.assertEqual(bodies[0]["retry_after"], "9")

    def test_raises_at_once_what_is_not_about_the_key(self: Any) -> None:
        script = Pool()
        calls: List[int] = []

        def call(key: KeyInUse) -> None:
            calls.append(key.id)
            raise Refused(500) if len(calls) == 1 else ValueError("a mistake")

        with ScriptedServer(answer=script) as server, self.pool(server.url) as pool:
            with self.assertRaises(Refused):
                pool.with_key("eastasia", call)
            with self.assertRaises(ValueError):
                pool.with_key("eastasia", call)
        self.assertEqual(script.reports, [(secret(1), 500)])

    def test_ends_within_its_attempts_and_says_when_to_come_back(self: Any) -> None:
        script = Pool(9)

        def call(key: KeyInUse) -> None:
            raise Refused(429)

        with ScriptedServer(answer=script) as server, self.pool(server.url) as pool:
            with self.assertRaises(AllKeysFailed) as raised:
                pool.with_key("eastasia", call, attempts=3)
        error = raised.exception
        self.assertEqual((error.attempts, error.last_code, error.retry_after), (3, 429, 1.0))
        self.assertIsInstance(error.__cause__, Refused)
        self.assertEqual(len(script.reports), 3)

    def test_ends_when_the_pool_has_no_more_and_says_when_to_come_back(self: Any) -> None:
        cooling = refused(503, "all_keys_cooling", {"retryAfterSeconds": 30})
        steps = [done(HAND_OUT), KEPT, cooling]

        def call(key: KeyInUse) -> None:
            raise Refused(429)

        with ScriptedServer(*steps) as server, self.pool(server.url) as pool:
            with self.assertRaises(AllKeysCooling) as raised:
                pool.with_key("eastasia", call, lease=False)
        self.assertEqual(raised.exception.retry_after, 30.0)
        self.assertIsInstance(raised.exception.__cause__, Refused)

    def test_does_not_use_a_key_again_that_was_just_refused(self: Any) -> None:
        script = Pool(1)
        pauses: List[float] = []
        used: List[int] = []

        def call(key: KeyInUse) -> None:
            used.append(key.id)
            raise Refused(429)

        with ScriptedServer(answer=script) as server, self.pool(server.url, pauses=pauses) as pool:
            with self.assertRaises(AllKeysFailed):
                pool.with_key("eastasia", call, attempts=4)
        self.assertEqual((used, len(pauses)), ([1], 3))

    def test_gives_every_lease_back(self: Any) -> None:
        script = Pool(3, has_leases=True)

        def call(key: KeyInUse) -> None:
            raise Refused(429)

        with ScriptedServer(answer=script) as server, self.pool(server.url) as pool:
            with self.assertRaises(AllKeysFailed):
                pool.with_key("eastasia", call, attempts=3)
        self.assertEqual([body["code"] for body in script.released], [429, 429, 429])


class AReadingThatFails(BothClients):
    def test_is_raised_and_costs_no_lease(self: Any) -> None:
        class Mistaken(Exception):
            pass

        def mistaken(_: object) -> None:
            raise Mistaken

        def fail(key: KeyInUse) -> None:
            raise Refused(429)

        script = Pool(has_leases=True)
        with ScriptedServer(answer=script) as server, self.pool(server.url) as pool:
            with self.assertRaises(Mistaken):
                with pool.key(verdict_of=mistaken):
                    raise Refused(429)
            for call in (fail, lambda key: key.id):
                with self.assertRaises(Mistaken):
                    pool.with_key(None, call, verdict_of=mistaken)
        self.assertEqual((script.released, script.reports), ([{}, {}, {}], []))


class AsInTheSample(BothClients):
    def test_a_safe_report_raises_nothing_and_leaves_200_out(self: Any) -> None:
        with ScriptedServer(KEPT, NOT_FOUND) as server, self.pool(server.url) as pool:
            self.assertEqual(pool.report_key_status_safe("the-secret", 200), {"success": True})
            self.assertTrue(pool.report_key_status_safe("the-secret", 429)["success"])
            with self.assertLogs("azure_key_pool", "WARNING"):
                lost = pool.report_key_status_safe("the-secret", 429)
            self.assertEqual(lost["success"], False)
            self.assertEqual(len(server.requests), 2)


class ACancelledUse(unittest.TestCase):
    def test_gives_its_lease_back_without_a_report(self) -> None:
        script = Pool(has_leases=True)

        async def use(pool: AsyncKeyPool, begun: asyncio.Event) -> None:
            async with pool.key("eastasia"):
                begun.set()
                await asyncio.Event().wait()

        async def story(server: ScriptedServer) -> None:
            async with AsyncKeyPool(server.url) as pool:
                begun = asyncio.Event()
                task = asyncio.ensure_future(use(pool, begun))
                await begun.wait()
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task

        with ScriptedServer(answer=script) as server:
            asyncio.run(story(server))
        self.assertEqual(script.released, [{}])


class AUseCancelledWhileItEnds(unittest.TestCase):
    """Each is cancelled while its report is on its way, which is answered only after that."""

    def expect_its_end(self, use: Callable[[AsyncKeyPool], Any], handed: Any, ends: str) -> None:
        asked, cancelled = threading.Event(), threading.Event()

        class Waits(Step):
            def play(self, handler: Any) -> None:
                asked.set()
                cancelled.wait(60)
                KEPT.play(handler)

        def answer(seen: Seen) -> Step:
            return Waits() if seen.path.endswith(ends) else handed

        async def story(server: ScriptedServer) -> None:
            async with AsyncKeyPool(server.url, hooks=hooks) as pool:
                task = asyncio.ensure_future(use(pool))
                await asyncio.get_running_loop().run_in_executor(None, asked.wait, 60)
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task
                cancelled.set()

        hooks = Kept()
        with ScriptedServer(answer=answer) as server:
            asyncio.run(story(server))
        self.assertEqual(hooks.reports, [(HAND_OUT["id"], 429)])

    def test_of_a_block_is_reported_and_gives_its_lease_back(self) -> None:
        async def use(pool: AsyncKeyPool) -> None:
            async with pool.key("eastasia") as key:
                key.got(429)

        self.expect_its_end(use, done(LEASE), "/release")

    def test_of_a_block_with_an_exception_too(self) -> None:
        async def use(pool: AsyncKeyPool) -> None:
            async with pool.key("eastasia"):
                raise Refused(429)

        self.expect_its_end(use, done(LEASE), "/release")

    def test_of_with_key_too(self) -> None:
        async def refuse(key: KeyInUse) -> None:
            raise Refused(429)

        async def use(pool: AsyncKeyPool) -> None:
            await pool.with_key("eastasia", refuse)

        self.expect_its_end(use, done(LEASE), "/release")

    def test_of_a_followed_key_too(self) -> None:
        async def use(pool: AsyncKeyPool) -> None:
            async with pool.follow("eastasia") as followed:
                async with followed.key(60) as key:
                    key.got(429)

        self.expect_its_end(use, Streams(f"event: key\ndata: {json.dumps(HAND_OUT)}\n\n"), "/status")


class ALeaseGivenBackLate(unittest.TestCase):
    def test_is_waited_for_by_a_client_that_is_closed(self) -> None:
        class Waits(Step):
            def play(self, handler: Any) -> None:
                closing.wait(60)
                KEPT.play(handler)

        closing = threading.Event()

        def answer(seen: Seen) -> Step:
            return Waits() if seen.path.endswith("/release") else done(LEASE)

        async def story(server: ScriptedServer) -> None:
            pool = AsyncKeyPool(server.url, hooks=hooks)
            begun = asyncio.Event()

            async def use() -> None:
                async with pool.key("eastasia"):
                    begun.set()
                    await asyncio.Event().wait()

            task = asyncio.ensure_future(use())
            await begun.wait()
            task.cancel()
            await asyncio.wait([task])
            close = asyncio.ensure_future(pool.close())
            await asyncio.sleep(0)
            # The release is on its way, and the client is being closed.
            closing.set()
            await close

        hooks = Kept()
        with ScriptedServer(answer=answer) as server:
            asyncio.run(story(server))
        self.assertEqual(hooks.answers[-1], ("POST", "/leases/lease-1/release", 200))
        self.assertEqual(hooks.lost, [])


class AClosedClient(BothClients):
    def test_raises_and_asks_nothing(self: Any) -> None:
        with ScriptedServer(done(HAND_OUT)) as server:
            with self.pool(server.url) as pool:
                pass
            with self.assertRaises(Closed):
                pool.get_key()
            self.assertEqual(server.requests, [])


BlockingKeyForABlock, AsyncKeyForABlock = both(AKeyForABlock)
BlockingLease, AsyncLease = both(ALease)
BlockingWithKey, AsyncWithKey = both(WithKey)
BlockingReadingThatFails, AsyncReadingThatFails = both(AReadingThatFails)
BlockingSample, AsyncSample = both(AsInTheSample)
BlockingClosedClient, AsyncClosedClient = both(AClosedClient)
