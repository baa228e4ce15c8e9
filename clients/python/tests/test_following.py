import json
import os
import unittest
from typing import Any, List
from unittest import mock

from azure_key_pool import AllKeysCooling, InvalidRequest, NoKey, NotAllowed, Unreachable, _following

from .situations import (
    NOT_FOUND,
    BothClients,
    Hangs,
    Says,
    ScriptedServer,
    Seen,
    Step,
    Streams,
    both,
    done,
    free_port,
    key_data,
    refused,
)

COOLED = done({"action": "cooldown", "statusChanged": True})
PROTECTED = done({"action": "skip", "reason": "protected", "statusChanged": False})


def key_event(key_id: int, event_id: str = "") -> str:
    return f"event: key\nid: {event_id or key_id}\ndata: {json.dumps(key_data(key_id))}\n\n"


def none_event(available_at: Any) -> str:
    return f"event: none\ndata: {json.dumps({'availableAt': available_at})}\n\n"


END = "event: end\ndata: {}\n\n"


class AFollowedKey(BothClients):
    def test_is_there_at_once_and_another_when_the_server_says_so(self: Any) -> None:
        with ScriptedServer(Streams(": hello\n\n", key_event(1), ": still here\n\n", key_event(2))) as server:
            with self.pool(server.url) as pool, pool.follow("westus2", tag="batch", rotate_seconds=60) as followed:
                self.assertIn(followed.get(60).id, (1, 2))
                self.hooks.until(lambda: self.hooks.keys == [1, 2])
                self.assertEqual((followed.get().id, followed.current.key), (2, key_data(2)["key"]))
                self.assertIsNone(followed.error)
            (seen,) = server.requests
        self.assertEqual(seen.path, "/api/keys/watch?region=westus2&tag=batch&rotate_seconds=60")
        self.assertEqual(seen.headers["Accept"], "text/event-stream")

    def test_of_translation_has_its_own_route(self: Any) -> None:
        with ScriptedServer(Streams(key_event(1))) as server:
            with self.pool(server.url) as pool, pool.follow(service="translation") as followed:
                followed.get(60)
            self.assertEqual(server.requests[0].path, "/api/translation/keys/watch?")

    def test_is_missing_with_the_time_when_to_come_back(self: Any) -> None:
        for available_at, kind in (("2999-01-01T00:00:00.000Z", AllKeysCooling), (None, NoKey)):
            with ScriptedServer(Streams(key_event(1), none_event(available_at))) as server:
                self.hooks.keys.clear()
                with self.pool(server.url) as pool, pool.follow() as followed:
                    self.hooks.until(lambda: self.hooks.keys == [1, None])
                    with self.assertRaises(kind) as raised:
                        followed.get(0)
            if available_at is not None:
                self.assertGreater(raised.exception.retry_after, 1e9)

    def test_stays_at_hand_while_the_connection_is_made_again_where_it_was(self: Any) -> None:
        with ScriptedServer(Streams(key_event(1, "a-7"), END), Streams(key_event(2))) as server:
            with self.pool(server.url) as pool, pool.follow() as followed:
                self.hooks.until(lambda: 2 in self.hooks.keys)
                self.assertEqual(followed.get().id, 2)
            self.assertNotIn("Last-Event-ID", server.requests[0].headers)
            self.assertEqual(server.requests[1].headers["Last-Event-ID"], "a-7")
        self.assertEqual(self.hooks.keys, [1, 2])

    def test_notices_a_stream_that_has_gone_silent(self: Any) -> None:
        with mock.patch.object(_following, "SILENCE_SECONDS", 0.05):
            with ScriptedServer(Streams(key_event(1)), Streams(key_event(2))) as server:
                with self.assertLogs("azure_key_pool", "WARNING"), self.pool(server.url) as pool, pool.follow():
                    self.hooks.until(lambda: 2 in self.hooks.keys)
                self.assertTrue(server.left.acquire(timeout=60))

    def test_ends_its_connection_when_it_is_closed(self: Any) -> None:
        with ScriptedServer(Streams(key_event(1))) as server, self.pool(server.url) as pool:
            followed = pool.follow()
            self.hooks.until(lambda: self.hooks.keys == [1])
            followed.close()
            self.assertTrue(server.left.acquire(timeout=60))

    def test_ends_with_its_client(self: Any) -> None:
        with ScriptedServer(Streams(key_event(1))) as server:
            with self.pool(server.url) as pool:
                pool.follow().get(60)
            self.assertTrue(server.left.acquire(timeout=60))

    def test_reports_what_an_exception_says_and_no_success(self: Any) -> None:
        def answer(seen: Seen) -> Step:
            return Streams(key_event(1)) if seen.method == "GET" else COOLED

        class Throttled(Exception):
            status = 429

        with ScriptedServer(answer=answer) as server:
            with self.pool(server.url) as pool, pool.follow() as followed:
                with followed.key(60) as key:
                    self.assertEqual(key.id, 1)
                with self.assertRaises(ValueError):
                    with followed.key():
                        raise ValueError
                self.assertEqual(len(server.requests), 1)
                with self.assertRaises(Throttled):
                    with followed.key():
                        raise Throttled
            self.assertEqual(server.requests[1].body["code"], 429)

    def test_is_dropped_when_a_report_takes_it_out_of_use(self: Any) -> None:
        def answer(seen: Seen) -> Step:
            return Streams(key_event(1)) if seen.method == "GET" else COOLED

        with ScriptedServer(answer=answer) as server:
            with self.pool(server.url) as pool, pool.follow() as followed:
                key = followed.get(60)
                self.assertEqual(followed.report(key, 429, retry_after=5)["action"], "cooldown")
                self.assertIsNone(followed.current)
            self.assertEqual(server.requests[1].body["retry_after"], "5")

    def test_stays_when_the_report_is_about_another_or_changed_nothing(self: Any) -> None:
        answers: List[Step] = [COOLED, PROTECTED]

        def answer(seen: Seen) -> Step:
            return Streams(key_event(1), key_event(2)) if seen.method == "GET" else answers.pop(0)

        with ScriptedServer(answer=answer) as server:
            with self.pool(server.url) as pool, pool.follow() as followed:
                self.hooks.until(lambda: self.hooks.keys == [1, 2])
                key = followed.current
                before = type(key)(key_data(1), "speech")
                followed.report(before, 429)
                self.assertIs(followed.current, key)
                followed.report(key, 429)
                self.assertIs(followed.current, key)
                self.assertEqual([seen.body["key"] for seen in server.requests[1:]], [before.key, key.key])


