"""
Run the web server and the publisher of a site on one machine.

`manage.py serve` replaces itself by this program, which does not import Django: that would take as
much memory as the site itself.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

# How long a child may take to stop, in seconds.
GRACE = 10
# How often the children are checked, in seconds.
PAUSE = 1
# In seconds. A child that never ran this long cannot run at all, and no child is restarted sooner.
SHORT_LIFE = 3


class AddressInUseError(Exception):
    """Another program listens on the address."""


class StoppedAtOnceError(Exception):
    """The server or the publisher ended right after its start. Its output says why."""


def claim(host: str, port: int) -> None:
    """Raise AddressInUseError if no server can listen on the address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AddressInUseError(f"{host}:{port}") from error


class Child:
    """A child process that is restarted when it dies."""

    def __init__(self, *arguments: str) -> None:
        self.arguments = arguments
        self.is_viable = False
        self.start()

    def start(self) -> None:
        self.started = time.monotonic()
        # In a process group of its own, so that Ctrl-C only reaches this process, which then stops
        # the children in order.
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, *self.arguments], start_new_session=True
        )

    def restart_if_dead(self) -> None:
        """Restart it if it died. Raise StoppedAtOnceError if it never ran for long."""
        age = time.monotonic() - self.started
        self.is_viable = self.is_viable or age >= SHORT_LIFE
        if self.process.poll() is None:
            return
        if not self.is_viable:
            raise StoppedAtOnceError(" ".join(self.arguments))
        if age >= SHORT_LIFE:
            # Its workers may have outlived it, and would go on answering.
            self.kill()
            print(f"Ended, and started again: {' '.join(self.arguments)}", file=sys.stderr)
            self.start()

    def reload(self) -> None:
        """Let it reload its code from the disk."""
        self.is_viable = True
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGHUP)

    def kill(self) -> None:
        """Kill the child, if it is still running, and its own children."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def answers(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        return probe.connect_ex((host, port)) == 0


def serve(host: str, port: int, workers: int) -> None:
    """
    Run the web server and the publisher until SIGINT or SIGTERM, and restart them if they die.

    SIGHUP reloads both, or stops them if this process has a terminal, which was then closed. Raise
    StoppedAtOnceError if one of the two cannot run at all.
    """

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    def reload(*_: object) -> None:
        for child in children:
            child.reload()

    children: list[Child] = []
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop if sys.stdin and sys.stdin.isatty() else reload)
    announced = False
    try:
        children.append(Child("-m", "home.web_server", host, str(port), str(workers)))
        children.append(Child("manage.py", "publisher"))
        while True:
            time.sleep(PAUSE)
            if not announced and answers(host, port):
                announced = True
                announce(host, port)
            for child in children:
                child.restart_if_dead()
    except KeyboardInterrupt:
        pass
    finally:
        for child in children:
            child.process.terminate()
        deadline = time.monotonic() + GRACE
        for child in children:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
            child.kill()


def announce(host: str, port: int) -> None:
    address = f"http://{host}:{port}"
    print(f"\nThe site:   {address}/\nThe editor: {address}/admin/")
    print("Ctrl-C stops the server and the publisher.", flush=True)


if __name__ == "__main__":
    try:
        serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    except StoppedAtOnceError as error:
        sys.exit(f"This ended at once, for the reason above: {error}")
