"""This machine's copy of the index: kept in step with the outbox, and built when it is missing."""

import logging
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import tantivy
from django.db import DatabaseError, connection, transaction
from wagtail.models import Page

from blog.visibility import listed
from search.documents import document_of, prefetch
from search.engine import outbox
from search.engine.folder import PATIENCE, BusyError, Folder, is_held, locked
from search.engine.index import Reader, Shape, panicked

logger = logging.getLogger("daybook.search")

# The larger a writer's memory, the fewer and larger the parts that it leaves.
HEAP = 256_000_000
SMALL_HEAP = 15_000_000
CHUNK = 500
# One more small part than this, and tantivy merges them, which nobody should wait for.
MOST_PARTS = 7
# More changes than this are written while nobody waits.
MOST_AT_ONCE = 50
# A site with at most so many pages builds a missing index while its first reader waits.
FEW = 1_000
# How often a process looks for what other processes and machines changed, in seconds.
LOOK_AFTER = 0.5
# How often a machine says that it is there and how far it has come, in seconds.
HEARTBEAT = 30
# After a failure a process tries again so much later, in seconds.
RETRY_AFTER = 60


class UnavailableError(Exception):
    """There is no index that could answer now; one is being built."""


@dataclass(frozen=True)
class State:
    """
    How a copy of the index is: how many changes it has not taken in, and which pages are left out.

    `is_failing` when it could not be written a moment ago.
    """

    is_built: bool
    is_building: bool
    is_failing: bool
    behind: int
    skipped: list[int]


