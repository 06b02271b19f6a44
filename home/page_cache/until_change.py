"""A backend of Django's cache for what is worked out once after each change."""

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection

from home.page_cache import generation

# The number for which each cache, by its name, has values: those of an earlier one are of no use.
_numbers: dict[str, int] = {}


class UntilChangeCache(LocMemCache):
    """
    A cache in the process's memory whose version is the number of the last change.

    `caches["until_change"].get_or_set(key, work_out)` works a value out again after each change
    that a reader could notice. Nothing is kept inside a transaction, which sees what nobody else
    may see yet, nor while the number is not known.
    """

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(name, params)
        self.name = name

    def get_or_set(
        self, key: Any, default: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> Any:
        """Return the value of a key, or work it out; `default` is a callable or a value."""
        # Asked before the value is worked out, so that a change in between makes it old.
        number = self.current()
        if number is None:
            return default() if callable(default) else default
        if _numbers.get(self.name) != number:
            self.clear()
            _numbers[self.name] = number
        return super().get_or_set(key, default, timeout, version=number)

    def current(self) -> int | None:
        """Return the number of the last change; None when nothing may be kept."""
        return None if connection.in_atomic_block else generation.current()

    def validate_key(self, key: str) -> None:
        """Accept any key: only memcached would not."""
