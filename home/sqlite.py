"""
Wait for SQLite's write lock in Python, and not inside SQLite.

A thread that waits inside SQLite holds the mutex of its connection. If the garbage collector of a
second thread finds a cursor of that connection, the second thread waits for that mutex while it
holds Python's global lock. If it also holds the write lock, the whole process hangs until the first
thread's wait times out.
"""

import os
import random
import time
from contextlib import suppress
from typing import Any

from django.db import OperationalError

# How long a writer waits for the lock, in seconds.
PATIENCE = 20
# The pause between two attempts, in seconds. Random, so that the waiting do not retry in step.
PAUSES = (0.002, 0.02)


def wait_for_lock(execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Retry a statement until the lock is free. An execute wrapper of a database connection."""
    if context["connection"].in_atomic_block:
        # Transactions take the lock when they begin (BEGIN IMMEDIATE).
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
    """Add the wrapper to a new connection, and let nobody else read the database's file."""
    if connection.vendor == "sqlite" and wait_for_lock not in connection.execute_wrappers:
        connection.execute_wrappers.append(wait_for_lock)
        # nginx must be allowed to read the folder. SQLite gives its other files the same mode.
        with suppress(OSError):
            os.chmod(connection.settings_dict["NAME"], 0o600)
