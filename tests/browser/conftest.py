"""A real site for a real browser: its own database, `manage.py serve`, and Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from playwright.sync_api import expect, sync_playwright

# A shared machine can be slow; a test that waits longer than this has failed.
PATIENCE = 60_000  # milliseconds
expect.set_options(timeout=PATIENCE)

ROOT = Path(__file__).resolve().parent.parent.parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def own_database(name):
    """The address of a new, empty database beside the one that DATABASE_URL names."""
    import psycopg

    address = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(urlunsplit(address._replace(path="/postgres")), autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}"')
    return urlunsplit(address._replace(path=f"/{name}"))


class Server:
    """A site that runs in processes of its own."""

    def __init__(self, folder, port):
        self.address = f"http://127.0.0.1:{port}"
        self.port = port
        self.log = folder / "server.log"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "settings.dev",
            "DATA_DIR": str(folder),
            "BASE_URL": self.address,
            "EMAIL_URL": "dummymail://",
        }
        if os.environ.get("DATABASE_URL", "").startswith("postgres"):
            self.environment["DATABASE_URL"] = own_database(f"daybook_browser_{port}")
        if os.environ.get("CACHE_URL", "").startswith("redis"):
            cache = urlsplit(os.environ["CACHE_URL"])
            self.environment["CACHE_URL"] = urlunsplit(cache._replace(path="/15"))

    def manage(self, *arguments, script=None):
        """Run a management command; `script` is what `shell` reads."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            input=script,
            check=True,
            text=True,
            capture_output=True,
        ).stdout

    def start(self):
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", str(self.port)],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        for _ in range(300):
            try:
                urllib.request.urlopen(self.address + "/robots.txt", timeout=5).read()
            except (urllib.error.URLError, ConnectionError):
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.1)
            else:
                return
        raise AssertionError(self.log.read_text())

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)


ACCOUNTS = """
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from blog.models import Author
for name in ("author", "editor", "administrator"):
    user = get_user_model().objects.create_user(name, f"{name}@example.org", "password")
    user.groups.add(Group.objects.get(name=f"{name}s".capitalize()))
    if name == "author":
        Author.objects.create(name="Ada Quill", slug="ada-quill", user=user)
"""


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A new site with an author, an editor and an administrator, whose password is "password"."""
    server = Server(tmp_path_factory.mktemp("site"), free_port())
    server.manage("migrate", "--verbosity", "0")
    server.manage("shell", "--verbosity", "0", "--command", ACCOUNTS)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def demo_server(tmp_path_factory):
    """The demo, as `make demo` serves it."""
    server = Server(tmp_path_factory.mktemp("demo"), free_port())
    server.manage("migrate", "--verbosity", "0")
    server.manage("load_demo")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def chromium():
    """
    Start one browser for the tests of this folder.

    Playwright's event loop runs in this thread until it stops, and Django refuses its database
    where one runs, so that it must have stopped before the next folder's tests.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync"],
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium):
    """Open a window of somebody's own: `visit(address)` as a reader, `visit(address, "editor")`."""
    contexts = []

    def visit(address, account=None, **options):
        context = chromium.new_context(
            viewport=options.pop("viewport", {"width": 1280, "height": 900}),
            locale="en-GB",
            timezone_id="Europe/London",
            **options,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        if account:
            root = urlsplit(address)
            page.goto(f"{root.scheme}://{root.netloc}/admin/login/")
            page.locator("[name=username]").fill(account)
            page.locator("[name=password]").fill("password")
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/admin/")
        page.goto(address)
        return page

    yield visit
    for context in contexts:
        context.close()
