import unittest

from azure_key_pool._event_stream import EventReader, Message


class AStreamOfEvents(unittest.TestCase):
    def test_is_read_the_same_in_pieces_of_any_size(self) -> None:
        text = (
            ": hello\nretry: 1500\n\nevent: key\r\nid: 5\r\ndata: {\"keyname\":\r\ndata: \"东亚\"}\r\n\r\n"
            "event: none\ndata: {}\nid: 6\n\ndata: alone\n\nevent: no data\n\n"
        ).encode()
        whole = [Message("key", '{"keyname":\n"东亚"}'), Message("none", "{}"), Message("message", "alone")]
        for size in (1, 2, 3, 7, len(text)):
            reader = EventReader()
            pieces = [text[start : start + size] for start in range(0, len(text), size)]
            self.assertEqual([message for piece in pieces for message in reader.take(piece)], whole, size)
            self.assertEqual((reader.last_id, reader.retry_seconds), ("6", 1.5))

    def test_keeps_the_place_it_began_at_until_another_comes(self) -> None:
        reader = EventReader("3")
        list(reader.take(b"data: x\n\n"))
        self.assertEqual(reader.last_id, "3")
        list(reader.take(b"id: 4\ndata: x\n\n"))
        self.assertEqual(reader.last_id, "4")
        list(reader.take(b"id\ndata: x\n\n"))
        self.assertIsNone(reader.last_id)

    def test_passes_over_what_is_no_time_to_come_back(self) -> None:
        reader = EventReader()
        list(reader.take(b"retry: soon\nretry: 99999999\n\n"))
        self.assertIsNone(reader.retry_seconds)
