"""Runs what a site on one machine needs in one foreground process: the server and the publisher."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

from django.conf import settings

# How long a child may take to finish what it has in hand, in seconds.
GRACE = 10
# How often a look is taken at the children, in seconds.
PAUSE = 1
# A child that lived no longer than this, in seconds, would not live the next time either.
SHORT_LIFE = 3
# Of each process of the web server.
THREADS = 2


class AddressInUseError(Exception):
    """Another program listens on the address."""


class StoppedAtOnceError(Exception):
    """The server or the publisher ended right after its start; it says why on the terminal."""


def claim(host: str, port: int) -> None:
    """Raise AddressInUseError when nothing could listen on the address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AddressInUseError(f"{host}:{port}") from error


class Child:
    """A process of ours that is started again when it dies."""

    def __init__(self, *arguments: str) -> None:
        self.arguments = arguments
        self.start()

    def start(self) -> None:
        self.started = time.monotonic()
        # A group of its own: Ctrl-C reaches us alone, and we stop the children in order.
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, *self.arguments], start_new_session=True
        )

    def revive(self) -> None:
        """Start it again if it died. Raises StoppedAtOnceError when it had hardly begun."""
        if self.process.poll() is None:
            return
        if time.monotonic() - self.started < SHORT_LIFE:
            raise StoppedAtOnceError(" ".join(self.arguments))
        self.start()

    def stop(self, number: int) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)


def answers(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        return probe.connect_ex((host, port)) == 0


def granian(host: str, port: int, workers: int, application: str) -> list[str]:
    """
    The arguments with which Python runs the web server.

    Two threads, so that one reader's wait is not another's: a third only gets into their way, as
    Python lets one of them compute at a time.
    """
    return [
        *("-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", str(THREADS)),
        *("--log-level", "warning", application),
    ]


def serve(host: str, port: int, workers: int, announce: Callable[[], None]) -> None:
    """
    Run granian and the publisher until SIGINT, SIGTERM or SIGHUP; start one again that dies.

    `announce` is called once, when the server answers.

    Raises AddressInUseError before anything is started, and StoppedAtOnceError when one of the
    two cannot run at all.
    """
    claim(host, port)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    children = [
        Child(*granian(host, port, workers, "settings.wsgi:application")),
        Child(str(settings.BASE_DIR / "manage.py"), "publisher"),
    ]
    announced = False
    try:
        while True:
            time.sleep(PAUSE)
            if not announced and answers(host, port):
                announced = True
                announce()
            for child in children:
                child.revive()
    except KeyboardInterrupt:
        pass
    finally:
        for child in children:
            child.stop(signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        for child in children:
            try:
                child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.stop(signal.SIGKILL)
