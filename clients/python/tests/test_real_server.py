"""
Against a real server: `npm test` starts one and says in the environment where it is. `POOL_URL` alone is any server of
yours with `POOL_TOKEN`, an admin's; what needs the test's own hand on it is skipped then.
"""

import asyncio
import json
import os
import random
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, List, Tuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from azure_key_pool import (
    AllKeysCooling,
    AllKeysFailed,
    AsyncKeyPool,
    Backoff,
    ImportText,
    InvalidRequest,
    KeyExists,
    KeyInUse,
    KeyPool,
    NoKey,
    NoKeyAvailable,
    NotAllowed,
    NotFound,
    Unreachable,
)

from .situations import BothClients, both

URL = os.environ.get("POOL_URL", "")
TOKEN = os.environ.get("POOL_TOKEN")
CONTROL = os.environ.get("POOL_CONTROL", "")
AZURE = os.environ.get("AZURE_URL", "")
IS_LONG = bool(os.environ.get("POOL_LONG"))

needs_server = unittest.skipUnless(URL, "POOL_URL names no server")
needs_control = unittest.skipUnless(CONTROL, "POOL_CONTROL names no test")


def control(act: str, body: Any = None) -> Any:
    content = json.dumps(body).encode()
    with urlopen(Request(f"{CONTROL}/{act}", data=content), timeout=120) as response:
        return json.loads(response.read())


def secret(region: str, number: int) -> str:
    return f"key-{number}-of-{region}".ljust(32, "~")


class WithServer(BothClients):
    """A region of its own for each test of each client, so that none meets another's keys."""

    made = 0

    def setUp(self) -> None:
        super().setUp()
        WithServer.made += 1
        self.region = f"{'a' if self.is_async else 'b'}{os.getpid()}-{WithServer.made}"

    def server(self, **options: Any) -> Any:
        return self.pool(URL, token=TOKEN, **options)

    def fill(self, pool: Any, keys: int) -> List[int]:
        rows = [{"key": secret(self.region, n), "region": self.region, "keyname": str(n)} for n in range(keys)]
        report = pool.create_keys(rows)
        assert report["success"] == keys, report
        return [row["id"] for row in report["results"]]


