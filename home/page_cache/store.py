"""Complete answers in memory: a store of limited size that evicts the least recently used."""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass

import brotli

Headers = list[tuple[str, str]]

# In bytes. Shorter bodies fit into one packet uncompressed.
WORTH_COMPRESSING = 500
COMPRESSIBLE = ("text/", "application/atom+xml", "application/rss+xml", "application/xml")
COMPRESSIBLE += ("application/json", "application/feed+json", "application/javascript")
# The memory of an entry besides its bodies, in bytes, as measured with tracemalloc.
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

    `generation` was current when rendering began; `expires` is a moment as time.time() counts.
    `variants` maps the name of an encoding, "" for none, to the answer in it.
    """

    generation: int
    expires: float
    status: str
    variants: dict[str, Variant]
    size: int

    def variant(self, encoding: str) -> Variant:
        return self.variants.get(encoding) or self.variants[""]


def encodings(body: bytes, content_type: str) -> dict[str, bytes]:
    """Return the body, under "", and in each encoding that makes it shorter."""
    found = {"": body}
    if len(body) >= WORTH_COMPRESSING and content_type.startswith(COMPRESSIBLE):
        for name, compressed in (
            ("gzip", gzip.compress(body, compresslevel=6, mtime=0)),
            ("br", brotli.compress(body, quality=5)),
        ):
            if len(compressed) < len(body):
                found[name] = compressed
    return found


def modified_time(body: bytes) -> int:
    """Return a time for the body's file, in seconds, that depends on its content alone."""
    return int.from_bytes(hashlib.blake2b(body, digest_size=4).digest(), "big") >> 1


def etag_of(body: bytes) -> str:
    """Return the entity tag of a body, in the form in which nginx makes it of time and size."""
    return f'"{modified_time(body):x}-{len(body):x}"'


def make_entry(
    generation: int, expires: float, status: str, headers: Headers, body: bytes
) -> Entry:
    """Return an entry. `headers` are without ETag and Content-Length, which are added."""
    content_type = next((v for k, v in headers if k.lower() == "content-type"), "")
    bodies = encodings(body, content_type)
    variants, size = {}, OVERHEAD
    for encoding, compressed in bodies.items():
        etag = etag_of(compressed)
        own = [("ETag", etag)] if status.startswith("200") else []
        sent = [*headers, *own, ("X-Page-Cache", "hit")]
        unchanged = [
            (key, value)
            for key, value in sent
            if key.lower() not in {"content-type", "content-language"}
        ]
        if encoding:
            sent.append(("Content-Encoding", encoding))
        sent.append(("Content-Length", str(len(compressed))))
        variants[encoding] = Variant(etag, [compressed], sent, unchanged)
        size += len(compressed)
    return Entry(generation, expires, status, variants, size)


class Store:
    """
    A dictionary of entries that never exceeds `limit` bytes and evicts the least recently used.

    It is thread-safe. Reading takes no lock, as each of its steps is atomic in CPython.
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
            # Another thread may have evicted it just now; the entry itself is still valid.
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

    def drop(self, key: Hashable) -> None:
        with self._lock:
            self._drop(key)

    def _drop(self, key: Hashable) -> None:
        if (old := self._entries.pop(key, None)) is not None:
            self.size -= old.size
