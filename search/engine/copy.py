"""This machine's copy of the index: kept in step with the outbox, and built when it is missing."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import DatabaseError, connection, transaction
from wagtail.models import Page

from search.engine import outbox
from search.engine.folder import BusyError, Folder, Position, is_held, locked
from search.engine.index import Reader, Shape, without_panic
from search.engine.writer import Writer

logger = logging.getLogger("daybook.search")

# The larger a writer's memory in bytes, the fewer and larger the parts that it leaves.
MEMORY = 15_000_000
MEMORY_TO_BUILD = 256_000_000
CHUNK = 500
# A site with at most so many pages builds a missing index while its first reader waits.
FEW = 1_000
# How long a reader waits for another process that builds, and for what this process takes in, and
# a builder for a writer, in seconds.
READER_WAITS = 2
READER_WAITS_FOR_CHANGES = 0.25
BUILDER_WAITS = 60
# How often a process looks for what other processes and machines changed, in seconds.
LOOK_AFTER = 0.5
# After a failure a process looks again so much later, in seconds.
RETRY_AFTER = 60
# How often a process says that its machine is there and how far it has come, in seconds.
HEARTBEAT = 30


class UnavailableError(Exception):
    """There is no index that could answer now; one is being built."""


@dataclass(frozen=True)
class State:
    """
    How a copy of the index is: how many changes it has not taken in, and which pages are left out.

    `is_failing` when this process could not write what is left to take in.
    """

    is_built: bool
    is_building: bool
    is_failing: bool
    behind: int
    skipped: tuple[int, ...]


class Copy:
    """
    The copy of the index in one folder; `fingerprint` names the shape that it must have.

    `at_once` is for tests, which undo what they write: the copy then takes in what a transaction
    writes before its end, and nothing happens in the background.
    """

    def __init__(
        self,
        path: Path,
        shape: Shape,
        fingerprint: str,
        models: Iterable[type[Page]],
        at_once: bool = False,
    ) -> None:
        self.folder = Folder(path)
        self.shape = shape
        self.fingerprint = fingerprint
        self.models = list(models)
        self.at_once = at_once
        self.opened: Reader | None = None
        self.taking_in: threading.Thread | None = None
        self.has_failed = False
        self.next_look = self.next_heartbeat = -float("inf")

    def __str__(self) -> str:
        return f"search index {self.folder.path}"

    def state(self) -> State:
        path = self.usable()
        position = self.folder.position(path) if path else Position()
        behind = outbox.behind(position.number) if path else 0
        return State(
            is_built=path is not None or self.at_once,
            is_building=is_held(self.folder.build_lock),
            is_failing=self.has_failed and behind > 0,
            behind=behind,
            skipped=position.skipped,
        )

    # Reading

    def reader(self) -> Reader:
        """Return the newest state of the index. Raise UnavailableError while there is none."""
        self.look()
        if taking_in := self.taking_in:
            # That may also write much, or merge the parts of the index.
            taking_in.join(READER_WAITS_FOR_CHANGES)
            self.taking_in = None
        for _attempt in range(3):
            path = self.usable()
            if path is None:
                self._build_missing()
                continue
            try:
                with without_panic():
                    return self._open(path)
            except (OSError, ValueError) as error:
                # Unless a new one has taken its place meanwhile.
                if path == self.usable():
                    logger.error("The %s cannot be read (%s); it is built anew.", self, error)
                    self.folder.drop()
        raise UnavailableError(f"The {self} cannot be read.")

    def usable(self) -> Path | None:
        """Return the index that answers, when it is of this version."""
        index = self.folder.index()
        if index is None or not index.name.startswith(self.fingerprint):
            return None
        return index

    def _open(self, path: Path) -> Reader:
        status = os.stat(path / "meta.json")
        state = path, status.st_ino, status.st_mtime_ns
        opened = self.opened
        if opened is None or opened.state != state:
            opened = Reader(self.shape, self.shape.open(path).searcher(), state)
            self.opened = opened
        return opened

    # Keeping in step

    def changed(self, pages: Iterable[int]) -> None:
        """Note that pages have changed, and take that in once it is committed."""
        if pages := list(pages):
            outbox.note(pages)
            if not self.at_once:
                transaction.on_commit(self.take_in, robust=True)

    def look(self) -> None:
        """Take in what others have changed, if it is time to look for it."""
        now = time.monotonic()
        # What the transaction that is open has written may be undone.
        if self.at_once or (now >= self.next_look and not connection.in_atomic_block):
            self.next_look = now + LOOK_AFTER
            if self._is_behind() or now >= self.next_heartbeat:
                self.take_in()

    def _is_behind(self) -> bool:
        path = self.usable()
        return path is not None and outbox.state().is_ahead_of(self.folder.position(path))

    def take_in(self) -> None:
        """Take in what was committed in a thread, for which searches of this process wait once."""
        self.taking_in = self._in_background(self.catch_up)

    def catch_up(self) -> None:
        """
        Take in all changes that were committed, unless another process is at it.

        That process looks once more when it has let others in, so that nobody need wait for it.
        What cannot be written now stays in the outbox.
        """
        is_behind = True
        try:
            while is_behind:
                with locked(self.folder.writer_lock), without_panic():
                    if path := self.usable():
                        self._write_new(path)
                        self._tell(path)
                is_behind = self._is_behind()
            self.has_failed = False
        except BusyError:
            return
        except outbox.MissedError:
            logger.warning("The %s missed changes; it is built anew.", self)
            self.folder.drop()
        except (OSError, ValueError, DatabaseError):
            # A full disk or a busy database keeps nobody from publishing or from searching.
            logger.exception("The %s could not take in what has changed.", self)
            self.has_failed = True
            self.next_look = time.monotonic() + RETRY_AFTER
            # Whoever searches next finds out whether its files can be read.
            self.opened = None

    def _tell(self, path: Path) -> None:
        """Let the database know from time to time that an index is there and how far it is."""
        now = time.monotonic()
        if now >= self.next_heartbeat:
            self.next_heartbeat = now + HEARTBEAT
            outbox.heard_of(path.name, self.folder.position(path).number)

    def _write_new(self, path: Path) -> None:
        """Write what an index has not taken in yet; the caller holds the writer's lock."""
        # What has a number up to the last can be seen from now on.
        last = outbox.number_new().last
        position = self.folder.position(path)
        pages, number = outbox.after(position)
        if pages:
            with Writer(self.shape, self.models, self.shape.open(path), MEMORY) as writer:
                while pages:
                    skipped = writer.replace(pages) | set(position.skipped).difference(pages)
                    writer.commit()
                    position = Position(position.outbox, number, tuple(sorted(skipped)))
                    self.folder.set_position(path, position)
                    pages, number = outbox.after(position)
        if position.number < last:
            self.folder.set_position(path, replace(position, number=last))

    def _in_background(
        self, work: Callable[[], None], daemon: bool = False
    ) -> threading.Thread | None:
        """Let a thread do what its lock keeps two from doing; a process waits for no daemon."""
        if self.at_once:
            work()
            return None

        def run() -> None:
            try:
                work()
            except BusyError as error:
                logger.info("%s", error)
            except Exception:
                logger.exception("The %s could not be written.", self)
            finally:
                connection.close()

        thread = threading.Thread(target=run, name="search", daemon=daemon)
        thread.start()
        return thread

    # Building

    def _build_missing(self) -> None:
        """Build a missing index: at once for a few pages, else raise UnavailableError and build."""
        if not self.at_once and sum(model.objects.count() for model in self.models) > FEW:
            self.build_soon()
            raise UnavailableError(f"The {self} is being built.")
        try:
            with without_panic():
                self._build_unless_built()
        except (BusyError, outbox.MissedError, OSError, ValueError) as error:
            # Another process builds it, or the disk is full.
            logger.warning("The %s was not built: %s", self, error)
            raise UnavailableError(str(error)) from error

    def build_soon(self) -> None:
        """Build a missing index in the background."""
        if not is_held(self.folder.build_lock):
            # Nobody waits for what may take minutes: the next process begins again.
            self._in_background(self._build_unless_built, daemon=True)

    def _build_unless_built(self) -> None:
        with locked(self.folder.build_lock, READER_WAITS):
            if self.usable() is None:
                self._build()

    def build(self) -> None:
        """Build the index anew beside the one that answers. Raise BusyError while another does."""
        with locked(self.folder.build_lock, READER_WAITS):
            self._build()

    def _build(self) -> None:
        """
        Build an index that begins at the outbox's last number; the caller holds the lock.

        So each change that its documents may lack comes after it, and none of these is pruned.
        """
        answering = self.folder.index()
        outbox.forget(self.folder.clean(answering))
        path = self.folder.path / f"{self.fingerprint}-{time.time_ns()}"
        path.mkdir()
        outbox.heard_of(path.name, 0)
        begins = outbox.number_new()
        skipped: set[int] = set()
        keys = list(Page.objects.order_by("pk").values_list("pk", flat=True))
        with Writer(self.shape, self.models, self.shape.create(path), MEMORY_TO_BUILD) as writer:
            for start in range(0, len(keys), CHUNK):
                skipped |= writer.add(keys[start : start + CHUNK])
            writer.commit()
        self.folder.set_position(path, Position(begins.outbox, begins.last, tuple(sorted(skipped))))
        with locked(self.folder.writer_lock, BUILDER_WAITS):
            self._write_new(path)
            self.folder.swap(path)
        outbox.forget(self.folder.clean(path, answering))
        outbox.forget([answering.name] if answering else [])

    def reset(self) -> None:
        """Remove the index."""
        with locked(self.folder.writer_lock, BUILDER_WAITS):
            self.opened = None
            self.folder.drop()
            outbox.forget(self.folder.clean())