class Opened:
    """An index that is open for reading, and the state of the files it has seen."""

    def __init__(self, path: Path, index: tantivy.Index, stamp: tuple) -> None:
        self.path = path
        self.index = index
        self.stamp = stamp


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
        self.busy = threading.Lock()
        self.opening = threading.Lock()
        self.opened: Opened | None = None
        self.looked = self.said = -float("inf")
        self.failed = -float("inf")
        self.working: set[str] = set()

    def __str__(self) -> str:
        return f"search index {self.folder.path}"

    # Reading

    def reader(self) -> Reader:
        """Return the newest state of the index. Raise UnavailableError while there is none."""
        self.look()
        try:
            opened = self._open()
        except FileNotFoundError as error:
            self._build_missing(error)
            opened = self._open()
        except BaseException as error:
            if not isinstance(error, ValueError | OSError) and not panicked(error):
                raise
            self._drop(error)
            self._build_missing(error)
            opened = self._open()
        return Reader(self.shape, opened.index.searcher())

    def usable(self) -> Path | None:
        """Return the index that answers, when it is of this version."""
        index = self.folder.index()
        if index is None or not index.name.startswith(self.fingerprint):
            return None
        return index

    def _open(self) -> Opened:
        """Open the index that answers; where a new one takes its place meanwhile, open that."""
        while True:
            path = self.usable()
            if path is None:
                raise FileNotFoundError(f"There is no {self} of this version yet.")
            try:
                return self._open_at(path)
            except BaseException:
                if self.usable() == path:
                    raise

    def _open_at(self, path: Path) -> Opened:
        status = os.stat(path / "meta.json")
        stamp = status.st_ino, status.st_mtime_ns
        opened = self.opened
        if opened and (opened.path, opened.stamp) == (path, stamp):
            return opened
        with self.opening:
            opened = self.opened
            if opened is None or opened.path != path:
                opened = Opened(path, self.shape.open(path), stamp)
                opened.index.reload()
            elif opened.stamp != stamp:
                opened.index.reload()
                opened.stamp = stamp
            self.opened = opened
        return opened

    def _drop(self, error: BaseException) -> None:
        """Put away an index whose files cannot be read, so that another is built."""
        logger.error("The %s cannot be read (%s); it will be built anew.", self, error)
        self.opened = None
        self.folder.drop()

    def is_readable(self, path: Path) -> bool:
        """Return whether the files of an index can be read, whatever it was asked."""
        try:
            index = self.shape.open(path)
            index.reload()
            Reader(self.shape, index.searcher()).hits(tantivy.Query.all_query())
        except BaseException as error:
            if not isinstance(error, ValueError | OSError) and not panicked(error):
                raise
            return False
        return True

    # Keeping in step

    def changed(self, pages: Iterable[int]) -> None:
        """Note that pages have changed, and take that in once it is committed."""
        pages = list(pages)
        if not pages:
            return
        outbox.note(pages)
        if self.at_once:
            return

        # A function, as Django says its name when it fails.
        def write_to_index() -> None:
            self.catch_up_with(len(pages), PATIENCE)

        transaction.on_commit(write_to_index, robust=True)

    def look(self) -> None:
        """Take in what others have changed, if it is time to look for it."""
        now = time.monotonic()
        if not self.at_once:
            if now - self.looked < LOOK_AFTER or now - self.failed < RETRY_AFTER:
                return
            if connection.in_atomic_block:
                # What this transaction has written may be undone.
                return
        self.looked = now
        path = self.usable()
        if path is None:
            return
        name, number = self.folder.position(path)
        there = outbox.state()
        if there.has_new or there.is_gap(name, number) or there.last > number:
            self.catch_up_with(outbox.behind(number), patience=0)
        elif self._is_due():
            self.catch_up(patience=0)

    def _is_due(self) -> bool:
        return time.monotonic() - self.said > HEARTBEAT

    def catch_up_with(self, changes: int, patience: float) -> None:
        """Take in some changes while somebody waits, or in the background if that takes long."""
        path = self.usable()
        if changes > MOST_AT_ONCE or (path and self.folder.small_parts(path) >= MOST_PARTS):
            self._in_background("catch-up", self.catch_up, PATIENCE, True)
        else:
            self.catch_up(patience)

    def catch_up(self, patience: float = PATIENCE, is_slow: bool = False) -> None:
        """
        Take in all changes that were committed.

        What cannot be written now stays in the outbox for the next look. Where it `is_slow`, others
        publish meanwhile without waiting for their turn.
        """
        if is_held(self.folder.slow_lock):
            # Who holds it catches up once more when that is done.
            return
        try:
            with locked(self.folder.writer_lock, patience):
                if is_slow:
                    with locked(self.folder.slow_lock):
                        self._catch_up()
                self._catch_up()
        except BusyError:
            # Whoever writes now writes that too, unless it has just looked for the last time.
            return
        except (OSError, DatabaseError):
            # A full disk or a busy database keeps nobody from publishing or from searching.
            self.failed = time.monotonic()
            logger.exception("The %s could not take in what has changed.", self)

    def _catch_up(self) -> None:
        path = self.usable()
        if path is None:
            return
        try:
            self.write_new(path)
        except outbox.MissedError:
            logger.warning("The %s missed changes; it will be built anew.", self)
            self.folder.drop()
            return
        except BaseException as error:
            if not isinstance(error, ValueError | OSError) and not panicked(error):
                raise
            self.failed = time.monotonic()
            if self.is_readable(path):
                # Another cause than the index, such as a full disk.
                logger.exception("The %s could not be written.", self)
            else:
                self._drop(error)
            return
        self.failed = -float("inf")
        if self._is_due() and not is_held(self.folder.build_lock):
            self.said = time.monotonic()
            outbox.heard_of(self.folder.machine(), self.folder.position(path)[1])

    def write_new(self, path: Path) -> None:
        """Write what an index has not taken in yet; the caller holds the lock."""
        name, number = self.folder.position(path)
        if outbox.state().has_new:
            outbox.number_new()
        # What has a number up to this one can be seen from now on.
        last = outbox.state().last
        index = None
        while True:
            pages, batch = outbox.after(name, number)
            if not pages:
                break
            index = index or self.shape.open(path)
            writer = index.writer(SMALL_HEAP, 1)
            try:
                for page in pages:
                    writer.delete_documents_by_term("page", page)
                skipped = self._add(writer, pages)
                writer.commit()
            finally:
                # tantivy begins to merge at a commit. A merge that ends after its writer would
                # write the index's list of files over that of whoever writes next.
                writer.wait_merging_threads()
            self.folder.set_skipped(
                path, self.folder.skipped(path).difference(pages).union(skipped)
            )
            number = batch
            self.folder.set_position(path, name, number)
        if last > number:
            self.folder.set_position(path, name, last)

    def _add(self, writer: tantivy.IndexWriter, pages: Iterable[int]) -> set[int]:
        """Add the documents of those of the pages that anyone may read. Return the skipped."""
        rest, skipped = set(pages), set()
        for model in self.models:
            keys = sorted(rest)
            for start in range(0, len(keys), CHUNK):
                found = list(listed(model.objects.filter(pk__in=keys[start : start + CHUNK])))
                # What one model has found is no page of another.
                rest.difference_update(page.pk for page in found)
                skipped |= self.add_pages(writer, found)
        return skipped

    def add_pages(self, writer: tantivy.IndexWriter, pages: list[Page]) -> set[int]:
        """Add the documents of pages of one model; leave out those that cannot be indexed."""
        skipped = set()
        prefetch(pages)
        for page in pages:
            try:
                document = self.shape.document(document_of(page))
            except DatabaseError:
                raise
            except BaseException as error:
                if not isinstance(error, Exception) and not panicked(error):
                    raise
                logger.exception("Page %s (%s) cannot be indexed and is not found.", page.pk, page)
                skipped.add(page.pk)
            else:
                writer.add_document(document)
        return skipped

    # In the background

    def _in_background(self, name: str, work, *arguments) -> None:
        """Let a thread do what is not being done yet; a process waits for it before it ends."""
        if self.at_once:
            work(*arguments)
            return
        with self.busy:
            if name in self.working:
                return
            self.working.add(name)

        def run() -> None:
            try:
                work(*arguments)
            except BusyError:
                logger.info("Another process is at work on the %s.", self)
            except Exception:
                logger.exception("The %s could not be written.", self)
            finally:
                self.working.discard(name)
                connection.close()

        # Who builds for a minute is not waited for; the next process begins again.
        threading.Thread(target=run, name=f"search-{name}", daemon=name == "build").start()

    # Building

    def _build_missing(self, reason: object) -> None:
        """
        Build a missing index: at once for a few pages, else in the background.

        Raise UnavailableError while it is being built.
        """
        if self.at_once or sum(model.objects.count() for model in self.models) <= FEW:
            logger.info("Building the %s: %s", self, reason)
            try:
                self._build_unless_built()
            except (BusyError, OSError) as error:
                # Another process builds it, or the disk is full.
                raise UnavailableError(str(error)) from error
            return
        self.build_soon()
        raise UnavailableError(f"{reason} It is being built.")

    def build_soon(self) -> None:
        """Build a missing index in the background."""
        self._in_background("build", self._build_unless_built)

    def _build_unless_built(self) -> None:
        with locked(self.folder.path / "missing.lock"):
            if self.usable() is None:
                self.build()

    def build(self) -> None:
        """Build the whole index anew from the database, beside the one that answers."""
        building = Building(self)
        try:
            for model in self.models:
                keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
                for start in range(0, len(keys), CHUNK):
                    building.add(listed(model.objects.filter(pk__in=keys[start : start + CHUNK])))
            building.finish()
        finally:
            building.release()

    def reset(self) -> None:
        """Remove the index."""
        with locked(self.folder.writer_lock):
            self.opened = None
            self.folder.drop()
            self.folder.clean()

    # Health

    def state(self) -> State:
        path = self.usable()
        return State(
            is_built=path is not None or self.at_once,
            is_building=is_held(self.folder.build_lock),
            is_failing=time.monotonic() - self.failed < RETRY_AFTER,
            behind=outbox.behind(self.folder.position(path)[1]) if path else 0,
            skipped=sorted(self.folder.skipped(path)) if path else [],
        )


