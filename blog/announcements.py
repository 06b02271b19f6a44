"""Tells the world of a post that appeared or was changed, if the site is told whom to tell."""

import logging
from threading import Thread

import requests
from django.conf import settings
from django.db import transaction

logger = logging.getLogger(__name__)

INDEXNOW = "https://api.indexnow.org/indexnow"
# How long a service may take to answer, in seconds.
TIMEOUT = 10


def messages(post) -> list[tuple[str, dict]]:
    """What is to be sent about a post: pairs of an address and of `requests.post`'s arguments."""
    sent = []
    url = post.full_url
    if settings.WEBSUB_HUB_URL:
        blog_url = post.blog.full_url
        feeds = [blog_url + "feed/", blog_url + "feed/rss/", blog_url + "feed/json/"]
        data = {"hub.mode": "publish", "hub.url": feeds}
        sent.append((settings.WEBSUB_HUB_URL, {"data": data}))
    if settings.INDEXNOW_KEY and settings.SEARCH_ENGINES:
        host = url.split("/")[2]
        data = {"host": host, "key": settings.INDEXNOW_KEY, "urlList": [url]}
        sent.append((INDEXNOW, {"json": data}))
    return sent


def send(sent) -> None:
    """Send what `messages` made; a service that does not answer is logged and not waited for."""
    for address, arguments in sent:
        try:
            requests.post(address, timeout=TIMEOUT, **arguments).raise_for_status()
        except requests.RequestException as error:
            logger.warning("%s was not told of a post: %s", address, error)


def announce(post) -> None:
    """Tell of a post once its publishing is in the database, without delaying its editor."""
    if post.get_view_restrictions().exists():
        return
    sent = messages(post)
    if sent:
        transaction.on_commit(Thread(target=send, args=(sent,), daemon=False).start)
