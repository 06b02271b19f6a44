"""
Bodies of requests are complete before Django sees them, one at a time.

The server gives each request one of two threads, and reading waits for the client. So one thread
is left to the readers, whatever arrives how slowly. nginx collects bodies itself; this is for sites
without it.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from typing import IO, Any

from django.conf import settings

LARGEST = 32 * 1024 * 1024  # bytes, as in deploy/nginx.conf
PIECE = 4096
# In seconds: how long another body may hold this one up, and how long one may take, with its size.
HELD_UP = 0.1
SLOW = 10.0
BYTES_IN_A_SECOND = 64 * 1024
# Has at most one of the process's threads, which reads a body.
READING = threading.Semaphore(1)

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def read(stream: Any, length: int) -> IO[bytes] | None:
    """Return a body as a file, or None if it comes too slowly."""
    # Closed when the last reference to it goes, as an answer may be streamed.
    file = tempfile.SpooledTemporaryFile(max_size=1024 * 1024)  # noqa: SIM115
    deadline = time.monotonic() + SLOW + length / BYTES_IN_A_SECOND
    while length and (piece := stream.read(min(PIECE, length))):
        file.write(piece)
        length -= len(piece)
        if time.monotonic() > deadline:
            return None
    file.seek(0)
    return file


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
        elif not READING.acquire(timeout=HELD_UP):
            status = "503 Service Unavailable"
        else:
            try:
                body = read(environ["wsgi.input"], length)
            finally:
                READING.release()
            if body is not None:
                environ["wsgi.input"] = body
                return application(environ, start_response)
            status = "408 Request Timeout"
        reason = f"{status}\n".encode()
        headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(reason)))]
        headers += [("Connection", "close"), ("Retry-After", "5"), *settings.PAGE_HEADERS.items()]
        start_response(status, headers)
        return [reason]

    return answer
