"""A log handler that repeats a message, such as that of an outage, only once a minute."""

import logging
import sys
import threading
import time
from dataclasses import dataclass

# How often a message that keeps coming is written, and after how long it is over, in seconds.
MINUTE = 60
# How many different messages are counted; all further ones count as one.
LIMIT = 500
# Loggers whose messages contain the request's path, and so differ for the same fault.
REQUEST_LOGGERS = ("django.request", "django.security")


@dataclass
class State:
    """A message that may come again, with when it came first and last, and was written last."""

    message: str
    began: float
    last: float
    written: float
    times: int = 1


def identity(record: logging.LogRecord) -> tuple[object, ...]:
    """Return what messages about the same fault have in common: their place and their text."""
    key: tuple[object, ...] = (record.name, record.pathname, record.lineno)
    if record.exc_info and record.exc_info[1]:
        kind, error, traceback = record.exc_info
        while traceback and traceback.tb_next:
            traceback = traceback.tb_next
        if traceback:
            key += (traceback.tb_frame.f_code.co_filename, traceback.tb_lineno)
        key += (kind, str(error).partition("\n")[0])
    if not record.name.startswith(REQUEST_LOGGERS):
        key += (record.getMessage(),)
    return key


class SparingHandler(logging.StreamHandler):
    """
    Write a message to the standard error stream when it is new, once a minute while it keeps
    coming, and once more when it has not come for a minute.

    Messages with the same traceback or from the same line are the same, whatever the request.
    """

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self._states: dict[tuple[object, ...], State] = {}
        self._watcher: threading.Timer | None = None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            key = identity(record)
        except Exception:
            self.handleError(record)
            return
        now = time.monotonic()
        if key not in self._states and len(self._states) >= LIMIT:
            key = ("others",)
        state = self._states.get(key)
        if state is None:
            self._states[key] = State(record.getMessage(), now, now, now)
            super().emit(record)
            self._watch()
            return
        state.times += 1
        state.last = now
        if now - state.written >= MINUTE:
            state.written = now
            self._say(record, f"It goes on, {self._extent(state)}: {record.getMessage()}")

    def look(self) -> None:
        """Write which messages have stopped. Called by a timer."""
        self.acquire()
        try:
            self._watcher = None
            now = time.monotonic()
            for key, state in list(self._states.items()):
                if now - state.last >= MINUTE:
                    del self._states[key]
                    if state.times > 1:
                        over = {"name": __name__, "levelno": logging.WARNING}
                        record = logging.makeLogRecord({**over, "levelname": "WARNING"})
                        self._say(record, f"It is over, {self._extent(state)}: {state.message}")
            if self._states:
                self._watch()
        finally:
            self.release()

    def _watch(self) -> None:
        if self._watcher is None:
            self._watcher = threading.Timer(MINUTE / 4, self.look)
            self._watcher.daemon = True
            self._watcher.start()

    def _extent(self, state: State) -> str:
        return f"{state.times} times in {state.last - state.began:.0f} s"

    def _say(self, record: logging.LogRecord, words: str) -> None:
        record = logging.makeLogRecord({**record.__dict__, "msg": words, "args": ()})
        # The traceback was written with the first message.
        record.exc_info = record.exc_text = record.stack_info = None
        super().emit(record)