class EveryCall(WithServer):
    def test_of_keys_is_answered(self: Any) -> None:
        region, key = self.region, secret(self.region, 1)
        with self.server() as pool:
            added = pool.add_key(key, region, "first", tag="batch")
            key_id = added["id"]
            self.assertEqual((added["region"], added["keyname"], added["tag"]), (region, "first", "batch"))
            self.assertEqual(pool.get_key(region)["key"], key)
            self.assertEqual(pool.get_key(region, tag="batch")["id"], key_id)
            with self.assertRaises(NoKey):
                pool.get_key(region, tag="other")
            with self.assertRaises(KeyExists):
                pool.add_key(key, region, "again")
            self.assertEqual(pool.update_key(key_id, keyname="renamed", tag=None)["tag"], None)
            self.assertEqual(pool.show_key(key_id)["keyname"], "renamed")
            self.assertEqual([shown["id"] for shown in pool.get_all_keys(region=region)], [key_id])
            self.assertEqual(pool.page_keys(1, 10, region=region, q="renam", sort="-id")["total"], 1)
            self.assertEqual(pool.disable_key(key_id)["status"], "disabled")
            with self.assertRaises(NoKey):
                pool.get_key(region)
            self.assertEqual(pool.enable_key(key_id)["status"], "enabled")
            self.assertIn(region, [state["region"] for state in pool.list_pools()])
            self.assertEqual(pool.get_logs(key_id=key_id)["logs"][0]["action"], "enable_key")
            self.assertEqual(pool.get_logs(key_id=key_id, action="add_key", from_=0, limit=1)["total"], 1)
            self.assertGreaterEqual(pool.get_stats()["cooldown"]["totalKeys"], 1)
            self.assertEqual(pool.reveal_key(key_id, "a test")["key"], key)
            self.assertIn(key, [row["key"] for row in pool.export_keys()["keys"]])
            self.assertEqual(pool.delete_key(key_id)["id"], key_id)
            with self.assertRaises(NotFound):
                pool.show_key(key_id)

    def test_of_reports_is_answered(self: Any) -> None:
        with self.server() as pool:
            (key_id,) = self.fill(pool, 1)
            key = pool.get_key(self.region)["key"]
            self.assertEqual(pool.report_status(key, 200, "well")["action"], "keep_enabled")
            self.assertEqual(pool.report_status(key, 429, "slow down", retry_after=30)["action"], "cooldown")
            self.assertEqual(pool.report_status(key, 429), {"action": "skip", "reason": "cooling", "statusChanged": False})
            with self.assertRaises(AllKeysCooling) as raised:
                pool.get_key(self.region)
            self.assertGreater(raised.exception.retry_after, 0)
            self.assertEqual(pool.enable_key(key_id)["status"], "enabled")
            self.assertEqual(pool.report_status(key, 401)["action"], "disable")
            (counted,) = pool.get_report_history(region=self.region, bucket_seconds=2_678_400)["counts"][-1:]
            self.assertEqual((counted["region"], counted["2xx"], counted["401"]), (self.region, 1, 1))
            self.assertEqual(pool.get_report_history(key_id=key_id, service="translation")["counts"], [])
            with self.assertRaises(NotFound):
                pool.report_status("nobody-has-this-key", 200)

    def test_of_translation_is_answered(self: Any) -> None:
        key = secret(self.region, 1)
        with self.server() as pool:
            key_id = pool.add_key(key, self.region, service="translation")["id"]
            self.assertEqual(pool.get_key(self.region, service="translation")["key"], key)
            self.assertEqual(pool.report_status(key, 200, service="translation")["action"], "keep_enabled")
            self.assertTrue(pool.get_all_keys(region=self.region, service="translation"))
            self.assertEqual(pool.get_stats(service="translation")["cooldown"]["cooldownKeys"], 0)
            pool.delete_key(key_id, service="translation")

    def test_of_settings_is_answered(self: Any) -> None:
        name = f"note_{self.region}"
        with self.server() as pool:
            self.assertEqual(pool.save_config(name, "a", "of a test")["config_value"], "a")
            self.assertEqual(pool.update_config(name, "b")["description"], "of a test")
            self.assertEqual(pool.get_config(name)["config_value"], "b")
            self.assertEqual(pool.save_all_config([{"config_key": name, "config_value": "c"}])[0]["config_value"], "c")
            self.assertIn(name, [entry["config_key"] for entry in pool.get_all_config()])
            pool.delete_config(name)
            with self.assertRaises(NotFound):
                pool.get_config(name)
            with self.assertRaises(InvalidRequest) as raised:
                pool.save_config("cooldown_seconds", "soon")
            self.assertEqual(raised.exception.details[0]["field"], "cooldown_seconds")
            self.assertIsNotNone(raised.exception.request_id)

    def test_of_imports_is_answered(self: Any) -> None:
        row = {"key": secret(self.region, 1), "region": self.region}
        with self.server() as pool:
            template = pool.get_template()
            self.assertEqual(template["type"], "speech")
            self.assertEqual(pool.validate_keys([row, {"region": self.region}])["errors"][0]["index"], 1)
            failed = pool.create_keys([{"region": self.region}])
            self.assertEqual((failed["failed"], failed["success"]), (1, 0))
            created = pool.create_keys({"type": "speech", "keys": [row]}, {"enableAfterCreate": False})
            self.assertEqual(created["success"], 1)
            self.assertEqual(pool.show_key(created["results"][0]["id"])["status"], "disabled")
            text = ImportText(f"key,keyname\n{secret(self.region, 2)},of a text\n", region=self.region)
            self.assertTrue(pool.validate_keys(text)["valid"])
            of_text = pool.create_keys(text, {"enableAfterCreate": False})["results"][0]["id"]
            shown = pool.show_key(of_text)
            self.assertEqual((shown["keyname"], shown["region"], shown["status"]), ("of a text", self.region, "disabled"))

    def test_of_tests_is_answered(self: Any) -> None:
        good, bad = secret(self.region, 1), secret(self.region, 2)
        control("azure", {"key": bad, "scenario": {"kind": "refuse", "status": 401}})
        with self.server() as pool:
            pool.add_key(good, self.region)
            spoken, heard = pool.test_key_tts(good, self.region), pool.test_key_stt(good, self.region)
            self.assertEqual((spoken["works"], heard["works"]), (True, True))
            self.assertGreater(spoken["audioSize"], 0)
            self.assertTrue(pool.test_translation_key(good, "global", text="Hello.", to="de")["works"])
            refused = pool.test_key_tts(bad, self.region)
            self.assertEqual((refused["works"], refused["statusCode"], refused["statusUpdate"]), (False, 401, None))

    def test_of_the_system_is_answered(self: Any) -> None:
        with self.server() as pool:
            self.assertEqual(pool.get_health()["status"], "healthy")
            self.assertTrue("/keys/get" in pool.get_docs()["paths"])
            self.assertIn("log_max_rows", pool.get_cleanup()["settings"])
            self.assertIsNotNone(pool.clean_up()["last_run"])
            self.assertEqual(pool.get_self()["role"], "admin")

    def test_is_let_in_by_its_token_as_far_as_that_reaches(self: Any) -> None:
        with self.server() as pool:
            self.fill(pool, 1)
            token = pool.create_token(f"test {self.region}", "client", scope={"regions": [self.region]})
            self.assertIn(token["id"], [listed["id"] for listed in pool.list_tokens()])
            with self.pool(URL, token=token["token"]) as client:
                with client.key(self.region) as key:
                    self.assertEqual(key.region, self.region)
                with self.assertRaises(NotAllowed):
                    client.get_all_keys()
                pool.revoke_token(token["id"])
                with self.assertRaises(NotAllowed):
                    client.get_key(self.region)
            with self.pool(URL) as nobody, self.assertRaises(NotAllowed):
                nobody.get_key(self.region)


