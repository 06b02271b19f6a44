"""Where a machine's copy of the index lies, and who may write to it."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from django.core.files import locks


class BusyError(RuntimeError):
    """Another process did not give up a lock in time."""


@contextmanager
def locked(path: Path, patience: float = 0) -> Iterator[None]:
    """Hold a file's lock; the dead hold none. Raise BusyError after `patience` seconds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    give_up = time.monotonic() + patience
    with path.open("a") as file:
        while not locks.lock(file, locks.LOCK_EX | locks.LOCK_NB):
            if time.monotonic() >= give_up:
                raise BusyError(f"Another process is at work: {path}")
            time.sleep(0.01)
        yield


def is_held(path: Path) -> bool:
    """Return whether a living process holds a file's lock."""
    if not path.exists():
        return False
    with path.open() as file:
        # Shared, so that those who ask do not take each other for it.
        return not locks.lock(file, locks.LOCK_SH | locks.LOCK_NB)


@dataclass(frozen=True)
class Position:
    """Up to which change of which outbox an index was written, and the pages it leaves out."""

    outbox: str = ""
    number: int = 0
    skipped: tuple[int, ...] = ()


class Folder:
    """
    A folder of indexes, of which `current` leads to the one that answers.

    In each index lies its `position`, written after the index, so that what a killed process wrote
    last is written once more, which changes nothing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.current = path / "current"
        self.writer_lock = path / "writer.lock"
        self.build_lock = path / "build.lock"

    def index(self) -> Path | None:
        """Return the folder of the index that answers; None when there is none."""
        try:
            return self.path / os.readlink(self.current)
        except OSError:
            return None

    @staticmethod
    def position(index: Path) -> Position:
        """Return how far an index has come; the beginning when that cannot be read."""
        try:
            found = json.loads((index / "position").read_text())
            return Position(found["outbox"], found["number"], tuple(found["skipped"]))
        except (OSError, ValueError, KeyError, TypeError):
            return Position()

    @staticmethod
    def set_position(index: Path, position: Position) -> None:
        """Write how far an index has come, so that nobody reads half of it."""
        new = index / f"position.{os.getpid()}"
        new.write_text(json.dumps(asdict(position)))
        new.replace(index / "position")

    def swap(self, index: Path) -> None:
        """Let `current` lead to another index, at one stroke."""
        new = self.path / f"current.{index.name}"
        new.unlink(missing_ok=True)
        new.symlink_to(index.name)
        new.replace(self.current)

    def drop(self) -> None:
        """Let no index answer."""
        self.current.unlink(missing_ok=True)

    def clean(self, *keep: Path | None) -> list[str]:
        """Remove all indexes but some. Return the names of those that are gone."""
        folders = [path for path in self.path.iterdir() if path.is_dir() and not path.is_symlink()]
        gone = [path for path in folders if path not in keep]
        for path in gone:
            shutil.rmtree(path, ignore_errors=True)
        return [path.name for path in gone]