class Building:
    """
    A new index that is built beside the one that answers. Raise BusyError while another is.

    It begins at the outbox's last number, so that every change that its documents may lack comes
    after it; nothing is pruned that it needs, as this machine's number stays until it is done.
    """

    def __init__(self, copy: Copy) -> None:
        self.copy = copy
        self.folder = copy.folder
        self._lock = locked(self.folder.build_lock)
        self._lock.__enter__()
        try:
            self.path = self.folder.path / f"{copy.fingerprint}-{time.time_ns()}"
            self.folder.clean(self.folder.index())
            self.path.mkdir()
            # Who writes to the index that answers may be about to tell how far that has come.
            with locked(self.folder.writer_lock, patience=60):
                if outbox.state().has_new:
                    outbox.number_new()
                begins = outbox.state()
            self.folder.set_position(self.path, begins.outbox, begins.last)
            # It is there, but its number stays: the index that answers may not have come so far.
            outbox.heard_of(self.folder.machine(), None)
            self.writer = copy.shape.create(self.path).writer(HEAP, 1)
        except BaseException:
            self.release()
            raise
        self.skipped: set[int] = set()

    def add(self, pages: Iterable[Page]) -> None:
        """Add pages of one model, which are known to be public."""
        self.skipped |= self.copy.add_pages(self.writer, list(pages))

    def finish(self) -> None:
        """Write the index, take in what changed meanwhile, and let it answer."""
        self.writer.commit()
        self.writer.wait_merging_threads()
        del self.writer
        self.folder.set_skipped(self.path, self.skipped)
        previous = self.folder.index()
        with locked(self.folder.writer_lock, patience=60):
            try:
                self.copy.write_new(self.path)
            except outbox.MissedError as error:
                raise BusyError(f"Changes were pruned that the new {self.copy} needs.") from error
            self.folder.swap(self.path)
        self.folder.clean(self.path, previous)

    def release(self) -> None:
        if self._lock is not None:
            self._lock.__exit__(None, None, None)
            self._lock = None
