"""What the site writes to its log; a state that lasts, as a database that is away, in few lines."""

import logging
import sys
import threading
import time
from dataclasses import dataclass

# How often what goes on is said again, and after how long a silence it is over, in seconds.
MINUTE = 60
# How many different messages are told apart; what comes beyond them is one more.
LIMIT = 500
# Of these each request has a message of its own.
OF_REQUESTS = ("django.request", "django.security")


@dataclass
class State:
    """A message that may come again: since when, when it came last, and when it was written."""

    message: str
    began: float
    last: float
    written: float
    times: int = 1


def sign_of(record: logging.LogRecord) -> tuple[object, ...]:
    """Return what messages about the same state have in common: where it shows, and as what."""
    sign: tuple[object, ...] = (record.name, record.pathname, record.lineno)
    if record.exc_info and record.exc_info[1]:
        kind, error, traceback = record.exc_info
        while traceback and traceback.tb_next:
            traceback = traceback.tb_next
        if traceback:
            sign += (traceback.tb_frame.f_code.co_filename, traceback.tb_lineno)
        sign += (kind, str(error).partition("\n")[0])
    if not record.name.startswith(OF_REQUESTS):
        sign += (record.getMessage(),)
    return sign


class SparingHandler(logging.StreamHandler):
    """
    Writes to the standard error stream what is new; what lasts, once a minute, and its end.

    A message with the same traceback, or from the same line, is about the same state, whichever
    the request. It has ended when it did not come for a minute.
    """

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self._states: dict[tuple[object, ...], State] = {}
        self._watcher: threading.Timer | None = None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sign = sign_of(record)
        except Exception:
            self.handleError(record)
            return
        now = time.monotonic()
        if sign not in self._states and len(self._states) >= LIMIT:
            sign = ("others",)
        state = self._states.get(sign)
        if state is None:
            self._states[sign] = State(record.getMessage(), now, now, now)
            super().emit(record)
            self._watch()
            return
        state.times += 1
        state.last = now
        if now - state.written >= MINUTE:
            state.written = now
            self._say(record, f"It goes on, {self._extent(state)}: {record.getMessage()}")

    def look(self) -> None:
        """Write what has ended. Called in a thread of its own now and then."""
        self.acquire()
        try:
            self._watcher = None
            now = time.monotonic()
            for sign, state in list(self._states.items()):
                if now - state.last >= MINUTE:
                    del self._states[sign]
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
        # The traceback was written when it began.
        record.exc_info = record.exc_text = record.stack_info = None
        super().emit(record)
