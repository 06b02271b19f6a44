"""Makes the pages that most readers ask for again, as soon as something was changed."""

import io
import logging
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.db import close_old_connections

from blog.models import BlogIndexPage
from home.models import HomePage

logger = logging.getLogger(__name__)

# How often the generation is looked at, in seconds.
PAUSE = 0.1
# Between two pages, in seconds: readers who wait for another page go first.
GAP = 0.02
NEWEST = 5


def addresses() -> Iterator[str]:
    """The paths that are warmed: front page, lists, feeds and the newest posts."""
    for page in HomePage.objects.live().public():
        yield page.url
    for blog in BlogIndexPage.objects.live().public():
        yield blog.url
        yield blog.url + blog.reverse_subpage("feed")
        for post in blog.newest(NEWEST):
            yield post.url


class Warmer:
    """Watches the generation in a thread of its own and asks the site for `addresses`."""

    def __init__(self, cache) -> None:
        self.cache = cache
        self._started = threading.Lock()

    def start(self) -> None:
        """Start watching, once in each process."""
        if self._started.acquire(blocking=False):
            threading.Thread(target=self.run, name="page-cache-warmer", daemon=True).start()

    def run(self) -> None:
        seen = None
        while True:
            try:
                self.cache.counter.bury()
                now = self.cache.counter.current()
                if now is not None and now != seen:
                    seen = now
                    self.warm(now)
            except Exception:
                logger.exception("The front pages were not warmed.")
            time.sleep(PAUSE)

    def warm(self, now: int) -> None:
        base = urlsplit(settings.BASE_URL)
        if files := getattr(self.cache.counter, "files", None):
            files.clear_old(now)
        try:
            paths = [urlsplit(address).path for address in addresses() if address]
        finally:
            close_old_connections()
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