def issue_token(key: KeyInUse) -> str:
    """As the reference does, at the emulated Azure."""
    url, headers = f"{AZURE}/sts/v1.0/issuetoken", {"Ocp-Apim-Subscription-Key": key.key}
    with urlopen(Request(url, data=b"", headers=headers), timeout=60) as response:
        return str(response.read().decode())


class UsingAzure(WithServer):
    def test_goes_on_with_a_key_that_works_and_reports_those_that_do_not(self: Any) -> None:
        with self.server() as pool:
            ids = self.fill(pool, 4)
            for number, status in enumerate((401, 403, 429)):
                scenario = {"kind": "refuse", "status": status, "retryAfterSeconds": 120}
                control("azure", {"key": secret(self.region, number), "scenario": scenario})
            for _ in range(4):
                self.assertTrue(pool.with_key(self.region, issue_token))
            statuses = {key["id"]: key["status"] for key in pool.get_all_keys(region=self.region)}
            self.assertEqual([statuses[key_id] for key_id in ids], ["disabled", "disabled", "cooldown", "enabled"])
            with self.assertRaises(HTTPError):
                control("azure", {"key": secret(self.region, 3), "scenario": {"kind": "refuse", "status": 500}})
                with pool.key(self.region) as key:
                    issue_token(key)
            self.assertEqual(pool.show_key(ids[3])["status"], "enabled")


class Outage(WithServer):
    """How long the server is away: its whole time in a long run, else until the client has noticed."""

    away_seconds = 10.0 if IS_LONG else 0.0
    #: A short run has no time for the usual pauses.
    options = {} if IS_LONG else {"follow_backoff": Backoff(0.05, 0.3)}

    def test_is_survived_by_a_follower_who_does_not_ask_in_a_busy_loop(self: Any) -> None:
        with self.server(**self.options) as pool:
            self.fill(pool, 2)
            with pool.follow(self.region, poll_seconds=0.25) as followed:
                before = followed.get(60)
                asked = control("asked")
                control("away")
                try:
                    self.hooks.until(lambda: self.failures() >= 3)
                    threading.Event().wait(self.away_seconds)
                    # Nothing of it has reached the caller.
                    self.assertIsInstance(followed.error, Unreachable)
                    self.assertIn(followed.get().id, (before.id, before.id + 1, before.id - 1))
                    while_away = control("asked") - asked
                finally:
                    control("back")
                answered = len(self.hooks.answers)
                self.hooks.until(lambda: any(status == 200 for _, _, status in self.hooks.answers[answered:]))
                while followed.error is not None:
                    threading.Event().wait(0.01)
                # It takes part again: what is reported changes its key.
                followed.report(followed.get(), 401)
                self.assertIsNotNone(followed.get(60))
        # Each pause is of any length below 0.25, 0.5, 1, 2, 4, 5, 5 … seconds.
        self.assertLess(while_away, 40)

    def failures(self: Any) -> int:
        return sum(status is None for _, _, status in self.hooks.answers)


