"""
What is worked out once and holds until a reader could notice a change.

The number of the last change (`stamp`) is asked before the working out begins, and an answer is
used only while the same number holds. Without a number nothing is remembered.
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections

Value = TypeVar("Value")

# How many answers are remembered: those longest unused are forgotten first.
LIMIT = 2000

_stamp: Callable[[], Hashable | None] = lambda: None  # noqa: E731
_answers: OrderedDict[Hashable, tuple[Hashable, Any, float]] = OrderedDict()
_lock = threading.Lock()
_own = threading.local()


def is_in_transaction() -> bool:
    """Whether this thread has begun a transaction."""
    try:
        connection = _own.connection
    except AttributeError:
        # A page asks dozens of times, and to find it takes longer than all the rest here.
        connection = _own.connection = connections[DEFAULT_DB_ALIAS]
    return connection.in_atomic_block


def forget_connection() -> None:
    """For whoever puts another connection in the place of this thread's."""
    vars(_own).clear()


def follow(stamp: Callable[[], Hashable | None]) -> None:
    """Take the number of the last change from `stamp`; None means that nobody knows it."""
    global _stamp
    _stamp = stamp
    _answers.clear()


def remembered(key: Hashable, make: Callable[[], Value], seconds: float = 0) -> Value:
    """
    What `make` returned under this key since the last change. Do not change what you get.

    With `seconds`, it is worked out again when so much time has passed.
    """
    # Inside a transaction one sees what nobody else may see yet.
    now = None if is_in_transaction() else _stamp()
    if now is None:
        return make()
    kept = _answers.get(key)
    present = time.monotonic()
    if kept is not None and kept[0] == now and present < kept[2]:
        return kept[1]
    value = make()
    with _lock:
        _answers[key] = (now, value, present + seconds if seconds else math.inf)
        _answers.move_to_end(key)
        while len(_answers) > LIMIT:
            _answers.popitem(last=False)
    return value
