"""The WSGI application with its page cache, as the settings describe it."""

import logging

from django.conf import settings
from django.urls import reverse

from blog.schedule.due import remembered_next_moment
from home.page_cache import generation, watch
from home.page_cache.warm import Warmer
from home.page_cache.wsgi import Application, PageCache

logger = logging.getLogger(__name__)


def with_page_cache(application: Application) -> Application:
    """Return Django's application behind a page cache, or as it is if PAGE_CACHE_MB is 0."""
    if not settings.PAGE_CACHE_MB:
        return application
    # Earlier processes may have rendered pages with older code, or may have been killed before
    # they purged the cache in front.
    watch.bump()
    try:
        counter = generation.shared()
    except OSError:
        logger.exception("No page is kept: DATA_DIR cannot be written to. Restart when it can.")
        return application
    cache = PageCache(
        application,
        megabytes=settings.PAGE_CACHE_MB,
        skipped=(
            *(settings.STATIC_URL, settings.MEDIA_URL, "/documents/", "/health/", "/sitemap-news"),
            *(reverse("wagtailadmin_home"), reverse("search")),
        ),
        counter=counter,
        next_moment=remembered_next_moment,
    )
    Warmer(cache).start()
    return cache
