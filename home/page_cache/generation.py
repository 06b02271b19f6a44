"""
The one number that says whether a kept page is still true.

It grows with every change that a reader could notice. A page is kept with the number that held
when its making began, and is served only while that number holds.
"""

import fcntl
import logging
import mmap
import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from home.page_cache.files import PageFiles

logger = logging.getLogger(__name__)

NUMBER = struct.Struct("=Q")


class Generation(Protocol):
    def current(self) -> int | None:
        """The number that holds now; None when nobody knows, and then nothing may be kept."""

    def bump(self) -> None:
        """Make everything that was kept untrue, in every process."""


class FileGeneration:
    """
    A number in a file that all processes of one machine have in their memory.

    Reading it is reading eight bytes of memory. Raises OSError when the file cannot be opened.
    """

    def __init__(self, path: Path, files: PageFiles | None = None) -> None:
        self.files = files
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        with self.locked():
            if os.fstat(self._file).st_size < NUMBER.size:
                os.pwrite(self._file, NUMBER.pack(time.time_ns()), 0)
        self._memory = mmap.mmap(self._file, NUMBER.size)
        if files:
            with self.locked():
                files.turn_to(self.current())

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While nobody else, in any process, changes the number."""
        own = os.open(self.path, os.O_RDWR)
        try:
            fcntl.flock(own, fcntl.LOCK_EX)
            yield
        finally:
            os.close(own)

    def current(self) -> int:
        return NUMBER.unpack_from(self._memory)[0]

    def bump(self) -> None:
        with self.locked():
            number = self.current() + 1
            NUMBER.pack_into(self._memory, 0, number)
            if self.files:
                self.files.turn_to(number)


class RedisGeneration:
    """
    A number in Redis that every machine asks for several times a second.

    Between two questions the last answer holds: a change made on another machine is seen within
    `pause` seconds. While Redis does not answer, the number is None and nothing is kept.
    """

    key = "daybook:generation"
    pause = 0.25

    def __init__(self, client: Any, files: PageFiles | None = None) -> None:
        self._client = client
        self.files = files
        self._number: int | None = None
        self._asked = 0.0
        self._lock = threading.Lock()
        self._process = 0

    def _ask(self) -> None:
        try:
            # The first number is a moment: a Redis that lost its memory does not count from
            # zero to a number that held once.
            self._client.set(self.key, time.time_ns(), nx=True)
            number = int(self._client.get(self.key))
        except Exception as error:
            if self._number is not None:
                logger.warning("Pages are not kept: Redis does not answer: %s", error)
            self._number = None
        else:
            if self.files and number != self._number:
                self.files.turn_to(number)
            self._number = number
        self._asked = time.monotonic()

    def _keep_asking(self) -> None:
        while True:
            time.sleep(self.pause)
            self._ask()

    def current(self) -> int | None:
        if self._process != os.getpid():
            with self._lock:
                if self._process != os.getpid():
                    self._ask()
                    threading.Thread(target=self._keep_asking, daemon=True).start()
                    self._process = os.getpid()
        if time.monotonic() - self._asked > 1:
            # The question hangs: what held a second ago may not hold any more.
            return None
        return self._number

    def bump(self) -> None:
        self._client.set(self.key, time.time_ns(), nx=True)
        self._client.incr(self.key)
        if self._process == os.getpid():
            self._ask()


@cache
def shared() -> Generation:
    """The generation that all processes of this site share."""
    files = PageFiles(settings.DATA_DIR / "pages") if settings.PAGE_CACHE_FILES else None
    if settings.PAGE_CACHE_SHARED == "redis":
        import redis

        address = settings.CACHES["default"]["LOCATION"]
        return RedisGeneration(
            redis.Redis.from_url(
                address[0] if isinstance(address, list) else address,
                socket_timeout=0.5,
                socket_connect_timeout=0.5,
            ),
            files,
        )
    return FileGeneration(settings.DATA_DIR / "generation", files)


def current() -> int | None:
    """The number that holds now, or None when it cannot be read."""
    try:
        return shared().current()
    except OSError:
        return None


def bump() -> None:
    """Forget every kept page, everywhere. What goes wrong is logged: the change itself stands."""
    try:
        shared().bump()
    except Exception:
        logger.exception("Kept pages could not be forgotten; restart the servers to forget them.")
