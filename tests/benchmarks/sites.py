"""Sites of drawn posts, made once for each number of posts and kept in a folder."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests import databases
from tests.benchmarks.servers import HOST, ROOT, granian

# How many posts a day has, at every size, so that pages of one kind show as many.
A_DAY = 14
# So many addresses are asked for in turn, more than a process holds of anything.
MANY = 4000
MADE_BY = ("drafts.py", "posts.py", "sites.py")


@dataclass
class Site:
    """A site with `count` posts, whose database, media and index lie in a folder."""

    folder: Path
    count: int
    # Over which they are spread; else as many as give each day `A_DAY`.
    days: float | None = None

    @property
    def environment(self):
        return {
            "DJANGO_SETTINGS_MODULE": "settings.dev",
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": f"sqlite:///{self.folder}/daybook.sqlite3",
            "CACHE_URL": "locmemcache://",
            "PAGE_CACHE_FILES": "true",
            "ALLOWED_HOSTS": HOST,
            "BASE_URL": f"http://{HOST}",
            "PYTHONPATH": str(ROOT),
        }

    def run(self, module, *arguments, seconds=None):
        """
        Run a module in a process of the site; returns what it prints.

        Raises subprocess.TimeoutExpired when it takes more than so many seconds.
        """
        done = subprocess.run(
            [sys.executable, "-m", module, *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        if done.returncode:
            raise SystemExit(f"{module} ended with an error:\n{done.stderr[-3000:]}")
        return done.stdout

    def make(self):
        """Make the site, unless it is there as today's code makes it."""
        own = [(Path(__file__).parent / name).read_bytes() for name in MADE_BY]
        version = databases.fingerprint() + hashlib.sha256(b"".join(own)).hexdigest()
        mark = self.folder / "whole"
        if mark.exists() and mark.read_text() == version:
            return
        print(f"Making {self.count:,} posts …", file=sys.stderr, flush=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        databases.copy_sqlite(self.folder / "daybook.sqlite3", self.environment["BASE_URL"])
        days = self.days or max(1, self.count / A_DAY)
        self.run("tests.benchmarks.posts", self.count, "--days", days)
        mark.write_text(version)

    def addresses(self):
        """Paths by the kind of page; of "posts" and "lists" there are many."""
        return json.loads(self.run("tests.benchmarks.addresses", MANY))

    def serve(self, application="settings.wsgi:application", **options):
        return granian(application, self.environment, **options)

    def serve_uncached(self, **options):
        """Serve it with no page kept; what is worked out once after each change stays kept."""
        return self.serve("tests.benchmarks.uncached:application", **options)