class WithoutTheRoute(BothClients):
    def test_it_is_asked_for_a_key_at_its_pace(self: Any) -> None:
        ids = iter(range(1, 1000))

        def answer(seen: Seen) -> Step:
            return NOT_FOUND if "/watch" in seen.path else done(key_data(next(ids)))

        with ScriptedServer(answer=answer) as server, self.pool(server.url) as pool:
            time = self.following_by_hand(pool, 100, poll_seconds=2.0)
            time.pass_by()
            paths = [seen.path for seen in server.requests]
        self.assertEqual(paths[0], "/api/keys/watch?region=eastasia")
        self.assertEqual(set(paths[1:]), {"/api/keys/get?region=eastasia"})
        self.assertEqual(len(paths), 51)
        self.assertEqual(set(time.pauses[1:]), {2.0})

    def test_or_with_one_that_takes_it_for_a_key_of_that_name(self: Any) -> None:
        for step in (refused(404, "key_not_found"), refused(403, "forbidden"), refused(405, "method_not_allowed"), done({})):

            def answer(seen: Seen, step: Step = step) -> Step:
                return step if "/watch" in seen.path else done(key_data(3))

            with ScriptedServer(answer=answer) as server, self.pool(server.url) as pool:
                with pool.follow("eastasia") as followed:
                    self.assertEqual(followed.get(60).id, 3)

    def test_is_nothing_that_a_page_of_a_proxy_says(self: Any) -> None:
        for status in (404, 405, 403, 501):
            steps: List[Step] = [Says(status, b"<html>not for now</html>"), Streams(key_event(3))]
            with ScriptedServer(*steps) as server, self.pool(server.url) as pool:
                with self.assertLogs("azure_key_pool", "WARNING"), pool.follow("eastasia") as followed:
                    self.assertEqual(followed.get(60).id, 3)
                self.assertEqual(["/watch" in seen.path for seen in server.requests], [True, True])

    def test_it_looks_for_the_route_again_after_a_fault(self: Any) -> None:
        with ScriptedServer(NOT_FOUND, refused(403, "forbidden"), Streams(key_event(3))) as server:
            with self.pool(server.url) as pool, self.assertLogs("azure_key_pool", "WARNING"):
                with pool.follow("eastasia") as followed:
                    self.assertEqual(followed.get(60).id, 3)

    def test_it_looks_for_the_route_again_now_and_then(self: Any) -> None:
        def answer(seen: Seen) -> Step:
            return NOT_FOUND if "/watch" in seen.path else done(key_data(3))

        with ScriptedServer(answer=answer) as server, self.pool(server.url) as pool:
            self.following_by_hand(pool, 1300, poll_seconds=100.0).pass_by()
            self.assertEqual(sum("/watch" in seen.path for seen in server.requests), 3)

    def test_a_key_that_went_out_of_use_is_replaced_without_waiting(self: Any) -> None:
        ids = iter(range(1, 1000))

        def answer(seen: Seen) -> Step:
            if seen.method == "POST":
                return COOLED
            return NOT_FOUND if "/watch" in seen.path else done(key_data(next(ids)))

        with ScriptedServer(answer=answer) as server, self.pool(server.url) as pool:
            with pool.follow("eastasia", poll_seconds=3600.0) as followed:
                followed.report(followed.get(60), 429)
                self.assertEqual(followed.get(60).id, 2)

    def test_resting_keys_are_asked_for_when_one_is_back(self: Any) -> None:
        cooling = refused(503, "all_keys_cooling", {"retryAfterSeconds": 20})
        with ScriptedServer(NOT_FOUND, cooling) as server, self.pool(server.url) as pool:
            time = self.following_by_hand(pool, 100, poll_seconds=2.0)
            time.pass_by()
            self.assertEqual(len(server.requests), 6)
            self.assertEqual(set(time.pauses[1:]), {20.0})

    def test_an_empty_pool_is_asked_at_the_usual_pace(self: Any) -> None:
        with ScriptedServer(NOT_FOUND, refused(404, "no_key")) as server, self.pool(server.url) as pool:
            self.following_by_hand(pool, 100, poll_seconds=2.0).pass_by()
            self.assertEqual(len(server.requests), 51)


