"""
Kept pages as files, so that nginx can answer without asking the site (see deploy/nginx.conf).

A page is written to `pages/<generation>/<scheme>/<host>/<path>/index.html`, and `pages/current`
is a link to the folder of the generation that holds: changing the link forgets every file in one
step, and a render that began earlier writes where nobody looks any more.
"""

import contextlib
import hashlib
import logging
import os
import shutil
import tempfile
import threading
from pathlib import Path

from home.page_cache.key import Key
from home.page_cache.store import Entry

logger = logging.getLogger(__name__)

# The longest name of a file on the file systems of Linux, in bytes.
LONGEST_NAME = 255


# The names that deploy/nginx.conf knows.
ENDINGS = {
    "text/html; charset=utf-8": "html",
    "application/atom+xml; charset=utf-8": "atom",
    "application/rss+xml; charset=utf-8": "rss",
    "application/feed+json; charset=utf-8": "json",
}


class PageFiles:
    def __init__(self, root: Path) -> None:
        self.root = root

    def turn_to(self, generation: int) -> None:
        """
        Forget all files but those of `generation`, unless a newer one holds already.

        Where there is no room for a new link, there is none until the next time.
        """
        link = self.root / "current"
        with contextlib.suppress(FileNotFoundError):
            if int(os.readlink(link)) >= generation:
                return
        new = self.root / f".{generation}.{os.getpid()}.{threading.get_ident()}"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            new.unlink(missing_ok=True)
            new.symlink_to(str(generation))
            new.replace(link)
        except OSError:
            logger.exception("nginx finds no pages: the link to those of now could not be made.")
            try:
                self.close()
            except OSError:
                logger.exception("Stop nginx: it answers with old pages from %s.", self.root)

    def are_older_than(self, generation: int) -> bool:
        """Whether nginx finds files that hold no more."""
        try:
            return int(os.readlink(self.root / "current")) < generation
        except FileNotFoundError:
            return False

    def close(self) -> None:
        """Let nobody find any file until `turn_to` is called."""
        (self.root / "current").unlink(missing_ok=True)

    def clear_old(self, generation: int) -> None:
        """Remove the files of earlier generations from the disk."""
        for folder in self.root.glob("[0-9]*"):
            if int(folder.name) < generation:
                shutil.rmtree(folder, ignore_errors=True)

    def write(self, key: Key, entry: Entry) -> None:
        """Write a page or a feed; other answers have types that a file's name does not tell."""
        types = (v for k, v in entry.variants[""].headers if k.lower() == "content-type")
        ending = ENDINGS.get(next(types, ""))
        path = key.path.encode("latin-1")
        parts = path.strip(b"/").split(b"/")
        if not ending or not path.endswith(b"/") or b"//" in path:
            return
        if any(
            part in (b".", b"..") or b"\0" in part or len(part) > LONGEST_NAME for part in parts
        ):
            return
        folder = Path(os.fsdecode(path.strip(b"/")))
        folder = self.root / str(entry.generation) / key.scheme / key.host / folder
        folder.mkdir(parents=True, exist_ok=True)
        for encoding, suffix in (("gzip", ".gz"), ("", "")):
            if variant := entry.variants.get(encoding):
                self._replace(folder / f"index.{ending}{suffix}", variant.body[0])

    def _replace(self, path: Path, body: bytes) -> None:
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            os.fchmod(file.fileno(), 0o644)
        # nginx makes the ETag of a file from its time and size. Two edits within one second may
        # have one size, so the time is made from the words instead.
        mark = int.from_bytes(hashlib.blake2b(body, digest_size=4).digest(), "big") >> 1
        os.utime(name, (mark, mark))
        os.replace(name, path)
