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
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import redis
from django.conf import settings

from home.page_cache.files import PageFiles

logger = logging.getLogger(__name__)

NUMBER = struct.Struct("=Q")


class Generation(Protocol):
    files: PageFiles | None

    def current(self) -> int | None:
        """The number that holds now; None when nobody knows, and then nothing may be kept."""

    def bump(self) -> None:
        """Make everything that was kept untrue, in every process."""

    def begin(self) -> None:
        """Say that this thread is about to change something; `bump` says that it has."""

    def bury(self) -> bool:
        """Bump for processes that died between a change and their own bump; return if any did."""

    def is_shared(self) -> bool:
        """Whether processes that start now would have this number, too."""


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
        # The open file whose lock is held while something is changing, and its name.
        self._marker: tuple[int, str] | None = None
        self._marking = threading.Lock()
        if files:
            with self.locked():
                files.turn_to(self.current())

    def begin(self) -> None:
        with self._marking:
            self._changing.add(threading.get_ident())
            while self._marker is None:
                self._pending.mkdir(exist_ok=True)
                marker, name = tempfile.mkstemp(dir=self._pending)
                # Who comes between the two takes it for a dead one's, and in this process waits
                # for `_marking`: to wait for their lock would be for ever.
                with suppress(BlockingIOError):
                    fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    if os.path.exists(name):
                        self._marker = marker, name
                        break
                os.close(marker)

    def _end(self) -> None:
        with self._marking:
            self._changing.discard(threading.get_ident())
            if self._marker and not self._changing:
                marker, name = self._marker
                Path(name).unlink(missing_ok=True)
                os.close(marker)
                self._marker = None

    def bury(self) -> bool:
        found = False
        for path in self._pending.glob("*"):
            with suppress(OSError):
                marker = os.open(path, os.O_RDWR)
                try:
                    fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    # Nobody holds it, and nobody has taken it away: its process is dead.
                    if path.exists():
                        self.bump()
                        path.unlink()
                        found = True
                finally:
                    os.close(marker)
        return found

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While nobody else, in any process, changes the number."""
        try:
            # Also where the folder may only be read.
            own = os.open(self.path, os.O_RDONLY)
        except OSError:
            # Two who count at once say one number, which is new to all who kept anything.
            yield
            return
        try:
            fcntl.flock(own, fcntl.LOCK_EX)
            yield
        finally:
            os.close(own)

    def is_shared(self) -> bool:
        return self.path.exists() and os.path.samestat(self.path.stat(), os.fstat(self._file))

    def current(self) -> int:
        return NUMBER.unpack_from(self._memory)[0]

    def bump(self) -> None:
        try:
            with self.locked():
                number = self.current() + 1
                NUMBER.pack_into(self._memory, 0, number)
                if self.files:
                    self.files.turn_to(number)
        finally:
            self._end()


class RedisGeneration:
    """
    A number in Redis that every machine asks for several times a second.

    Between two questions the last answer holds: a change made on another machine is seen within
    `pause` seconds. While Redis does not answer, the number is None and nothing is kept.

    A process that is about to commit a change has a name in a set there, and a key that it renews
    as often as it asks. If the key has run out and the name is still there, nobody has bumped.
    """

    key = "daybook:generation"
    pending = "daybook:generation:pending"
    pause = 0.25
    # How long a process that is changing something may be silent, in seconds.
    lease = 3

    def __init__(self, client: Any, files: PageFiles | None = None) -> None:
        self._client = client
        self.files = files
        self._number: int | None = None
        self._asked = 0.0
        self._lock = threading.Lock()
        self._process = 0
        self._changing: set[int] = set()
        self._marker: str | None = None
        # Whether something may have changed that Redis was not told.
        self._is_due = False
        # Whether it answered when it was last asked.
        self._answers = True
        self._marking = threading.Lock()

    def _ask(self) -> None:
        try:
            # The first number is a moment: a Redis that lost its memory does not count from
            # zero to a number that held once.
            self._client.set(self.key, time.time_ns(), nx=True)
            number = int(self._client.get(self.key))
        except Exception as error:
            if self._answers:
                logger.error("Pages are not kept: Redis does not answer: %s", error)
            self._answers, self._number = False, None
            # What others changed meanwhile they could not say either, and may be gone by then.
            self._is_due = True
            if self.files:
                self.files.close()
        else:
            if not self._answers:
                logger.warning("Redis answers: pages are kept.")
            self._answers = True
            if self._is_due:
                # Somebody has still to say what changed.
                self._number = None
            else:
                if self.files and number != self._number:
                    self.files.turn_to(number)
                self._number = number
        self._asked = time.monotonic()

    def _keep_asking(self) -> None:
        while True:
            time.sleep(self.pause)
            try:
                self._ask()
                if self._answers:
                    with self._marking:
                        if self._is_due:
                            self._end()
                            self._ask()
                        self._renew()
            except Exception:
                logger.exception("Pages are not kept.")

    def _start(self) -> None:
        """Begin to ask, once in each process."""
        if self._process != os.getpid():
            with self._lock:
                if self._process != os.getpid():
                    # What a process was changing when it forked is not its child's.
                    self._changing, self._marker = set(), None
                    self._ask()
                    threading.Thread(target=self._keep_asking, daemon=True).start()
                    self._process = os.getpid()

    def current(self) -> int | None:
        self._start()
        if time.monotonic() - self._asked > 1:
            # The question hangs: what held a second ago may not hold any more.
            return None
        return self._number

    def _renew(self) -> None:
        if self._marker:
            with self._client.pipeline() as commands:
                commands.sadd(self.pending, self._marker)
                commands.set(f"{self.pending}:{self._marker}", 1, ex=self.lease)
                commands.execute()

    def begin(self) -> None:
        self._start()
        with self._marking:
            self._changing.add(threading.get_ident())
            if self._marker is None:
                self._marker = uuid.uuid4().hex
                if self._answers:
                    self._renew()

    def bury(self) -> bool:
        found = False
        with suppress(Exception):
            for name in self._client.smembers(self.pending):
                marker = name.decode()
                if not self._client.exists(f"{self.pending}:{marker}"):
                    self._bump(marker)
                    found = True
        return found

    def is_shared(self) -> bool:
        return self.current() is not None

    def _bump(self, marker: str | None) -> None:
        with self._client.pipeline() as commands:
            commands.set(self.key, time.time_ns(), nx=True)
            commands.incr(self.key)
            if marker:
                commands.srem(self.pending, marker)
                commands.delete(f"{self.pending}:{marker}")
            commands.execute()

    def _end(self) -> None:
        over = None if self._changing else self._marker
        self._bump(over)
        self._is_due = False
        if over:
            self._marker = None

    def bump(self) -> None:
        with self._marking:
            self._changing.discard(threading.get_ident())
            # Should it fail, it is tried again until Redis answers.
            self._is_due = True
            if self._answers:
                try:
                    self._end()
                except Exception:
                    self._number = None
                    raise
        if self._answers and self._process == os.getpid():
            self._ask()


@cache
def shared() -> Generation:
    """The generation that all processes of this site share."""
    location = settings.CACHES["default"].get("LOCATION", "")
    return made(
        settings.DATA_DIR,
        settings.PAGE_CACHE_SHARED,
        settings.PAGE_CACHE_FILES,
        # Of several servers the first is the one that is written to.
        location[0] if isinstance(location, list) else location,
    )


@cache
def made(folder: Path, shared: str, has_files: bool, location: str) -> Generation:
    """
    The generation of a folder, or of a Redis server at `location`.

    Each is made once: what has begun must end in the same one, also when the settings are others
    for a while.
    """
    files = PageFiles(folder / "pages") if has_files else None
    if shared == "redis":
        return RedisGeneration(
            redis.Redis.from_url(location, socket_timeout=0.5, socket_connect_timeout=0.5), files
        )
    return FileGeneration(folder / "generation", files)


def settings_changed(*, setting: str, **kwargs: Any) -> None:
    """Receives `setting_changed`: who works in another folder for a while has its own number."""
    if setting in {"DATA_DIR", "PAGE_CACHE_SHARED", "PAGE_CACHE_FILES", "CACHES"}:
        shared.cache_clear()


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
