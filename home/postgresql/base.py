"""Django's PostgreSQL backend, which does not wait for ever in a web process."""

import functools
import time
from typing import Any

from django.db import DatabaseError, OperationalError
from django.db.backends.postgresql import base

# How long a web process waits for the answer to a statement, in seconds. Health, and readers whose
# pages are kept, wait behind those who wait for a database that hangs.
PATIENCE = 10
# For how long nobody else tries to connect after somebody began to in vain, in seconds.
PAUSE = 2


class DatabaseWrapper(base.DatabaseWrapper):
    """
    A connection to PostgreSQL that fails if there is no answer within `patience` seconds.

    While PostgreSQL is away one thread of a process tries to connect; the others fail at once.
    """

    # Commands, such as migrations and imports, may wait for long: only web processes set it.
    patience: float | None = None
    # When to try again after a failure.
    retry_at: float | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if self.patience is None:
            return super().get_new_connection(conn_params)
        process = DatabaseWrapper
        if process.retry_at is not None:
            if time.monotonic() < process.retry_at:
                raise OperationalError("PostgreSQL did not answer a moment ago.")
            process.retry_at = time.monotonic() + conn_params["connect_timeout"] + PAUSE
        try:
            connection = super().get_new_connection(conn_params)
        except (self.Database.Error, DatabaseError):
            process.retry_at = time.monotonic() + PAUSE
            raise
        process.retry_at = None
        connection.wait = functools.partial(connection.wait, timeout=self.patience)
        return connection
