"""Complete answers in memory: a store of limited size that evicts the least recently used."""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

import brotli
from django.utils.http import parse_http_date_safe

Headers = list[tuple[str, str]]

# In bytes. Shorter bodies fit into one packet uncompressed.
WORTH_COMPRESSING = 500
COMPRESSIBLE = ("text/", "application/atom+xml", "application/rss+xml", "application/xml")
COMPRESSIBLE += ("application/json", "application/feed+json", "application/javascript")
# The types of feeds. Their Last-Modified depends on their content, and so may be the time of their
# files, of which nginx makes an ETag; see blog/outgoing/feeds.py.
FEED_TYPES = ("application/xml; charset=utf-8", "application/feed+json; charset=utf-8")
# The memory of an entry besides its bodies, in bytes, as measured with tracemalloc.
OVERHEAD = 4096


@dataclass(slots=True)
class Variant:
    """
    An answer in one encoding, ready to be sent.

    `modified` is the time of its file, in seconds, of which nginx makes the same ETag.
    """

    modified: int
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
    """Return a time for the body's file that depends on its content alone."""
    return int.from_bytes(hashlib.blake2b(body, digest_size=4).digest(), "big") >> 1


def make_entry(
    generation: int, expires: float, status: str, headers: Headers, body: bytes
) -> Entry:
    """Return an entry. `headers` are without ETag and Content-Length, which are added."""
    named = {key.lower(): value for key, value in headers}
    content_type = named.get("content-type", "")
    dated = None
    if content_type in FEED_TYPES:
        dated = parse_http_date_safe(named.get("last-modified", ""))
    bodies = encodings(body, content_type)
    variants, size = {}, OVERHEAD
    for encoding, compressed in bodies.items():
        modified = modified_time(compressed) if dated is None else dated
        # In the form in which nginx makes it of time and size.
        etag = f'"{modified:x}-{len(compressed):x}"'
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
        variants[encoding] = Variant(modified, etag, [compressed], sent, unchanged)
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
        try:
            self._entries.move_to_end(key)
            return self._entries[key]
        except KeyError:
            return None

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
