"""
Cached pages as files, from which nginx answers by itself (see deploy/nginx.conf).

A page is written to `pages/<generation>/<scheme>/<host>/<path>/index.html`, and compressed to
`index-br.html` and `index-gzip.html` beside it; a feed to `index.xml` or `index.json`.
`pages/current` is a symbolic link to the folder of the current generation. Changing the link
invalidates all files in one step, and a page whose rendering began before that is written to a
folder that nginx does not read any more.
"""

import contextlib
import logging
import os
import re
import shutil
import tempfile
import threading
from pathlib import Path

from django.conf import settings
from django.utils.http import http_date

from home.page_cache.key import Key
from home.page_cache.store import FEED_TYPES, Entry, Variant

logger = logging.getLogger(__name__)

# The longest name of a file on the file systems of Linux, in bytes.
LONGEST_NAME = 255
# With the setting PAGE_HEADERS, the headers that deploy/nginx.conf sends with files of each
# extension, and Last-Modified with feeds. Other answers are not written to files.
ALWAYS = {"vary": "Accept-Encoding, Cookie", "cache-control": "no-cache"}
OF_FEEDS = ALWAYS | {"access-control-allow-origin": "*"}
HEADERS = {
    "html": {
        **ALWAYS,
        "content-type": "text/html; charset=utf-8",
        "speculation-rules": '"/speculation-rules.json"',
    },
    "xml": OF_FEEDS | {"content-type": FEED_TYPES[0]},
    "json": OF_FEEDS | {"content-type": FEED_TYPES[1]},
}
# Headers that nginx makes itself, or that are set in its configuration.
OWN_HEADERS = {"content-length", "etag", "strict-transport-security", "x-page-cache"}
# The addresses for which nginx looks for a file.
PATH = re.compile(r"/(?:[A-Za-z0-9_~-][A-Za-z0-9_.~-]*/)*")


class PageFiles:
    """The files of all generations, and the link to those of the current one."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def switch_to(self, generation: int) -> None:
        """
        Let nginx find only the files of `generation`, unless it finds those of a newer one.

        If the new link cannot be made, for want of room, remove the old one.
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
                self.hide()
            except OSError:
                logger.exception("Stop nginx: it answers with old pages from %s.", self.root)

    def are_outdated(self, generation: int) -> bool:
        """Return whether nginx finds the files of an earlier generation."""
        try:
            return int(os.readlink(self.root / "current")) < generation
        except FileNotFoundError:
            return False

    def hide(self) -> None:
        """Let nginx find no file until `switch_to` is called."""
        (self.root / "current").unlink(missing_ok=True)

    def remove_old(self, generation: int) -> None:
        """Delete the files of earlier generations."""
        for folder in self.root.glob("[0-9]*"):
            if int(folder.name) < generation:
                shutil.rmtree(folder, ignore_errors=True)

    def write(self, key: Key, entry: Entry) -> None:
        """Write a page in each encoding, if nginx would send the same headers as the site."""
        plain = entry.variants[""]
        headers = {k.lower(): v for k, v in plain.headers if k.lower() not in OWN_HEADERS}
        # nginx has no times before 1970.
        date = {"last-modified": http_date(max(plain.modified, 0))}
        for extension, own in HEADERS.items():
            if headers == own | (date if extension != "html" else {}) | settings.PAGE_HEADERS:
                break
        else:
            return
        names = key.path.split("/")
        if not PATH.fullmatch(key.path) or any(len(name) > LONGEST_NAME for name in names):
            return
        folder = self.root / str(entry.generation) / key.scheme / key.host / key.path.strip("/")
        folder.mkdir(parents=True, exist_ok=True)
        for encoding, variant in entry.variants.items():
            stem = f"index-{encoding}" if encoding else "index"
            self._replace(folder / f"{stem}.{extension}", variant)

    def _replace(self, path: Path, variant: Variant) -> None:
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(variant.body[0])
            os.fchmod(file.fileno(), 0o644)
        # nginx makes the ETag of a file from its time and size. Two versions written within one
        # second may have the same size, so the time depends on the content.
        os.utime(name, (variant.modified, variant.modified))
        os.replace(name, path)
