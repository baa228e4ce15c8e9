"""A followed key at a real server that says itself when it changes; see `test_real_server`."""

import threading
from typing import Any

from azure_key_pool import AllKeysCooling, KeyPool, NoKey, Unreachable

from .test_events import next_of
from .test_real_server import TOKEN, URL, WithServer, secret, suites


class AFollower(WithServer):
    def test_has_another_key_when_somebody_reports_the_one_it_has(self: Any) -> None:
        with self.server() as other:
            first, second = self.fill(other, 2)
        told = self.hooks.answers
        with self.server() as pool, pool.follow(self.region) as followed:
            key = followed.get(60)
            told.clear()
            with KeyPool(URL, token=TOKEN) as other:
                other.report_status(key.key, 429)
            self.hooks.until(lambda: self.hooks.keys[-1:] == [second if key.id == first else first])
            self.assertNotEqual(followed.get().id, key.id)
            # It has been told, and has asked for nothing.
            self.assertEqual(told, [])

    def test_knows_that_there_is_none_and_has_one_when_it_comes(self: Any) -> None:
        with self.server() as pool, pool.follow(self.region) as followed:
            with self.assertRaises(NoKey):
                self.get_until(followed, NoKey)
            (key_id,) = self.fill(pool, 1)
            self.assertEqual(followed.get(60).id, key_id)
            with followed.key() as key:
                key.got(429)
            # Dropped at its report, before the server has said that all rest.
            with self.assertRaises(AllKeysCooling) as raised:
                self.get_until(followed, AllKeysCooling)
            self.assertGreater(raised.exception.retry_after, 0)
            pool.enable_key(key_id)
            self.assertEqual(followed.get(60).id, key_id)
            pool.delete_key(key_id)
            self.hooks.until(lambda: self.hooks.keys[-1:] == [None])

    def get_until(self: Any, followed: Any, kind: type) -> Any:
        """Before the server has said why there is none, that is not known."""
        while True:
            try:
                return followed.get(0.02)
            except Unreachable as error:
                self.assertNotIsInstance(error, kind)


class WhatHappens(WithServer):
    def test_is_told_as_it_happens_and_again_behind_an_event(self: Any) -> None:
        is_open = threading.Event()

        def change() -> None:
            is_open.wait(60)
            with KeyPool(URL, token=TOKEN) as other:
                key_id = other.add_key(secret(self.region, 1), self.region, "watched")["id"]
                other.disable_key(key_id)

        changing = threading.Thread(target=change)
        changing.start()
        with self.server() as pool:
            with pool.watch_events(region=self.region, kinds=["key"], on_open=is_open.set) as events:
                added, disabled = next_of(events), next_of(events)
            changing.join(60)
            self.assertEqual((added["data"]["action"], added["data"]["keyname"]), ("add_key", "watched"))
            self.assertEqual((disabled["data"]["action"], disabled["data"]["status"]), ("disable_key", "disabled"))
            with pool.watch_events(region=self.region, last_event_id=added["id"]) as events:
                self.assertEqual(next_of(events), disabled)


BlockingFollower, AsyncFollower = suites(AFollower)
BlockingWhatHappens, AsyncWhatHappens = suites(WhatHappens)
