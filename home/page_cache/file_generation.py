"""The generation of a site on one machine."""

import fcntl
import mmap
import os
import struct
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from home.page_cache.files import PageFiles

NUMBER = struct.Struct("=Q")


class FileGeneration:
    """
    A number in a file that all processes of one machine have mapped into memory.

    Reading it costs no system call. Raise OSError if the file cannot be opened.

    A thread that is about to commit a change creates a marker, a file in a folder of its own, and
    holds its lock until it has bumped. The system releases the lock when the process dies, so an
    unlocked marker belongs to a process that died without bumping.
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
        self.markers = path.with_name(f"{path.name}.pending")
        # Has the marker of each thread, as an open file and its path.
        self._thread = threading.local()
        if files:
            with self.locked():
                files.switch_to(self.current())

    def current(self) -> int:
        return NUMBER.unpack_from(self._memory)[0]

    def begin_change(self) -> None:
        while not hasattr(self._thread, "marker"):
            self.markers.mkdir(exist_ok=True)
            descriptor, path = tempfile.mkstemp(dir=self.markers)
            # Is closed when a thread ends that has rolled back, and so never bumped.
            marker = os.fdopen(descriptor)
            # Until it is locked, another thread may take the new marker for that of a dead process,
            # lock it and remove it.
            with suppress(BlockingIOError):
                fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.path.exists(path):
                    self._thread.marker = marker, path

    def bump(self) -> None:
        try:
            with self.locked():
                number = self.current() + 1
                NUMBER.pack_into(self._memory, 0, number)
                if self.files:
                    self.files.switch_to(number)
        finally:
            self._end_change()

    def _end_change(self) -> None:
        if hasattr(self._thread, "marker"):
            marker, path = self._thread.marker
            del self._thread.marker
            Path(path).unlink(missing_ok=True)
            marker.close()

    def bump_for_dead_processes(self) -> bool:
        found = False
        for path in self.markers.glob("*"):
            with suppress(OSError):
                descriptor = os.open(path, os.O_RDWR)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    # Its process may have bumped and removed it just before it was locked here.
                    if path.exists():
                        self.bump()
                        path.unlink()
                        found = True
                finally:
                    os.close(descriptor)
        return found

    def is_shared(self) -> bool:
        return self.path.exists() and os.path.samestat(self.path.stat(), os.fstat(self._file))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock without which no process changes the number."""
        try:
            # Opened for reading, so that it also works in a folder that is read-only.
            descriptor = os.open(self.path, os.O_RDONLY)
        except OSError:
            # Two processes may now write the same number, but nothing was kept with it yet.
            yield
            return
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
