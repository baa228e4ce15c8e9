import inspect
import sys
import unittest
from pathlib import Path

from azure_key_pool import AsyncFollowedKey, AsyncKeyPool, FollowedKey, KeyPool

sys.path.insert(0, str(Path(__file__).parent.parent / "tools"))

from make_async import MADE, SOURCE, made_async  # noqa: E402


class TheTwoClients(unittest.TestCase):
    def test_are_one_source(self) -> None:
        for source, made in MADE.items():
            text = (SOURCE / source).read_text(encoding="utf-8")
            self.assertEqual((SOURCE / made).read_text(encoding="utf-8"), made_async(text), f"run make_async for {made}")

    def test_have_the_same_methods_with_the_same_parameters(self) -> None:
        for blocking, other in ((KeyPool, AsyncKeyPool), (FollowedKey, AsyncFollowedKey)):
            methods = {name for name in dir(blocking) if not name.startswith("_")}
            self.assertEqual(methods, {name for name in dir(other) if not name.startswith("_")})
            for name in methods:
                if callable(getattr(blocking, name)):
                    mine, its = (list(inspect.signature(getattr(kind, name)).parameters) for kind in (blocking, other))
                    self.assertEqual(mine, its, name)

    def test_have_the_names_of_the_references_sample(self) -> None:
        names = "get_key report_status report_key_status_safe get_azure_key_with_retry add_key test_key_tts test_key_stt get_all_keys"
        for name in names.split():
            self.assertTrue(callable(getattr(KeyPool, name, None)), name)