class Broken(Exception):
    """Of the caller's own making."""


class Status(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(f"status {code}")
        self.status = code


#: Calls, and how many at a time.
CROWD, AT_A_TIME = (1000, 1000) if IS_LONG else (80, 20)
KEYS = 60 if IS_LONG else 20


def code_of(number: int) -> int:
    """A third answers 429, a tenth 401."""
    if number % 3 == 0:
        return 429
    return 401 if number % 10 == 1 else 200


class ACrowd(WithServer):
    def test_of_calls_each_ends_with_a_working_key_or_a_word_when_to_come_back(self: Any) -> None:
        with self.server() as pool:
            self.fill(pool, KEYS)
        chance = random.Random(7)
        broken = [chance.random() < 0.1 for _ in range(CROWD)]

        def outcome(number: int, key_name: str) -> str:
            if broken[number]:
                raise Broken
            code = code_of(int(key_name))
            if code != 200:
                raise Status(code)
            return key_name

        results = self.run_crowd(outcome)
        self.assertEqual(len(results), CROWD)
        for number, result in enumerate(results):
            if broken[number]:
                self.assertIsInstance(result, Broken)
            elif isinstance(result, NoKeyAvailable):
                self.assertIsNotNone(result.retry_after)
                self.assertIsInstance(result, (AllKeysCooling, AllKeysFailed))
            else:
                self.assertIsInstance(result, str, repr(result))
                self.assertEqual(code_of(int(result)), 200)
        self.assertGreater(sum(isinstance(result, str) for result in results), CROWD / 2)
        self.expect_no_key_to_be_blamed_for_another()

    def expect_no_key_to_be_blamed_for_another(self: Any) -> None:
        with self.server() as pool:
            keys = pool.get_all_keys(region=self.region)
            logs = {
                action: pool.get_logs(1, 1000, action=action)["logs"]
                for action in ("cooldown_start", "disable_key", "set_status")
            }
        for key in keys:
            code = code_of(int(key["keyname"]))
            said = {row["status_code"] for rows in logs.values() for row in rows if row["key_id"] == key["id"]}
            self.assertLessEqual(said, {200, code}, key["keyname"])
            self.assertEqual(key["status"] == "enabled", code == 200 or said <= {200}, key["keyname"])

    def run_crowd(self: Any, outcome: Callable[[int, str], str]) -> List[Any]:
        if self.is_async:
            results: List[Any] = asyncio.run(self.crowd_of_tasks(outcome))
            return results
        with KeyPool(URL, token=TOKEN, timeout=60) as pool, ThreadPoolExecutor(AT_A_TIME) as threads:

            def one(number: int) -> Any:
                try:
                    return pool.with_key(self.region, lambda key: outcome(number, key.keyname))
                except Exception as error:
                    return error

            return list(threads.map(one, range(CROWD)))

    async def crowd_of_tasks(self: Any, outcome: Callable[[int, str], str]) -> List[Any]:
        gate = asyncio.Semaphore(AT_A_TIME)
        async with AsyncKeyPool(URL, token=TOKEN, timeout=60) as pool:

            async def one(number: int) -> Any:
                async def call(key: KeyInUse) -> str:
                    return outcome(number, key.keyname)

                async with gate:
                    try:
                        return await pool.with_key(self.region, call)
                    except Exception as error:
                        return error

            return list(await asyncio.gather(*(one(number) for number in range(CROWD))))


def suites(suite: type) -> Tuple[type, type]:
    blocking, other = both(suite)
    return needs_server(needs_control(blocking)), needs_server(needs_control(other))


BlockingEveryCall, AsyncEveryCall = suites(EveryCall)
BlockingUsingAzure, AsyncUsingAzure = suites(UsingAzure)
BlockingOutage, AsyncOutage = suites(Outage)
BlockingACrowd, AsyncACrowd = suites(ACrowd)
