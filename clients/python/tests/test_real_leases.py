"""Leases and `Retry-After` at a real server; see `test_real_server`."""

import threading
from typing import Any, List

from azure_key_pool import AllKeysBusy, AllKeysCooling, NotFound

from .test_real_server import Status, WithServer, secret, suites


class LimitedKeys(WithServer):
    def limited(self: Any, pool: Any, limit: int) -> int:
        added = pool.add_key(secret(self.region, 0), self.region, "limited", max_in_flight=limit)
        self.assertEqual(added["max_in_flight"], limit)
        return int(added["id"])

    def test_are_used_by_no_more_at_a_time_than_they_may(self: Any) -> None:
        with self.server() as pool:
            self.limited(pool, 2)
            with pool.key(self.region) as one, pool.key(self.region) as two:
                self.assertEqual(one.id, two.id)
                self.assertNotEqual(one.lease_id, two.lease_id)
                with self.assertRaises(AllKeysBusy) as raised:
                    with pool.key(self.region):
                        self.fail("it is at its limit")
                self.assertGreater(raised.exception.retry_after, 0)
                # A plain hand-out is held back by nothing.
                with pool.key(self.region, lease=False) as plain:
                    self.assertIsNone(plain.lease_id)
            with pool.key(self.region) as again:
                self.assertIsNotNone(again.lease_id)

    def test_are_waited_for_until_one_is_given_back(self: Any) -> None:
        with self.server() as pool:
            self.limited(pool, 1)
            got: List[Any] = []

            def wait_for_it() -> None:
                with pool.key(self.region, wait=25) as key:
                    got.append(key.lease_id)

            waiting = threading.Thread(target=wait_for_it)
            with pool.key(self.region) as first:
                waiting.start()
                while ("POST", "/leases", 201) not in self.hooks.answers:
                    threading.Event().wait(0.01)
                self.assertEqual(got, [])
            waiting.join(60)
            self.assertEqual(len(got), 1)
            self.assertNotEqual(got[0], first.lease_id)

    def test_are_changed_and_freed_of_a_limit(self: Any) -> None:
        with self.server() as pool:
            key_id = self.limited(pool, 1)
            self.assertEqual(pool.update_key(key_id, keyname="renamed")["max_in_flight"], 1)
            self.assertIsNone(pool.update_key(key_id, max_in_flight=None)["max_in_flight"])


class AUseOfALease(WithServer):
    def test_reports_when_it_gives_it_back(self: Any) -> None:
        with self.server() as pool:
            (key_id,) = self.fill(pool, 1)
            with self.assertRaises(Status):
                with pool.key(self.region, lease=True):
                    raise Status(401)
            self.assertEqual(pool.show_key(key_id)["status"], "disabled")
        self.assertEqual(self.hooks.reports, [(key_id, 401)])

    def test_reports_also_when_the_lease_has_ended_before(self: Any) -> None:
        with self.server() as pool:
            (key_id,) = self.fill(pool, 1)
            with self.assertRaises(Status):
                with pool.key(self.region, lease=True) as key:
                    self.assertIsNone(pool.release_lease(key.lease_id))
                    self.assertIsNone(pool.release_lease(key.lease_id))
                    with self.assertRaises(NotFound):
                        pool.renew_lease(key.lease_id)
                    raise Status(429)
            self.assertEqual(pool.show_key(key_id)["status"], "cooldown")

    def test_renews_it_while_it_lasts(self: Any) -> None:
        with self.server() as pool:
            self.fill(pool, 1)
            with pool.key(self.region, lease=True, ttl_seconds=1) as key:
                first = key.expires_at
                self.hooks.until(lambda: any("/renew" in path and status == 200 for _, path, status in self.hooks.answers))
                while key.expires_at == first:
                    threading.Event().wait(0.01)
                self.assertGreater(key.expires_at, first)

    def test_lets_a_key_rest_as_long_as_azure_says(self: Any) -> None:
        with self.server() as pool:
            self.fill(pool, 1)
            with pool.key(self.region) as key:
                key.got(429, retry_after=2000)
            with self.assertRaises(AllKeysCooling) as raised:
                pool.get_key(self.region)
            # Longer than any cooldown of the settings.
            self.assertGreater(raised.exception.retry_after, 1000)

    def test_is_reported_where_the_date_is_none_that_the_server_knows(self: Any) -> None:
        with self.server() as pool:
            (key_id,) = self.fill(pool, 1)
            with self.assertLogs("azure_key_pool", "WARNING"):
                outcome = pool.report_status(secret(self.region, 0), 429, retry_after="Wed, 21 Oct 2026 07:28:00 +0000")
            self.assertEqual(outcome["action"], "cooldown")
            self.assertEqual(pool.show_key(key_id)["status"], "cooldown")

    def test_made_by_hand_is_answered(self: Any) -> None:
        with self.server() as pool:
            self.fill(pool, 1)
            leased = pool.lease_key(self.region, ttl_seconds=30)
            renewed = pool.renew_lease(leased["lease_id"], 60)
            self.assertGreater(renewed["expires_at"], leased["expires_at"])
            self.assertEqual(pool.release_lease(leased["lease_id"], 200, "well")["action"], "keep_enabled")


BlockingLimitedKeys, AsyncLimitedKeys = suites(LimitedKeys)
BlockingUseOfALease, AsyncUseOfALease = suites(AUseOfALease)
