"""The page cache that the settings describe."""

import logging

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from blog.schedule import next_moment
from home.page_cache import generation, watch
from home.page_cache.warm import Warmer
from home.page_cache.wsgi import Application, PageCache

logger = logging.getLogger(__name__)


def page_cache(application: Application) -> Application:
    """Put the page cache that the settings describe in front of Django's application."""
    if not settings.PAGE_CACHE_MB:
        return application
    skipped = [settings.STATIC_URL, settings.MEDIA_URL]
    for name in settings.PAGE_CACHE_SKIPPED:
        try:
            skipped.append(reverse(name))
        except NoReverseMatch:
            skipped.append(name)
    # What this process runs may be newer than what made the pages of those before it, and one of
    # them may have been killed before it had emptied the cache in front.
    watch.bump()
    try:
        counter = generation.shared()
    except OSError:
        logger.exception("No page is kept: DATA_DIR cannot be written to. Restart when it can.")
        return application
    files = getattr(counter, "files", None)
    cache = PageCache(
        application,
        megabytes=settings.PAGE_CACHE_MB,
        skipped=tuple(skipped),
        counter=counter,
        next_moment=next_moment,
        on_entry=files.write if files else None,
    )
    Warmer(cache).start()
    return cache
