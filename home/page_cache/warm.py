"""Makes the pages that most readers ask for again after a change, and forgets all in time."""

import gc
import io
import logging
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.db import close_old_connections

from blog.models import BlogIndexPage
from blog.visibility import public
from home.models import HomePage
from home.page_cache import watch
from home.page_cache.wsgi import LIFE

logger = logging.getLogger(__name__)

# How often the generation is looked at, in seconds.
PAUSE = 0.1
# While changes follow each other, pages are warmed after so many seconds all the same.
LONGEST_WAIT = 2.0
# Between two pages, in seconds: readers who wait for another page go first.
GAP = 0.02
NEWEST = 5
# How long the publisher may take for what is due before others forget it for it, in seconds.
GRACE = 1.0


def addresses() -> Iterator[str]:
    """The paths that are warmed: front page, lists, feeds and the newest posts."""
    for page in public(HomePage.objects.all()):
        yield page.url
    for blog in public(BlogIndexPage.objects.all()):
        yield blog.url
        yield blog.url + blog.reverse_subpage("feed")
        for post in blog.newest(NEWEST).for_links():
            yield post.url


def spare_collector() -> None:
    """
    Let Python's garbage collector pass over what is there now, which stays for good.

    Else it goes through all of it from time to time, for some tenths of a second in which no
    reader is answered.
    """
    gc.collect()
    gc.freeze()


class Warmer:
    """
    Watches the generation in a thread of its own and asks the site for `addresses`.

    It watches the clock, too: what was made before something expires is not served after it, even
    if no publisher runs; and nothing for longer than `LIFE`.
    """

    def __init__(self, cache) -> None:
        self.cache = cache
        self._started = threading.Lock()
        # The number, since when it holds, and the one for which pages were warmed.
        self._seen: int | None = None
        self._since = 0.0
        self._warmed: int | None = None
        # Since when a change waits to be followed by no other, by the monotonic clock.
        self._waiting: float | None = None
        # The last planned moment that has passed.
        self._passed: float | None = None

    def start(self) -> None:
        """Start watching, once in each process."""
        if self._started.acquire(blocking=False):
            threading.Thread(target=self.run, name="page-cache-warmer", daemon=True).start()

    def run(self) -> None:
        while True:
            try:
                self.look()
            except Exception:
                logger.exception("The front pages were not warmed.")
            finally:
                close_old_connections()
            time.sleep(PAUSE)

    def look(self) -> None:
        """Look at the number once; warm when it was the same twice, or changes on and on."""
        if self.cache.counter.bury():
            # The process that died did not empty the cache in front either.
            watch.committed.send_robust(sender=None)
        now = self.cache.counter.current()
        if now is None:
            return
        if now == self._warmed:
            # By now a render has asked what is planned.
            self.forget_in_time(now, self._since)
            return
        if now != self._seen:
            self._seen, self._since = now, time.time()
            self._waiting = self._waiting or time.monotonic()
            # Another change may follow at once, and readers who wait for a page go first.
            if time.monotonic() - self._waiting < LONGEST_WAIT:
                return
        is_first, self._warmed, self._waiting = self._warmed is None, now, None
        try:
            self.warm(now)
        finally:
            if is_first:
                spare_collector()

    def forget_in_time(self, now: int, since: float) -> None:
        """
        Forget what the clock has made untrue; the number `now` has held `since` that time.

        Pages in memory end by themselves at the moment that was planned when they were made. Files
        do not, and what was planned later is not known to either.
        """
        files, present = getattr(self.cache.counter, "files", None), time.time()
        moment = self.cache.planned(now)
        is_due = moment is not None and moment <= present
        if files:
            if is_due:
                files.close()
            else:
                files.turn_to(now)
        if (is_due and moment != self._passed and moment + GRACE < present) or (
            files and since + LIFE < present
        ):
            self._passed = moment
            self.cache.counter.bump()

    def warm(self, now: int) -> None:
        base = urlsplit(settings.BASE_URL)
        if files := getattr(self.cache.counter, "files", None):
            files.clear_old(now)
        paths = [urlsplit(address).path for address in addresses() if address]
        for path in paths:
            # Something newer is on its way: what would be made now is already old.
            if self.cache.counter.current() != now:
                return
            self.ask(base.scheme, base.netloc, path)
            time.sleep(GAP)

    def ask(self, scheme: str, host: str, path: str) -> None:
        name, _, port = host.partition(":")
        environ = {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": path.encode().decode("latin-1"),
            "QUERY_STRING": "",
            "SERVER_NAME": name,
            "SERVER_PORT": port or ("443" if scheme == "https" else "80"),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": host,
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": scheme,
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        if settings.SECURE_PROXY_SSL_HEADER:
            header, value = settings.SECURE_PROXY_SSL_HEADER
            environ[header] = value if scheme == "https" else "http"
        response = self.cache(environ, lambda *_: None)
        if hasattr(response, "close"):
            response.close()
