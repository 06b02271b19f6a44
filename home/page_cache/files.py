"""
Kept pages as files, so that nginx can answer without asking the site (see deploy/nginx.conf).

A page is written to `pages/<generation>/<scheme>/<host>/<path>/index.html`, packed to
`index-br.html` and `index-gzip.html`, and `pages/current`
is a link to the folder of the generation that holds: changing the link forgets every file in one
step, and a render that began earlier writes where nobody looks any more.
"""

import contextlib
import logging
import os
import re
import shutil
import tempfile
import threading
from pathlib import Path

from home.page_cache.key import Key
from home.page_cache.store import Entry, mark

logger = logging.getLogger(__name__)

# The longest name of a file on the file systems of Linux, in bytes.
LONGEST_NAME = 255


# What deploy/nginx.conf says with each file: an answer that says anything else has none.
HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "vary": "Accept-Encoding, Cookie",
    "cache-control": "no-cache",
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
}
# What it says of its own accord, or is told when it is set up.
OWN_HEADERS = {"content-length", "etag", "strict-transport-security", "x-page-cache"}
# The addresses that it looks for files under.
PATH = re.compile(r"/(?:[A-Za-z0-9_~-][A-Za-z0-9_.~-]*/)*")


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
        """Write a page, in each of its encodings, if nginx can answer just as the site does."""
        headers = {
            k.lower(): v for k, v in entry.variants[""].headers if k.lower() not in OWN_HEADERS
        }
        if headers != HEADERS or not PATH.fullmatch(key.path):
            return
        if any(len(part) > LONGEST_NAME for part in key.path.split("/")):
            return
        folder = self.root / str(entry.generation) / key.scheme / key.host / key.path.strip("/")
        folder.mkdir(parents=True, exist_ok=True)
        for encoding, variant in entry.variants.items():
            name = f"index-{encoding}.html" if encoding else "index.html"
            self._replace(folder / name, variant.body[0])

    def _replace(self, path: Path, body: bytes) -> None:
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            os.fchmod(file.fileno(), 0o644)
        # nginx makes the ETag of a file from its time and size. Two edits within one second may
        # have one size, so the time is made from the words instead.
        os.utime(name, (mark(body), mark(body)))
        os.replace(name, path)