#: For how long a server that answers at all is in trouble.
SECONDS = 100 if os.environ.get("POOL_LONG") else 40


def patient(seconds: float) -> float:
    """More than a client asks in vain: half of the longest pause lies between two requests, on average."""
    return seconds / 2.5 + 10


class AServerInTrouble(BothClients):
    def test_that_is_away_is_not_asked_in_a_busy_loop(self: Any) -> None:
        with self.pool(f"http://127.0.0.1:{free_port()}/api") as pool, self.assertLogs("azure_key_pool", "WARNING"):
            time = self.following_by_hand(pool, 100)
            time.pass_by()
            self.assertIsInstance(time.followed.error, Unreachable)
        self.assertLess(len(self.hooks.answers), patient(100))
        self.assertGreater(len(self.hooks.answers), 30)

    def test_that_ends_every_stream_at_once_is_not_asked_in_a_busy_loop(self: Any) -> None:
        for steps in ([Streams(key_event(1), END)], [Streams(ends=True)], [Says(200, b"", Content_Type="text/event-stream")]):
            with ScriptedServer(*steps) as server, self.pool(server.url) as pool:
                self.following_by_hand(pool, SECONDS).pass_by()
                self.assertLess(len(server.requests), patient(SECONDS))

    def test_that_answers_nonsense_is_not_asked_in_a_busy_loop(self: Any) -> None:
        nonsense = ["event: key\ndata: {\n\n", "event: key\ndata: []\n\n", "event: none\ndata: 5\n\n"]
        for step in (Says(500, b"<html>"), *(Streams(piece) for piece in nonsense)):
            with ScriptedServer(step) as server, self.pool(server.url) as pool:
                with self.assertLogs("azure_key_pool", "WARNING"):
                    self.following_by_hand(pool, SECONDS).pass_by()
                self.assertLess(len(server.requests), patient(SECONDS))

    def test_that_lets_nobody_in_is_asked_seldom_and_says_why(self: Any) -> None:
        with ScriptedServer(refused(401, "unauthorized")) as server, self.pool(server.url) as pool:
            with self.assertLogs("azure_key_pool", "WARNING"):
                time = self.following_by_hand(pool, 100)
                time.pass_by()
            self.assertIsInstance(time.followed.error, NotAllowed)
            self.assertLess(len(server.requests), patient(100))

    def test_that_has_no_place_for_a_watcher_still_gives_a_key(self: Any) -> None:
        busy = refused(503, "busy", None, Retry_After="5")

        def answer(seen: Seen) -> Step:
            return busy if "/watch" in seen.path else done(key_data(3))

        with ScriptedServer(answer=answer) as server, self.pool(server.url) as pool:
            with pool.follow() as followed:
                self.assertEqual(followed.get(60).id, 3)

    def test_that_does_not_even_answer_keeps_nobody_from_closing(self: Any) -> None:
        with ScriptedServer(Hangs()) as server, self.pool(server.url, timeout=3600) as pool:
            followed = pool.follow()
            self.assertTrue(server.seen.acquire(timeout=60))
            followed.close()
            self.assertTrue(server.left.acquire(timeout=60))

    def test_says_so_to_who_asks_for_a_key_that_never_came(self: Any) -> None:
        with ScriptedServer(Hangs()) as server, self.pool(server.url) as pool, pool.follow() as followed:
            with self.assertRaises(Unreachable):
                followed.get(0)


