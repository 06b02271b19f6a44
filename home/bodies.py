"""
Bodies of requests are complete before Django sees them, so that slow ones do not hold its threads.

The server gives each request a thread, of which a process has two, and reading waits for the
client. nginx collects bodies itself; this is for sites and clients without it.
"""

import tempfile
import threading
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings

LARGEST = 32 * 1024 * 1024  # bytes, as in deploy/nginx.conf
PIECE = 64 * 1024
# In seconds: how long any body may take, how long a slow one may, and that with its size.
QUICK = 0.05
SLOW = 10.0
BYTES_IN_A_SECOND = 64 * 1024
# How many slow bodies a process waits for, which leaves the other thread to the readers, and how
# many may be arriving at all.
WAITING = threading.Semaphore(1)
ARRIVING = threading.Semaphore(64)

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Body:
    """A body that arrives in a thread of its own, as reading cannot be given up."""

    def __init__(self, stream: Any, length: int) -> None:
        self.stream, self.length = stream, length
        self.file = tempfile.SpooledTemporaryFile(max_size=1024 * 1024)  # noqa: SIM115
        self.is_complete = threading.Event()
        threading.Thread(target=self.read, name="body", daemon=True).start()

    def read(self) -> None:
        try:
            while self.length and (piece := self.stream.read(min(PIECE, self.length))):
                self.file.write(piece)
                self.length -= len(piece)
            self.file.seek(0)
            self.is_complete.set()
        finally:
            ARRIVING.release()

    def arrives(self) -> str:
        """Wait for it. Return the status with which to refuse it, or nothing."""
        allowed = SLOW + self.length / BYTES_IN_A_SECOND
        if self.is_complete.wait(QUICK):
            return ""
        if not WAITING.acquire(blocking=False):
            return "503 Service Unavailable"
        try:
            return "" if self.is_complete.wait(allowed) else "408 Request Timeout"
        finally:
            WAITING.release()


def complete_bodies(application: Application) -> Application:
    """Return an application that gets requests with their whole body, or not at all."""

    def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        text = environ.get("CONTENT_LENGTH") or "0"
        length = int(text) if text.isdecimal() else 0
        if "HTTP_TRANSFER_ENCODING" in environ:
            status = "411 Length Required"
        elif not length:
            return application(environ, start_response)
        elif length > LARGEST:
            status = "413 Content Too Large"
        elif not ARRIVING.acquire(blocking=False):
            status = "503 Service Unavailable"
        else:
            body = Body(environ["wsgi.input"], length)
            if not (status := body.arrives()):
                # Closed when the last reference to it goes, as an answer may be streamed.
                environ["wsgi.input"] = body.file
                return application(environ, start_response)
        text = f"{status}\n".encode()
        headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))]
        headers += [("Connection", "close"), ("Retry-After", "5"), *settings.PAGE_HEADERS.items()]
        start_response(status, headers)
        return [text]

    return answer
