import email.message
import io
import unittest
from types import SimpleNamespace
from urllib.error import HTTPError

from azure_key_pool import SpeechCanceled, Verdict, code_of_close, raise_if_canceled, speech_status, verdict_of
from azure_key_pool.errors import NotAllowed, refusal


def http_error(code: int, **headers: str) -> HTTPError:
    message = email.message.Message()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return HTTPError("https://eastasia.api.cognitive.microsoft.com/", code, "no", message, io.BytesIO())


class RaisedError(Exception):
    def __init__(self, **fields: object) -> None:
        super().__init__("a message")
        self.__dict__.update(fields)


class WhatAnExceptionSays(unittest.TestCase):
    def test_is_the_code_of_urllib_with_its_retry_after(self) -> None:
        error = http_error(429, Retry_After="7")
        self.assertEqual(verdict_of(error), Verdict(429, "7", "HTTPError"))
        error.close()

    def test_is_a_status_of_its_own_or_of_its_response(self) -> None:
        response = SimpleNamespace(status_code=403, headers={"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"})
        cases = [
            (RaisedError(response=response), Verdict(403, "Wed, 21 Oct 2026 07:28:00 GMT", "RaisedError")),
            (RaisedError(response=SimpleNamespace(status=401)), Verdict(401, None, "RaisedError")),
            (RaisedError(status_code=429), Verdict(429, None, "RaisedError")),
            (RaisedError(status=404), Verdict(404, None, "RaisedError")),
            (RaisedError(status=429, headers={"Retry-After": "2"}), Verdict(429, "2", "RaisedError")),
        ]
        for error, verdict in cases:
            self.assertEqual(verdict_of(error), verdict)

    def test_is_what_a_websocket_was_closed_with(self) -> None:
        cases = [
            (RaisedError(code=4429), 429),
            (RaisedError(rcvd=SimpleNamespace(code=4429, reason="")), 429),
            (RaisedError(close_code=1007, reason="Quota exceeded. Cid: "), 429),
            (RuntimeError("Connection was closed. Error code: 4429. Error details: slow down"), 429),
        ]
        for error, code in cases:
            verdict = verdict_of(error)
            self.assertIsNotNone(verdict, error)
            self.assertEqual(verdict and verdict.code, code)

    def test_is_nothing_where_it_is_about_no_key(self) -> None:
        others = [
            ValueError("a mistake"),
            TimeoutError(),
            ConnectionResetError(104, "reset"),
            RaisedError(status="bad"),
            RaisedError(status=True),
            RaisedError(status_code=7),
            RaisedError(code=1000),
            RaisedError(code=1006),
            RaisedError(code=429),
            SystemExit(429),
            SystemExit(4429),
            KeyboardInterrupt(),
        ]
        for error in others:
            self.assertIsNone(verdict_of(error), repr(error))

    def test_is_nothing_where_the_pool_itself_refused(self) -> None:
        error = refusal("A token is needed", "unauthorized", 401)
        self.assertIsInstance(error, NotAllowed)
        self.assertIsNone(verdict_of(error))

    def test_leaves_out_a_retry_after_that_the_pool_would_refuse(self) -> None:
        dates = [
            "Wed, 21 Oct 2026 07:28:00 +0000",
            "Wed, 21 Oct 2026 07:28:00",
            "21 Oct 2026 07:28:00 GMT",
            "Sat, 31 Feb 2026 07:28:00 GMT",
            "2026-10-21T07:28:00Z",
        ]
        for value in (*dates, "soon", "-1", "1.5", "9" * 20, "\u00b2", "\u0663", "1\r\nx: y"):
            verdict = verdict_of(RaisedError(status=429, headers={"Retry-After": value}))
            self.assertEqual(verdict, Verdict(429, None, "RaisedError"), value)


class WhatAResultSays(unittest.TestCase):
    def test_is_the_status_of_a_response(self) -> None:
        self.assertEqual(verdict_of(SimpleNamespace(status_code=429, headers={"Retry-After": "3"})), Verdict(429, "3"))
        self.assertEqual(verdict_of(SimpleNamespace(status=200, headers={})), Verdict(200))

    def test_is_nothing_where_it_is_the_callers_own_data(self) -> None:
        for value in (None, 429, "429", {"status": 429, "headers": {}}, SimpleNamespace(status=429)):
            self.assertIsNone(verdict_of(value), value)


class WhatTheSpeechSdkSays(unittest.TestCase):
    def test_is_read_from_its_words(self) -> None:
        cases = [
            ("WebSocket upgrade failed: Authentication error (401). Please check subscription information", 401),
            ("WebSocket upgrade failed: Too many requests (429). SessionId: 0", 429),
            ("Unable to contact server. StatusCode: 1006, undefined Reason:  Unexpected server response: 403", 403),
            ("The request is throttled because you have exceeded the limit websocket error code: 4429", 429),
            ("Connection was closed by the remote host. Error code: 1007. Error details: Quota exceeded", 429),
            ("Connection was closed by the remote host. Error code: 1011. Error details: internal", None),
            ("Unable to contact server. StatusCode: 1006, Reason:  connect ECONNREFUSED 127.0.0.1:1", None),
            ("", None),
        ]
        for details, status in cases:
            self.assertEqual(speech_status(details), status, details)

    def test_is_read_from_its_code_where_the_words_say_nothing(self) -> None:
        class Code:
            name = "TooManyRequests"

        self.assertEqual(speech_status("", Code()), 429)
        self.assertEqual(speech_status("", "CancellationErrorCode.AuthenticationFailure"), 401)
        self.assertIsNone(speech_status("", "CancellationErrorCode.ConnectionFailure"))

    def test_is_raised_so_that_a_use_reports_it(self) -> None:
        details = SimpleNamespace(
            reason=SimpleNamespace(name="Error"),
            error_code=SimpleNamespace(name="ConnectionFailure"),
            error_details="WebSocket upgrade failed: Too many requests (429).",
        )
        with self.assertRaises(SpeechCanceled) as raised:
            raise_if_canceled(SimpleNamespace(cancellation_details=details))
        self.assertEqual(verdict_of(raised.exception), Verdict(429, None, "SpeechCanceled"))

    def test_is_no_error_where_the_sound_was_over_or_nothing_was_canceled(self) -> None:
        end = SimpleNamespace(reason=SimpleNamespace(name="EndOfStream"), error_details="")
        raise_if_canceled(SimpleNamespace(cancellation_details=end))
        raise_if_canceled(SimpleNamespace(cancellation_details=None))
        raise_if_canceled(SimpleNamespace(text="Hello."))

    def test_a_close_says_nothing_that_its_code_does_not_mean(self) -> None:
        self.assertEqual(code_of_close(4401), 401)
        self.assertEqual(code_of_close(1013, "ResourceExhausted: too many requests"), 429)
        self.assertIsNone(code_of_close(1013, "ResourceExhausted: duration of the data"))
        self.assertIsNone(code_of_close(1000))
