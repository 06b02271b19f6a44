"""A cache in Redis without which the site works: slower, and never with what is no longer true."""

import logging
import threading
import time
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from django.core.cache.backends import redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# For how long Redis is left alone after it failed, in seconds; and in times of what the attempt
# took, as to look up a name that nobody answers for can take many.
PAUSE = 1
RELIEF = 10


class Outage:
    """What the threads of a process know of a Redis server that failed."""

    def __init__(self) -> None:
        self.is_on = False
        self.until = 0.0
        self.lock = threading.Lock()

    def begin(self, error: Exception, took: float) -> None:
        if not self.is_on:
            logger.error("The cache is away, and all is worked out anew: %s", error)
        self.until = time.monotonic() + max(PAUSE, RELIEF * took)
        self.is_on = True

    def end(self) -> None:
        self.is_on = False
        logger.warning("The cache is back, and empty.")


@cache
def outage_of(servers: str) -> Outage:
    return Outage()


def forgiving(name: str, fallback: Callable[..., Any]) -> Callable[..., Any]:
    """Return Django's method of this name, which returns `fallback(…)` while Redis is away."""
    method = getattr(redis.RedisCache, name)

    @wraps(method)
    def forgiven(self: "RedisCache", *args: Any, **kwargs: Any) -> Any:
        if self.outage.is_on and not self.is_back():
            return fallback(*args, **kwargs)
        began = time.monotonic()
        try:
            return method(self, *args, **kwargs)
        except (RedisError, OSError) as error:
            self.outage.begin(error, time.monotonic() - began)
            return fallback(*args, **kwargs)

    return forgiven


def no_number(key: Any, *args: Any, **kwargs: Any) -> int:
    raise ValueError(f"Key '{key}' not found")


class RedisCache(redis.RedisCache):
    """
    Django's cache in Redis, which answers as an empty one while Redis is away.

    What was deleted or changed meanwhile is not known to Redis, so that the cache is emptied when
    it is back, before anything is read from it.
    """

    @property
    def outage(self) -> Outage:
        return outage_of(str(self._servers))

    def is_back(self) -> bool:
        """Return whether Redis answers again; only one thread asks, and no other waits for it."""
        outage = self.outage
        if time.monotonic() < outage.until or not outage.lock.acquire(blocking=False):
            return False
        began = time.monotonic()
        try:
            super().clear()
        except (RedisError, OSError) as error:
            outage.begin(error, time.monotonic() - began)
            return False
        else:
            outage.end()
            return True
        finally:
            outage.lock.release()

    add = forgiving("add", lambda *args, **kwargs: False)
    clear = forgiving("clear", lambda *args, **kwargs: False)
    delete = forgiving("delete", lambda *args, **kwargs: False)
    delete_many = forgiving("delete_many", lambda *args, **kwargs: None)
    get = forgiving("get", lambda key, default=None, version=None: default)
    get_many = forgiving("get_many", lambda *args, **kwargs: {})
    has_key = forgiving("has_key", lambda *args, **kwargs: False)
    incr = forgiving("incr", no_number)
    set = forgiving("set", lambda *args, **kwargs: None)
    set_many = forgiving("set_many", lambda data, *args, **kwargs: list(data))
    touch = forgiving("touch", lambda *args, **kwargs: False)
