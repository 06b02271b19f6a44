"""A real site in processes of its own: its own database, and `manage.py serve`."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tests import databases, pictures

ROOT = Path(__file__).resolve().parent.parent.parent


# AVIF is encoded as fast as it can be, which takes a third of the time and more bytes.
LOAD_DEMO = """
from pathlib import Path
from django.core.management import call_command
from blog.photos import renditions
from home.demo import posts
posts.PICTURES = Path({folder!r})
renditions.AVIF_SPEED = 10
call_command("load_demo")
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A site that keeps all in a folder and answers on a port; its database is a new site's."""

    def __init__(self, folder, port):
        self.address = f"http://127.0.0.1:{port}"
        self.port = port
        self.shell = None
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "server.log"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "settings.dev",
            "DATA_DIR": str(folder),
            "BASE_URL": self.address,
            "EMAIL_URL": "dummymail://",
        }
        database = os.environ.get("DATABASE_URL", "")
        if database.startswith("postgres"):
            database = databases.copy_postgres(database, f"daybook_browser_{port}", self.address)
        else:
            database = databases.copy_sqlite(folder / "daybook.sqlite3", self.address)
        self.environment["DATABASE_URL"] = database
        if os.environ.get("CACHE_URL", "").startswith("redis"):
            cache = urlsplit(os.environ["CACHE_URL"])
            self.environment["CACHE_URL"] = urlunsplit(cache._replace(path="/15"))

    def manage(self, *arguments):
        """Run a management command."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            text=True,
            capture_output=True,
        ).stdout

    def run(self, script):
        """Run a script with the site's models, and return what it prints."""
        if self.shell is None:
            self.shell = subprocess.Popen(
                [sys.executable, "-m", "tests.browser.shell"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        self.shell.stdin.write(json.dumps(script) + "\n")
        self.shell.stdin.flush()
        output, problem = json.loads(self.shell.stdout.readline())
        assert not problem, problem
        return output.strip()

    def load_demo(self, reduced=1):
        """Fill the site as `make demo` does, with pictures that are so many times as narrow."""
        if reduced == 1:
            return self.manage("load_demo")
        folder = self.log.parent / "pictures"
        pictures.reduce_to(folder, reduced)
        return self.run(LOAD_DEMO.format(folder=str(folder)))

    def start(self):
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", str(self.port), "--workers", "1"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        for _ in range(1200):
            try:
                urllib.request.urlopen(self.address + "/robots.txt", timeout=5).read()
            except (urllib.error.URLError, ConnectionError):
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.1)
            else:
                return
        raise AssertionError(self.log.read_text())

    def stop(self):
        if self.shell:
            self.shell.communicate()
        self.process.terminate()
        self.process.wait(timeout=20)