class AFollowerThatIsRefused(BothClients):
    def test_for_what_it_asks_ends_with_that_error(self: Any) -> None:
        with ScriptedServer(refused(400, "invalid_request")) as server, self.pool(server.url) as pool:
            with self.assertLogs("azure_key_pool", "ERROR"), pool.follow("eastasia", rotate_seconds=0) as followed:
                for _ in range(2):
                    with self.assertRaises(InvalidRequest):
                        followed.get(60)
                self.assertIsInstance(followed.error, InvalidRequest)
                self.assertIsNone(followed.current)
            self.assertEqual([seen.path for seen in server.requests], ["/api/keys/watch?region=eastasia&rotate_seconds=0"])

    def test_later_has_no_key_any_more(self: Any) -> None:
        with ScriptedServer(Streams(key_event(1), END), refused(400, "invalid_request")) as server:
            with self.pool(server.url) as pool, self.assertLogs("azure_key_pool", "ERROR"):
                with pool.follow("eastasia") as followed:
                    self.hooks.until(lambda: self.hooks.keys == [1, None])
                    with self.assertRaises(InvalidRequest):
                        followed.get(60)


class TheKeyOfTheSample(BothClients):
    def test_is_followed_once_for_all_who_ask(self: Any) -> None:
        with ScriptedServer(Streams(key_event(1))) as server, self.pool(server.url) as pool:
            for _ in range(3):
                self.assertEqual(pool.get_azure_key_with_retry(max_retries=60)["id"], 1)
            self.assertEqual(len(server.requests), 1)

    def test_is_none_when_there_is_none_in_time(self: Any) -> None:
        with ScriptedServer(Streams(none_event(None))) as server, self.pool(server.url) as pool:
            with self.assertLogs("azure_key_pool", "WARNING"):
                self.assertIsNone(pool.get_azure_key_with_retry(max_retries=0))


BlockingFollowedKey, AsyncFollowedKey_ = both(AFollowedKey)
BlockingWithoutTheRoute, AsyncWithoutTheRoute = both(WithoutTheRoute)
BlockingServerInTrouble, AsyncServerInTrouble = both(AServerInTrouble)
BlockingRefusedFollower, AsyncRefusedFollower = both(AFollowerThatIsRefused)
BlockingTheKeyOfTheSample, AsyncTheKeyOfTheSample = both(TheKeyOfTheSample)

