"""The generation of a site on several machines."""

import logging
import os
import threading
import time
import uuid
from contextlib import suppress
from typing import Any

from home.page_cache.files import PageFiles

logger = logging.getLogger(__name__)


class RedisGeneration:
    """
    A number in Redis that every process reads several times a second.

    A change made on another machine is noticed within `interval` seconds. While Redis does not
    answer, the number is None and nothing is kept.

    A process that is about to commit a change adds a marker to a set in Redis, together with a key
    that expires unless it is renewed. A marker without its key belongs to a process that died
    without bumping.
    """

    key = "daybook:generation"
    markers = "daybook:generation:pending"
    # In seconds.
    interval = 0.25
    # How long a process that is changing something may be silent, in seconds.
    lease = 3

    def __init__(self, client: Any, files: PageFiles | None = None) -> None:
        self.files = files
        self._client = client
        self._number: int | None = None
        self._read_at = 0.0
        self._answers = True
        # Whether a bump is still to be made, as Redis did not answer when it was due.
        self._owes_bump = False
        # This process's marker, and the threads that need it.
        self._marker: str | None = None
        self._changing_threads: set[int] = set()
        self._marker_lock = threading.Lock()
        self._process = 0
        self._start_lock = threading.Lock()

    def current(self) -> int | None:
        self._start()
        if time.monotonic() - self._read_at > 1:
            # Redis hangs: the number of a second ago may be out of date.
            return None
        return self._number

    def begin_change(self) -> None:
        self._start()
        with self._marker_lock:
            self._changing_threads.add(threading.get_ident())
            if self._marker is None:
                self._marker = uuid.uuid4().hex
                if self._answers:
                    self._renew_marker()

    def bump(self) -> None:
        with self._marker_lock:
            self._changing_threads.discard(threading.get_ident())
            # If it fails, `_poll` tries again until Redis answers.
            self._owes_bump = True
            if self._answers:
                try:
                    self._bump_and_end_change()
                except Exception:
                    self._number = None
                    raise
        if self._answers and self._process == os.getpid():
            self._read()

    def bump_for_dead_processes(self) -> bool:
        found = False
        with suppress(Exception):
            for name in self._client.smembers(self.markers):
                marker = name.decode()
                if not self._client.exists(f"{self.markers}:{marker}"):
                    self._bump(marker)
                    found = True
        return found

    def is_shared(self) -> bool:
        return self.current() is not None

    def _start(self) -> None:
        """Start polling, once in each process."""
        if self._process != os.getpid():
            with self._start_lock:
                if self._process != os.getpid():
                    # A forked process does not finish the changes of its parent.
                    self._changing_threads, self._marker = set(), None
                    self._read()
                    threading.Thread(target=self._poll, daemon=True).start()
                    self._process = os.getpid()

    def _poll(self) -> None:
        while True:
            time.sleep(self.interval)
            try:
                self._read()
                if self._answers:
                    with self._marker_lock:
                        if self._owes_bump:
                            self._bump_and_end_change()
                            self._read()
                        self._renew_marker()
            except Exception:
                logger.exception("Pages are not kept.")

    def _read(self) -> None:
        try:
            # Begin with the time, so that a Redis that lost its data does not count from zero to
            # a number that was current before.
            self._client.set(self.key, time.time_ns(), nx=True)
            number = int(self._client.get(self.key))
        except Exception as error:
            if self._answers:
                logger.error("Pages are not kept: Redis does not answer: %s", error)
            self._answers, self._number = False, None
            # Other processes may have made changes that they could not announce before they ended.
            self._owes_bump = True
            if self.files:
                self.files.hide()
        else:
            if not self._answers:
                logger.warning("Redis answers: pages are kept.")
            self._answers = True
            if self._owes_bump:
                self._number = None
            else:
                if self.files and number != self._number:
                    self.files.switch_to(number)
                self._number = number
        self._read_at = time.monotonic()

    def _renew_marker(self) -> None:
        if self._marker:
            with self._client.pipeline() as commands:
                commands.sadd(self.markers, self._marker)
                commands.set(f"{self.markers}:{self._marker}", 1, ex=self.lease)
                commands.execute()

    def _bump_and_end_change(self) -> None:
        marker = None if self._changing_threads else self._marker
        self._bump(marker)
        self._owes_bump = False
        if marker:
            self._marker = None

    def _bump(self, marker: str | None) -> None:
        """Increment the number and remove a marker, in one transaction."""
        with self._client.pipeline() as commands:
            commands.set(self.key, time.time_ns(), nx=True)
            commands.incr(self.key)
            if marker:
                commands.srem(self.markers, marker)
                commands.delete(f"{self.markers}:{marker}")
            commands.execute()
