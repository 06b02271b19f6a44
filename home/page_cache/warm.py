"""Render the most read pages again after a change, and expire pages that the clock outdates."""

import gc
import logging
import threading
import time
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.db import close_old_connections

from blog.models import BlogIndexPage
from blog.visibility import public
from home.models import HomePage
from home.page_cache import watch
from home.page_cache.wsgi import MAX_AGE, close

logger = logging.getLogger(__name__)

# How often the generation is read, in seconds.
PAUSE = 0.1
# How long warming is put off while one change follows another, in seconds.
LONGEST_WAIT = 2.0
# The pause between two pages, in seconds, in which waiting readers are answered.
GAP = 0.02
NEWEST = 5
# How late the publisher may be before the pages are expired without it, in seconds.
GRACE = 1.0


def addresses() -> Iterator[str]:
    """Yield the addresses to warm: front page, lists, feeds and the newest posts."""
    for page in public(HomePage.objects.all()):
        yield page.url
    for blog in public(BlogIndexPage.objects.all()):
        yield blog.url
        yield blog.url + blog.reverse_subpage("feed")
        for post in blog.newest(NEWEST).for_links():
            yield post.url


def freeze_collector() -> None:
    """
    Exempt all present objects from garbage collection, as they live as long as the process.

    Otherwise Python goes through all of them from time to time, and answers nobody for some tenths
    of a second.
    """
    gc.collect()
    gc.freeze()


class Warmer:
    """
    Watch the generation in a thread, and request `addresses` after each change.

    Also watch the clock: a page is not served after the moment for which something was scheduled,
    even if no publisher runs, and never for longer than `MAX_AGE`.
    """

    def __init__(self, cache) -> None:
        self.cache = cache
        self._started = threading.Lock()
        # The last number, when it was first seen, and the last number that was warmed for.
        self._seen: int | None = None
        self._since = 0.0
        self._warmed: int | None = None
        # When the first change was seen for which nothing was warmed yet, by the monotonic clock.
        self._waiting: float | None = None
        # The last scheduled moment for which everything was expired.
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
        """Read the number. Warm if it is the same as before, or has been changing for too long."""
        if self.cache.counter.bump_for_dead_processes():
            # The dead process did not purge the cache in front either.
            watch.committed.send_robust(sender=None)
        now = self.cache.counter.current()
        if now is None:
            return
        if now == self._warmed:
            self.expire(now, self._since)
            return
        if now != self._seen:
            self._seen, self._since = now, time.time()
            self._waiting = self._waiting or time.monotonic()
            # Another change may follow at once, and waiting readers are answered first.
            if time.monotonic() - self._waiting < LONGEST_WAIT:
                return
        is_first, self._warmed, self._waiting = self._warmed is None, now, None
        try:
            self.warm(now)
        finally:
            if is_first:
                freeze_collector()

    def expire(self, now: int, since: float) -> None:
        """
        Expire what the clock has outdated; `now` has been the number since the time `since`.

        Pages in memory expire by themselves at the moment that was scheduled when they were
        rendered. Files do not expire, and neither knows of what was scheduled later.
        """
        files, present = self.cache.counter.files, time.time()
        moment = self.cache.scheduled()
        is_due = moment is not None and moment <= present
        if files:
            if is_due:
                files.hide()
            else:
                files.switch_to(now)
        if (is_due and moment != self._passed and moment + GRACE < present) or (
            files and since + MAX_AGE < present
        ):
            self._passed = moment
            self.cache.counter.bump()

    def warm(self, now: int) -> None:
        """Request each of `addresses`, until the number changes."""
        if files := self.cache.counter.files:
            files.remove_old(now)
        # With several sites, Wagtail's addresses are absolute.
        urls = [urlsplit(urljoin(settings.BASE_URL, url)) for url in addresses() if url]
        for url in urls:
            # After another change these pages would be out of date at once.
            if self.cache.counter.current() != now:
                return
            self.request(url.scheme, url.netloc, url.path)
            time.sleep(GAP)

    def request(self, scheme: str, host: str, path: str) -> None:
        """Send the page cache a GET request."""
        name, _, port = host.partition(":")
        environ = {
            "PATH_INFO": path.encode().decode("latin-1"),
            "SERVER_NAME": name,
            "SERVER_PORT": port or ("443" if scheme == "https" else "80"),
            "HTTP_HOST": host,
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.url_scheme": scheme,
        }
        setup_testing_defaults(environ)
        if settings.SECURE_PROXY_SSL_HEADER:
            header, value = settings.SECURE_PROXY_SSL_HEADER
            environ[header] = value if scheme == "https" else "http"
        close(self.cache(environ, lambda *_: None))
