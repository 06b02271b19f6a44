"""Where a machine's copy of the index lies, and who may write to it."""

import fcntl
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# How long a writer waits for its turn, in seconds.
PATIENCE = 2
# tantivy's LogMergePolicy merges eight parts of one size; up to this many documents are one size.
SMALL_PART = 20_000


class BusyError(RuntimeError):
    """Another process did not give up a lock in time."""


@contextmanager
def locked(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold a file's lock; the dead hold none. Raise BusyError after `patience` seconds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        give_up = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= give_up:
                    raise BusyError(str(path)) from None
                time.sleep(0.01)
        yield


def is_held(path: Path) -> bool:
    """Return whether a living process holds a file's lock."""
    if not path.exists():
        return False
    with path.open() as file:
        try:
            # Shared, so that those who ask do not take each other for it.
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def replace(path: Path, text: str) -> None:
    """Write a file so that nobody reads half of it."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    new.write_text(text)
    new.replace(path)


class Folder:
    """
    A folder of indexes, of which `current` leads to the one that answers.

    In each index lies its `position`: up to which change of the outbox it was written, and of
    which outbox. It is written after the index, so that what a killed process wrote last is
    written once more, which changes nothing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.current = path / "current"
        self.writer_lock = path / "writer.lock"
        # Held beside the writer's by who writes for long.
        self.slow_lock = path / "slow.lock"
        self.build_lock = path / "build.lock"

    def index(self) -> Path | None:
        """Return the folder of the index that answers; None when there is none."""
        try:
            return self.path / os.readlink(self.current)
        except OSError:
            return None

    def machine(self) -> str:
        """Return the name of this copy, the same for all processes of the machine."""
        name = self.path / "machine"
        with suppress(OSError):
            if known := name.read_text():
                return known
        with locked(self.path / "machine.lock"):
            if not name.exists():
                replace(name, uuid.uuid4().hex)
            return name.read_text()

    @staticmethod
    def position(index: Path) -> tuple[str, int]:
        """Return which outbox an index was written from and up to which number."""
        try:
            found = json.loads((index / "position").read_text())
            return str(found["outbox"]), int(found["number"])
        except (OSError, ValueError, KeyError, TypeError):
            return "", 0

    @staticmethod
    def set_position(index: Path, outbox: str, number: int) -> None:
        replace(index / "position", json.dumps({"outbox": outbox, "number": number}))

    @staticmethod
    def skipped(index: Path) -> set[int]:
        """Return the pages that could not be indexed."""
        try:
            return set(map(int, json.loads((index / "skipped").read_text())))
        except (OSError, ValueError, TypeError):
            return set()

    @staticmethod
    def set_skipped(index: Path, pages: set[int]) -> None:
        replace(index / "skipped", json.dumps(sorted(pages)))

    @staticmethod
    def small_parts(index: Path) -> int:
        """Return how many parts of an index are so small that tantivy would merge them soon."""
        try:
            parts = json.loads((index / "meta.json").read_text())["segments"]
            return sum(part["max_doc"] < SMALL_PART for part in parts)
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def swap(self, index: Path) -> None:
        """Let `current` lead to another index, at one stroke."""
        new = self.path / f"current.{index.name}"
        new.unlink(missing_ok=True)
        new.symlink_to(index.name)
        new.replace(self.current)

    def drop(self) -> None:
        """Let no index answer."""
        self.current.unlink(missing_ok=True)

    def clean(self, *keep: Path | None) -> None:
        """Remove all indexes but some."""
        for path in self.path.iterdir():
            if path.is_dir() and not path.is_symlink() and path not in keep:
                shutil.rmtree(path, ignore_errors=True)
