"""A cache backend for values that hold until the next change."""

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection

from home.page_cache import generation

# The generation of the values in each cache, by its name. Those of earlier ones are removed.
_numbers: dict[str, int] = {}


class UntilChangeCache(LocMemCache):
    """
    A cache in the process's memory whose version is the generation (see `generation`).

    `caches["until_change"].get_or_set(key, function)` calls the function again after each change
    that a reader could notice. Nothing is kept inside a transaction, which sees changes that are
    not committed yet, nor while the generation is unknown.
    """

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(name, params)
        self.name = name

    def get_or_set(
        self, key: Any, default: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> Any:
        """Return the value of a key, or else `default`, which is called if it is callable."""
        # Read before `default` is called, so that a change meanwhile invalidates the value.
        number = self.current()
        if number is None:
            return default() if callable(default) else default
        if _numbers.get(self.name) != number:
            self.clear()
            _numbers[self.name] = number
        return super().get_or_set(key, default, timeout, version=number)

    def current(self) -> int | None:
        """Return the current generation, or None if nothing may be kept."""
        return None if connection.in_atomic_block else generation.current()

    def validate_key(self, key: str) -> None:
        """Accept any key. Only memcached limits them."""
