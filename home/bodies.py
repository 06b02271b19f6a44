"""
Bodies of requests are complete before Django sees them, one at a time.

The server gives each request one of two threads, and reading waits for the client. So one thread
is left to the readers, whatever arrives how slowly, and what arrives too slowly is cut off. nginx
collects bodies itself; this is for sites without it.
"""

import contextlib
import os
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from typing import IO, Any

from django.conf import settings

LARGEST = 32 * 1024 * 1024  # bytes, as in deploy/nginx.conf
PIECE = 4096
# How long another body may hold this one up, in seconds.
HELD_UP = 0.1
# What a body may take besides its size, in seconds, and how fast it has to come.
SLOW = 10.0
BYTES_IN_A_SECOND = 64 * 1024
# Where Linux says in its `struct tcp_info` how long ago data was last sent, in milliseconds.
LAST_SENT = 44
# Has at most one of the process's threads, which reads a body.
READING = threading.Semaphore(1)

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def cut(environ: Environ) -> None:
    """
    Close the connections of a request's client to which nothing was sent while it was slow.

    granian does not tell which of them the request came by, and its reading cannot be given up.
    """
    for fd in os.listdir("/proc/self/fd"):
        # Not all of them are connections, and some are closed meanwhile.
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(int(fd))) as connection:
            if not isinstance(connection.getpeername(), tuple):
                continue
            here, there = connection.getsockname()[1], connection.getpeername()[0]
            if (str(here), there) == (environ["SERVER_PORT"], environ["REMOTE_ADDR"]):
                facts = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, LAST_SENT + 4)
                # A little less, as the two clocks are not read at once.
                if struct.unpack_from("I", facts, LAST_SENT)[0] > 0.9 * SLOW * 1000:
                    connection.shutdown(socket.SHUT_RDWR)


def read(environ: Environ, length: int) -> IO[bytes] | None:
    """Return the body of a request as a file, or None if it ends early or comes too slowly."""
    # Closed when the last reference to it goes, as an answer may be streamed.
    file = tempfile.SpooledTemporaryFile(max_size=1024 * 1024)  # noqa: SIM115
    begun, received, ended = time.monotonic(), 0, threading.Event()

    def left() -> float:
        return max(0.0, begun + SLOW + received / BYTES_IN_A_SECOND - time.monotonic())

    def watch() -> None:
        while not ended.wait(left()):
            if not left():
                cut(environ)
                return

    threading.Thread(target=watch, daemon=True).start()
    stream = environ["wsgi.input"]
    try:
        while received < length and (piece := stream.read(min(PIECE, length - received))):
            file.write(piece)
            received += len(piece)
    finally:
        ended.set()
    file.seek(0)
    return file if received == length else None


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
                body = read(environ, length)
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
