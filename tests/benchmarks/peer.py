"""
Wagtail's example site, bakerydemo, as a measure beside ours: `make bench PEER=folder`.

The folder is a checkout with a virtual environment `.venv` in it that has its requirements,
whitenoise and granian. Its database lies with the benchmark's; its media and static files it puts
into the checkout.
"""

import json
import os
import subprocess

from tests.benchmarks.servers import granian

ADDRESSES = """
import django, json
django.setup()
from bakerydemo.blog.models import BlogIndexPage, BlogPage
posts = [page.url for page in BlogPage.objects.live().order_by("pk")]
print(json.dumps({"posts": posts, "lists": [BlogIndexPage.objects.live().first().url]}))
"""


class Peer:
    """The example site of a checkout, with its data in a folder."""

    def __init__(self, checkout, folder):
        self.checkout = checkout
        self.python = checkout / ".venv" / "bin" / "python"
        if not self.python.exists():
            raise SystemExit(f"There is no {self.python}: a checkout with its own .venv is needed.")
        folder.mkdir(parents=True, exist_ok=True)
        self.mark = folder / "whole"
        self.environment = {
            "DJANGO_SETTINGS_MODULE": "bakerydemo.settings.production",
            "DJANGO_SECRET_KEY": "for-the-benchmark",
            "SECURE_SSL_REDIRECT": "false",
            "DATABASE_URL": f"sqlite:///{folder}/peer.sqlite3",
            "PYTHONPATH": str(checkout),
        }

    def run(self, *arguments):
        return subprocess.run(
            [self.python, *arguments],
            cwd=self.checkout,
            env={**os.environ, **self.environment},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def make(self):
        """Fill its database, once."""
        if not self.mark.exists():
            self.run("manage.py", "migrate", "--verbosity", "0")
            self.run("manage.py", "load_initial_data")
            self.run("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
            self.mark.touch()

    def addresses(self):
        """The paths of its posts and of its list."""
        return json.loads(self.run("-c", ADDRESSES).splitlines()[-1])

    def serve(self):
        return granian(
            "bakerydemo.wsgi:application",
            self.environment,
            python=self.python,
            folder=self.checkout,
        )
