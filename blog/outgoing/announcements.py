"""Notifies a WebSub hub and IndexNow of new, changed and removed posts, if they are configured."""

import logging
import threading
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.db import transaction

from blog.fetching import fetch
from blog.visibility import is_restricted

logger = logging.getLogger(__name__)

INDEXNOW = "https://api.indexnow.org/indexnow"
# How many addresses one notice may name (https://www.indexnow.org/documentation).
INDEXNOW_LIMIT = 10_000


def feeds(post) -> set[str]:
    """Return the absolute addresses of the feeds that have a post."""
    blog = post.blog
    routes = [("feed", [])]
    routes += [("tag_feed", [tag.slug]) for tag in post.sorted_tags]
    routes += [("author_feed", [author.slug]) for author in post.authors]
    if post.series:
        routes.append(("series_feed", [post.series.slug]))
    paths = [path for name, args in routes for path in blog.get_feed_paths(name, *args)]
    return {blog.full_url + path for path in paths}


def messages(feeds: Iterable[str], pages: Iterable[str]) -> list[tuple[str, dict[str, Any]]]:
    """Return pairs of an address and the arguments of a POST."""
    sent: list[tuple[str, dict[str, Any]]] = []
    if settings.WEBSUB_HUB_URL and feeds:
        data = {"hub.mode": "publish", "hub.url": sorted(feeds)}
        sent.append((settings.WEBSUB_HUB_URL, {"data": data}))
    if settings.INDEXNOW_KEY and settings.SEARCH_ENGINES:
        hosts = defaultdict(list)
        for page in sorted(pages):
            hosts[urlsplit(page).netloc].append(page)
        for host, addresses in hosts.items():
            for start in range(0, len(addresses), INDEXNOW_LIMIT):
                some = addresses[start : start + INDEXNOW_LIMIT]
                data = {"host": host, "key": settings.INDEXNOW_KEY, "urlList": some}
                sent.append((INDEXNOW, {"json": data}))
    return sent


class Announcer:
    """
    Sends notifications in a thread, which ends when nothing is left to send.

    Posts that are added while the thread sends go together into the next message, so an import of a
    thousand posts sends a handful. The process ends only after the thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._feeds: set[str] = set()
        self._pages: set[str] = set()
        self._thread: threading.Thread | None = None

    def notify(self, feeds: set[str], page: str) -> None:
        """Queue the addresses of a page and of the feeds that have it, without waiting."""
        with self._lock:
            self._feeds |= feeds
            self._pages.add(page)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="announcer", daemon=False)
                self._thread.start()

    def _run(self) -> None:
        while True:
            with self._lock:
                feeds, pages = self._feeds, self._pages
                self._feeds, self._pages = set(), set()
                if not pages:
                    self._thread = None
                    return
            for address, arguments in messages(feeds, pages):
                try:
                    fetch("POST", address, **arguments).raise_for_status()
                except requests.RequestException as error:
                    # Not sent again: the services read the site themselves now and then.
                    logger.warning("%s was not told of %s posts: %s", address, len(pages), error)


announcer = Announcer()


def announce(post) -> None:
    """Notify of a post after the transaction is committed, unless the post is private then."""
    if not (settings.WEBSUB_HUB_URL or settings.INDEXNOW_KEY):
        return
    # Now as well, as a post that is deleted takes its restrictions with it.
    if not post.full_url or is_restricted(post):
        return
    found = feeds(post)

    def notify():
        # Wagtail restricts a copy only after it has announced it.
        if not is_restricted(post):
            announcer.notify(found, post.full_url)

    transaction.on_commit(notify, robust=True)
