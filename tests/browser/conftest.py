"""A real site for a real browser: `manage.py serve`, and Chromium."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser import extremes
from tests.browser.program import PROGRAM
from tests.browser.server import Server, free_port

# A shared machine can be slow; a test that waits longer than this has failed.
PATIENCE = 60_000  # milliseconds
expect.set_options(timeout=PATIENCE)

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
    server.run(ACCOUNTS)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def demo_server(tmp_path_factory):
    """The demo, as `make demo` serves it, with posts that no design expects."""
    server = Server(tmp_path_factory.mktemp("demo"), free_port())
    # Of half the width they still fill their columns, and take a fifth of the time to encode.
    server.load_demo(reduced=2)
    server.run(extremes.SCRIPT)
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
            executable_path=PROGRAM,
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
