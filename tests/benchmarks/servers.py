"""What is measured: servers on this machine, and the load that wrk puts on them."""

import contextlib
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from home.web_server import THREADS
from tests.home.page_cache.staleness import free_port

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
CORES = os.cpu_count() or 1


class Server:
    """A server process on a port of its own; `ask` reads one page of it."""

    def __init__(self, command, port, environ=None, folder=ROOT):
        self.port = port
        self.process = subprocess.Popen(
            [*map(str, command)], cwd=folder, env={**os.environ, **(environ or {})}
        )
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError):
                self.ask("/robots.txt")
                break
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise SystemExit(f"This did not start: {' '.join(map(str, command))}")
            time.sleep(0.1)

    def ask(self, path):
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        connection.request("GET", path, headers={"Host": HOST})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response, body

    def processor(self):
        """Seconds of the processor that the server's processes have used."""
        parent = self.process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        ticks = 0
        for process in [str(parent), *children]:
            fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def granian(application, environ, workers=CORES, python=sys.executable, folder=ROOT):
    """The application server of production, with as many processes as there are cores."""
    port = free_port()
    if folder == ROOT:
        command = [python, "-m", "home.web_server", HOST, port, workers, application]
    else:
        command = [
            *(python, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", port),
            *("--workers", workers, "--blocking-threads", THREADS),
            *("--log-level", "warning", application),
        ]
    return Server(command, port, environ, folder)


def program_of(name):
    """Where a program lies, or None; a user's path often lacks that of Debian's servers."""
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")


def nginx(folder, body):
    """The nginx of this machine with one server block, as many workers as cores."""
    port = free_port()
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes auto; pid {folder}/nginx.pid; error_log {folder}/error.log;"
        f"events {{ worker_connections 1024; }} http {{ access_log off; {temporary}\n"
        f"{body(port)}\n}}\n"
    )
    program = program_of("nginx")
    user = ["-g", "user root;"] if os.getuid() == 0 else []
    return Server([program, "-p", folder, "-c", folder / "nginx.conf", *user], port)


def static(folder, body):
    """nginx with one file, of these bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "page.html").write_bytes(body)
    return nginx(
        folder,
        lambda port: (
            f"server {{ listen {HOST}:{port}; sendfile on; root {folder}; "
            "default_type text/html; }"
        ),
    )


def front(folder, site, data):
    """deploy/nginx.conf in front of a site, without TLS, as the file of `static` has none."""
    folder.mkdir(parents=True, exist_ok=True)
    text = (ROOT / "deploy" / "nginx.conf").read_text()

    def configured(port):
        found = re.sub(r"listen [^;]*;", f"listen {HOST}:{port};", text)
        found = re.sub(r"\n *(?:ssl_|http2)[^;]*;", "", found)
        values = {
            "DAYBOOK_DATA": data,
            "DAYBOOK_SITE": f"{HOST}:{site}",
            "DAYBOOK_NAME": HOST,
            # What the development settings send.
            "DAYBOOK_HSTS": "",
        }
        for name, value in values.items():
            found = found.replace(f"${{{name}}}", str(value))
        return found

    return nginx(folder, configured)


def in_turn(paths):
    """A script for wrk that asks for these addresses, one after the other."""
    listed = ",".join(json.dumps(path) for path in paths)
    return (
        f"local paths = {{{listed}}}\nlocal n = 0\n"
        "request = function() n = n % #paths + 1 return wrk.format('GET', paths[n]) end\n"
    )


@dataclass
class Load:
    """What came of some seconds of requests."""

    # Requests a second.
    rate: float
    # The 99th percentile of their times, in milliseconds.
    slowest: float
    # Milliseconds of the processor that the server used for one.
    processor: float


def wrk(server, paths, seconds, connections=16):
    """Ask for the paths in turn; ends the program when an answer is no page, or none comes."""
    before = server.processor()
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(in_turn(paths))
        script.flush()
        told = subprocess.run(
            [
                *("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"),
                *("-s", script.name, f"-HHost: {HOST}", f"http://{HOST}:{server.port}/"),
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    if "Non-2xx" in told:
        raise SystemExit(f"Not every answer was a page, of {paths[0]} and others:\n{told}")
    requests = int(re.search(r"(\d+) requests in", told)[1])
    if not requests:
        raise SystemExit(f"No answer within {seconds} s: the machine is too busy to measure.")
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", told).groups()
    return Load(
        rate=float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1]),
        slowest=float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit],
        processor=(server.processor() - before) * 1000 / requests,
    )
