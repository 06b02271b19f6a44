"""Where complete answers are kept: in memory, bounded, the least recently asked for goes first."""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass

import brotli

Headers = list[tuple[str, str]]

# Shorter bodies fit in one packet anyhow.
WORTH_COMPRESSING = 500
COMPRESSIBLE = ("text/", "application/atom+xml", "application/rss+xml", "application/xml")
COMPRESSIBLE += ("application/json", "application/feed+json", "application/javascript")
# What an entry takes besides its bodies, in bytes: measured with tracemalloc.
OVERHEAD = 4096


@dataclass(slots=True)
class Variant:
    """An answer in one encoding, ready to be sent."""

    etag: str
    body: list[bytes]
    headers: Headers
    unchanged_headers: Headers


@dataclass(slots=True)
class Entry:
    """
    A complete answer.

    `generation` is the one that held before its making began; `expires` is in seconds of
    time.time(). `variants` are by the name of their encoding, "" for none.
    """

    generation: int
    expires: float
    status: str
    variants: dict[str, Variant]
    size: int

    def variant(self, encoding: str) -> Variant:
        return self.variants.get(encoding) or self.variants[""]


def encodings(body: bytes, content_type: str) -> dict[str, bytes]:
    """The body in each encoding that makes it shorter; always as it is, under ""."""
    found = {"": body}
    if len(body) >= WORTH_COMPRESSING and content_type.startswith(COMPRESSIBLE):
        for name, packed in (
            ("gzip", gzip.compress(body, compresslevel=6, mtime=0)),
            ("br", brotli.compress(body, quality=5)),
        ):
            if len(packed) < len(body):
                found[name] = packed
    return found


def mark(body: bytes) -> int:
    """What nginx is told is the time of a file, in seconds: another body has another one."""
    return int.from_bytes(hashlib.blake2b(body, digest_size=4).digest(), "big") >> 1


def etag_of(body: bytes) -> str:
    """The entity tag of a body, as nginx makes it of a file's time and size."""
    return f'"{mark(body):x}-{len(body):x}"'


def make_entry(
    generation: int, expires: float, status: str, headers: Headers, body: bytes
) -> Entry:
    """An entry of an answer; `headers` are those of Django without Content-Length and ETag."""
    content_type = next((v for k, v in headers if k.lower() == "content-type"), "")
    bodies = encodings(body, content_type)
    variants, size = {}, OVERHEAD
    for encoding, packed in bodies.items():
        etag = etag_of(packed)
        own = [("ETag", etag)] if status.startswith("200") else []
        sent = [*headers, *own, ("X-Page-Cache", "hit")]
        unchanged = [
            (key, value)
            for key, value in sent
            if key.lower() not in {"content-type", "content-language"}
        ]
        if encoding:
            sent.append(("Content-Encoding", encoding))
        sent.append(("Content-Length", str(len(packed))))
        variants[encoding] = Variant(etag, [packed], sent, unchanged)
        size += len(packed)
    return Entry(generation, expires, status, variants, size)


class Store:
    """
    A least-recently-used dictionary of entries that never exceeds `limit` bytes.

    Safe with threads: reading takes no lock, as each step of it is atomic in CPython.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._entries: OrderedDict[Hashable, Entry] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> Entry | None:
        entry = self._entries.get(key)
        if entry is not None:
            # Another thread may have needed the room a moment ago; what we hold is still right.
            with suppress(KeyError):
                self._entries.move_to_end(key)
        return entry

    def put(self, key: Hashable, entry: Entry) -> None:
        with self._lock:
            self._drop(key)
            if entry.size > self.limit:
                return
            self._entries[key] = entry
            self.size += entry.size
            while self.size > self.limit:
                self._drop(next(iter(self._entries)))

    def _drop(self, key: Hashable) -> None:
        if (old := self._entries.pop(key, None)) is not None:
            self.size -= old.size
