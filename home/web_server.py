"""
The web server: granian, with listening sockets that outlive its workers.

Each worker has a socket of its own, as Linux then spreads the readers evenly. granian itself closes
it together with the worker, which resets the connections that wait there. A worker of granian also
looks at new connections before it looks at the order to end, so that a busy one would have to be
killed, and it closes connections of which it has read nothing. So ours is first made to leave all
new connections to its successor, and ends when it has answered the others.
"""

import contextlib
import multiprocessing
import os
import signal
import socket
import sys
import threading
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.net import SocketHolder
from granian.server import MPServer

# In each process. With two, one reader does not wait for another; more are slower, as only one of
# them computes at a time.
THREADS = 2
# How long a new worker may take to start before the one that it replaces ends, in seconds.
START = 10
# How long before its end a replaced worker leaves new connections to the new one, in seconds.
FAREWELL = 4
# How long a worker may take to finish its requests before it is killed, in seconds.
GRACE = 30
# How long the headers of a request may take, in milliseconds, and how large they may be, in bytes.
HEADERS_IN = 10_000
HEADER_SIZE = 64 * 1024


def leave(listener: int) -> None:
    """Let this process accept nothing more from a socket that other processes go on with."""
    # Nobody connects to it, so that accepting from it waits for ever.
    nothing = socket.socket(socket.AF_UNIX)
    nothing.bind("")
    nothing.listen()
    nothing.setblocking(False)
    inode = os.fstat(listener).st_ino
    for fd in map(int, os.listdir("/proc/self/fd")):
        with contextlib.suppress(OSError):
            if os.fstat(fd).st_ino == inode:
                os.dup2(nothing.fileno(), fd)


class WebServer(MPServer):
    """
    granian whose new workers take over the sockets of those that they replace.

    A worker that was killed is replaced as well; meanwhile the others answer.
    """

    _ssp: Any

    def _init_shared_socket(self) -> None:
        super()._init_shared_socket()
        # Without an address no worker opens a socket by itself.
        self._address, self._ssp = self._ssp, None
        self._listeners: dict[int, tuple[SocketHolder, socket.socket]] = {}

    @staticmethod
    def _spawn_wsgi_worker(*arguments: Any, **options: Any) -> None:
        holder = arguments[3][0][1]
        signal.signal(signal.SIGUSR1, lambda *_: leave(holder.get_fd()))
        # Until it has handlers of its own. Those of its parent do nothing here.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        MPServer._spawn_wsgi_worker(*arguments, **options)

    def _listen(self) -> tuple[SocketHolder, socket.socket]:
        holder = self._address.build()
        listener = socket.socket(fileno=holder.get_fd())
        # A connection comes to a worker with the first bytes of its request: a worker that ends
        # closes connections on which nothing was read yet.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, HEADERS_IN // 1000)
        return holder, listener

    def _spawn_worker(self, idx: int, *arguments: Any, **options: Any) -> Any:
        if idx not in self._listeners:
            self._listeners[idx] = self._listen()
        self._shd = self._listeners[idx][0]
        return super()._spawn_worker(idx, *arguments, **options)

    def _respawn_workers(self, workers: list[int], *arguments: Any, **options: Any) -> None:
        for idx in workers:
            if (old := self.wrks[idx]).is_alive():
                farewell = (old.inner.pid, signal.SIGUSR1)
                threading.Timer(START - FAREWELL, os.kill, farewell).start()
            else:
                # Nobody takes connections from this socket until the new worker has started. It is
                # not enough to close it, as the other workers have inherited it.
                self._listeners.pop(idx)[1].shutdown(socket.SHUT_RDWR)
            super()._respawn_workers([idx], *arguments, **options)


def run(host: str, port: int, workers: int, application: str = "settings.wsgi:application") -> None:
    """Serve a WSGI application until SIGINT or SIGTERM. SIGHUP replaces the workers in turn."""
    # Other methods do not hand sockets on.
    multiprocessing.set_start_method("fork")
    WebServer(
        application,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        # These limits are of HTTP/1, which nginx speaks; a connection of HTTP/2 would have none.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_IN, max_buffer_size=HEADER_SIZE),
        respawn_failed_workers=True,
        respawn_interval=START,
        workers_kill_timeout=GRACE,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
