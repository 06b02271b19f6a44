"""
The generation: one number that grows with every change that a reader could notice.

A page is kept together with the generation that was current when rendering it began. It is served
only while that generation is still the current one.
"""

import logging
from functools import cache
from pathlib import Path
from typing import Protocol

import redis
from django.conf import settings

from home.page_cache.file_generation import FileGeneration
from home.page_cache.files import PageFiles
from home.page_cache.redis_generation import RedisGeneration

logger = logging.getLogger(__name__)


class Generation(Protocol):
    files: PageFiles | None

    def current(self) -> int | None:
        """Return the current number, or None if it is unknown and nothing may be kept."""

    def begin_change(self) -> None:
        """Note that this thread is about to change something and will call `bump`."""

    def bump(self) -> None:
        """Invalidate everything that was kept, in every process."""

    def bump_for_dead_processes(self) -> bool:
        """Bump for each process that died between `begin_change` and `bump`; return if any did."""

    def is_shared(self) -> bool:
        """Return whether a process that starts now would read the same number."""


@cache
def generation_for(folder: Path, shared: str, has_files: bool, location: str) -> Generation:
    """
    Return the generation of a folder, or of the Redis server at `location`.

    There is one object for each, as `bump` must be called on the object that `begin_change` was
    called on, even if a test changes the settings in between.
    """
    files = PageFiles(folder / "pages") if has_files else None
    if shared == "redis":
        client = redis.Redis.from_url(location, socket_timeout=0.5, socket_connect_timeout=0.5)
        return RedisGeneration(client, files)
    return FileGeneration(folder / "generation", files)


def shared() -> Generation:
    """Return the generation that all processes of this site share."""
    location = settings.CACHES["default"].get("LOCATION", "")
    return generation_for(
        settings.DATA_DIR,
        settings.PAGE_CACHE_SHARED,
        settings.PAGE_CACHE_FILES,
        # Django writes to the first of several servers.
        location[0] if isinstance(location, list) else location,
    )


def current() -> int | None:
    """Return the current number, or None if it cannot be read."""
    try:
        return shared().current()
    except OSError:
        return None


def begin_change() -> None:
    """Note that a change is about to be made, in case this process dies before it calls `bump`."""
    try:
        shared().begin_change()
    except Exception:
        logger.exception("Should this process be killed now, kept pages may be an hour old.")


def bump() -> None:
    """Invalidate every kept page. A failure is logged and does not undo the change itself."""
    try:
        shared().bump()
    except Exception:
        logger.exception("Kept pages could not be forgotten; restart the servers to forget them.")
