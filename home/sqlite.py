"""
Waits for SQLite's write lock here, and not inside SQLite.

A thread that waits inside holds its connection. When another thread's garbage collector then meets
a cursor of that connection, it waits for it with Python's own lock in its hands, and if that thread
is the one that holds the write lock, the whole process stands still until the waiting is over.
"""

import random
import time
from typing import Any

from django.db import OperationalError

# How long a writer waits for those before it, in seconds.
PATIENCE = 20
# Between two tries, in seconds; at random, so that those who wait do not march in step.
PAUSES = (0.002, 0.02)


def wait_for_lock(execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """An execute wrapper (django.db.backends.base) that tries again what found the lock taken."""
    if context["connection"].in_atomic_block:
        # In a transaction it has the lock already: they begin with it.
        return execute(sql, params, many, context)
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return execute(sql, params, many, context)
        except OperationalError as error:
            if "database is locked" not in str(error) or time.monotonic() > deadline:
                raise
        time.sleep(random.uniform(*PAUSES))  # noqa: S311


def install(connection: Any, **kwargs: Any) -> None:
    """Receives `connection_created`."""
    if connection.vendor == "sqlite" and wait_for_lock not in connection.execute_wrappers:
        connection.execute_wrappers.append(wait_for_lock)
