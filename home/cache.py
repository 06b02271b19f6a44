"""A cache in Redis that the site can do without while Redis is away."""

import logging
import threading
import time
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from django.core.cache.backends import redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# How long Redis is not asked after it failed: in seconds, or this many times as long as the attempt
# took, if that is longer. To resolve an unknown host name can take many seconds.
PAUSE = 1
PAUSE_FACTOR = 10


class Outage:
    """The state of a Redis server, shared by the threads of a process."""

    def __init__(self) -> None:
        self.is_on = False
        self.until = 0.0
        self.lock = threading.Lock()

    def begin(self, error: Exception, duration: float) -> None:
        if not self.is_on:
            logger.error("The cache is away, and all is worked out anew: %s", error)
        self.until = time.monotonic() + max(PAUSE, PAUSE_FACTOR * duration)
        self.is_on = True

    def end(self) -> None:
        self.is_on = False
        logger.warning("The cache is back, and empty.")


@cache
def outage_of(servers: str) -> Outage:
    """Return the one outage object of a server."""
    return Outage()


def with_fallback(name: str, fallback: Callable[..., Any]) -> Callable[..., Any]:
    """Return Django's method of this name, calling `fallback` instead while Redis is away."""
    method = getattr(redis.RedisCache, name)

    @wraps(method)
    def wrapper(self: "RedisCache", *args: Any, **kwargs: Any) -> Any:
        if self.outage.is_on and not self.is_back():
            return fallback(*args, **kwargs)
        began = time.monotonic()
        try:
            return method(self, *args, **kwargs)
        except (RedisError, OSError) as error:
            self.outage.begin(error, time.monotonic() - began)
            return fallback(*args, **kwargs)

    return wrapper


def raise_not_found(key: Any, *args: Any, **kwargs: Any) -> int:
    raise ValueError(f"Key '{key}' not found")


class RedisCache(redis.RedisCache):
    """
    Django's Redis cache, which behaves as an empty cache while Redis is away.

    Redis misses what is deleted or changed meanwhile, so the cache is cleared when Redis is back,
    before anything is read from it.
    """

    @property
    def outage(self) -> Outage:
        return outage_of(str(self._servers))

    def is_back(self) -> bool:
        """Return whether Redis answers again. One thread asks; the others do not wait for it."""
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

    add = with_fallback("add", lambda *args, **kwargs: False)
    clear = with_fallback("clear", lambda *args, **kwargs: False)
    delete = with_fallback("delete", lambda *args, **kwargs: False)
    delete_many = with_fallback("delete_many", lambda *args, **kwargs: None)
    get = with_fallback("get", lambda key, default=None, version=None: default)
    get_many = with_fallback("get_many", lambda *args, **kwargs: {})
    has_key = with_fallback("has_key", lambda *args, **kwargs: False)
    incr = with_fallback("incr", raise_not_found)
    set = with_fallback("set", lambda *args, **kwargs: None)
    set_many = with_fallback("set_many", lambda data, *args, **kwargs: list(data))
    touch = with_fallback("touch", lambda *args, **kwargs: False)
