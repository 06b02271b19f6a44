"""A site with the production settings, in processes of its own."""

import contextlib
import hashlib
import http.client
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings

from tests import databases
from tests.home.page_cache.staleness import free_port

HOST = "daybook.example"


def wait_until(is_so, seconds=60):
    """Wait until something is so, and return it; fails when that takes too long."""
    deadline = time.monotonic() + seconds
    while not (answer := is_so()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return answer


def children_of(process):
    """The numbers of the processes that a process has started."""
    lists = Path(f"/proc/{process}/task").glob("*/children")
    return [int(pid) for each in lists for pid in each.read_text().split()]


class Production:
    """A site that keeps all in a folder and answers on a port; `with` starts and ends it."""

    def __init__(self, folder, database, **environment):
        self.folder = folder
        self.port = free_port()
        self.log = folder / "site.log"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "settings.production",
            "DATABASE_URL": database,
            "DATA_DIR": str(folder / "data"),
            "ALLOWED_HOSTS": HOST,
            "BASE_URL": f"https://{HOST}",
            "SECRET_KEY": "a-long-and-random-string-of-more-than-fifty-characters-0123456789",
            "EMAIL_URL": "dummymail://",
            "CACHE_URL": "locmemcache://",
            **environment,
        }

    def manage(self, *arguments):
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment,
            check=True,
            text=True,
            capture_output=True,
        ).stdout

    def ask(self, path, method="GET", host=HOST, scheme="https", pause=0, **headers):
        """Ask as nginx does, some seconds after connecting; returns the answer, with its `body`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if scheme:
            headers["X-Forwarded-Proto"] = scheme
        try:
            connection.connect()
            time.sleep(pause)
            connection.request(method, path, headers={"Host": host, **headers})
            response = connection.getresponse()
            response.body = response.read()
            return response
        finally:
            connection.close()

    def answers(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask("/robots.txt").status == 200
        return False

    def collect_static(self):
        """Collect the static files, or copy those that were: to compress them takes long."""
        digest = hashlib.sha256(databases.fingerprint().encode())
        for path in sorted(settings.BASE_DIR.glob("*/static/**/*.*")):
            digest.update(path.read_bytes())
        kept = databases.FOLDER / f"static-{digest.hexdigest()[:16]}"
        own = self.folder / "data" / "static"
        with databases.turn():
            if not kept.exists():
                for older in databases.FOLDER.glob("static-*"):
                    shutil.rmtree(older)
                self.manage("collectstatic", "--noinput", "--verbosity", "0")
                shutil.copytree(own, databases.FOLDER / "static-unfinished")
                (databases.FOLDER / "static-unfinished").rename(kept)
            else:
                shutil.copytree(kept, own)

    def __enter__(self):
        self.collect_static()
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", str(self.port)],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_until(lambda: self.answers() or self.process.poll() is not None)
            assert self.process.poll() is None
        except AssertionError as error:
            self.__exit__()
            raise AssertionError(self.log.read_text()) from error
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=60)
