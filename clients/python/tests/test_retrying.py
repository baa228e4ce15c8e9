import unittest
from typing import Any, Optional

from azure_key_pool import Backoff, RetryPolicy
from azure_key_pool.errors import KeyPoolError, TimedOut, UnexpectedAnswer, Unreachable, refusal

UNSENT = Unreachable("refused")
LOST = Unreachable("lost", was_sent=True)


def storage_away(retry_after: Optional[float]) -> KeyPoolError:
    return refusal("away", "storage_unavailable", 503, retry_after=retry_after)


def pause(error: KeyPoolError, is_repeatable: bool, attempt: int = 1, spent: float = 0.0, **policy: Any) -> Optional[float]:
    return RetryPolicy(**policy).pause_before_next(error, is_repeatable, attempt, spent, lambda: 0.5)


class ARequestIsSentAgain(unittest.TestCase):
    def test_whatever_it_is_when_it_was_never_sent(self) -> None:
        self.assertEqual(pause(UNSENT, False), 0.1)

    def test_when_its_answer_was_lost_only_if_it_may_be_repeated(self) -> None:
        self.assertEqual(pause(LOST, True), 0.1)
        self.assertIsNone(pause(LOST, False))
        self.assertIsNone(pause(TimedOut("late"), False))

    def test_whatever_it_is_when_the_server_did_not_wait_for_its_end(self) -> None:
        late = UnexpectedAnswer("Not an answer of the key pool (HTTP 408)", code="unexpected_answer", http_status=408)
        self.assertEqual(pause(late, False), 0.1)

    def test_after_a_503_no_sooner_than_that_says(self) -> None:
        self.assertEqual(pause(storage_away(3), True), 3.1)
        self.assertIsNone(pause(storage_away(3), False))

    def test_not_when_the_answer_is_for_the_caller_to_decide(self) -> None:
        for code, status in (("all_keys_cooling", 503), ("all_keys_busy", 503), ("no_key", 404), ("internal", 500)):
            self.assertIsNone(pause(refusal("no", code, status, retry_after=1), True), code)

    def test_so_often_and_for_so_long_and_no_more(self) -> None:
        self.assertIsNotNone(pause(UNSENT, True, attempt=3))
        self.assertIsNone(pause(UNSENT, True, attempt=4))
        self.assertIsNone(pause(storage_away(60), True))
        self.assertIsNone(pause(UNSENT, True, spent=15.0))
        self.assertIsNone(pause(UNSENT, True, attempts=1))


class ABackoff(unittest.TestCase):
    def test_is_of_any_length_up_to_a_limit_that_doubles_until_its_cap(self) -> None:
        backoff = Backoff(0.25, 5.0)
        self.assertEqual([backoff.seconds(n, lambda: 1.0) for n in range(7)], [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0])
        self.assertEqual(backoff.seconds(10_000, lambda: 0.0), 0.0)
        self.assertEqual(backoff.seconds(0, lambda: 1.0, at_least=3.0), 3.25)
