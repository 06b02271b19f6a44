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
from contextlib import contextmanager, suppress
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

    def begin(self) -> None:
        """Say that this thread is about to change something; `bump` says that it has."""

    def bury(self) -> None:
        """Bump for processes that died between a change and their own bump."""


class FileGeneration:
    """
    A number in a file that all processes of one machine have in their memory.

    Reading it is reading eight bytes of memory. Raises OSError when the file cannot be opened.

    A process that is about to commit a change holds the lock of a file in a folder beside it. The
    lock ends with the process: if the file is still there, nobody has bumped.
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
        self._pending = path.with_name(f"{path.name}.pending")
        self._changing: set[int] = set()
        self._marker: int | None = None
        self._marking = threading.Lock()
        if files:
            with self.locked():
                files.turn_to(self.current())

    def begin(self) -> None:
        with self._marking:
            self._changing.add(threading.get_ident())
            if self._marker is None:
                self._pending.mkdir(exist_ok=True)
                marker = os.open(self._pending / str(os.getpid()), os.O_RDWR | os.O_CREAT, 0o644)
                fcntl.flock(marker, fcntl.LOCK_EX)
                self._marker = marker

    def _end(self) -> None:
        with self._marking:
            self._changing.discard(threading.get_ident())
            if self._marker is not None and not self._changing:
                (self._pending / str(os.getpid())).unlink(missing_ok=True)
                os.close(self._marker)
                self._marker = None

    def bury(self) -> None:
        for path in self._pending.glob("*"):
            with suppress(OSError):
                marker = os.open(path, os.O_RDWR)
                try:
                    fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    # Nobody holds it, and nobody has taken it away: its process is dead.
                    if path.exists():
                        self.bump()
                        path.unlink()
                finally:
                    os.close(marker)

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
        self._end()


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

    def begin(self) -> None:
        """What a dying process leaves behind is kept for as long as a page is kept at most."""

    def bury(self) -> None:
        pass

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


def begin() -> None:
    """Say that something is about to change, in case that this process dies before it can bump."""
    try:
        shared().begin()
    except Exception:
        logger.exception("Should this process be killed now, kept pages may be an hour old.")


def bump() -> None:
    """Forget every kept page, everywhere. What goes wrong is logged: the change itself stands."""
    try:
        shared().bump()
    except Exception:
        logger.exception("Kept pages could not be forgotten; restart the servers to forget them.")
