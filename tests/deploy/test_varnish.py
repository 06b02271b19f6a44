"""The Varnish of deploy/varnish.vcl, in front of a whole site in processes of its own."""

import http.client
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import requests
from django.conf import settings
from django.db import connection

from tests.home.page_cache.staleness import free_port

pytestmark = [pytest.mark.varnish, pytest.mark.sqlite, pytest.mark.django_db]

SURFACES = [
    *("/", "/blog/", "/blog/first/", "/blog/first.md", "/blog/2024/", "/blog/tags/food/"),
    *("/blog/feed/", "/blog/feed/rss/", "/blog/feed/json/", "/blog/tags/food/feed/"),
    *("/sitemap-posts.xml", "/llms.txt"),
]
PREPARE = """
from tests.factories import PostPageFactory, UserFactory, moment
from blog.models import BlogIndexPage
UserFactory(username="ada", is_superuser=True, is_staff=True)
blog = BlogIndexPage.objects.get(slug="blog")
for slug in ("first", "second", "third"):
    PostPageFactory(parent=blog, slug=slug, title=slug.title(), tags=["food"],
                    published_at=moment(2024, 5, 1, 9))
"""
PUBLISH = """
from blog.models import PostPage
for post in PostPage.objects.filter(slug="first"):
    post.title, post.introduction = "Soup of the day", "Soup of the day"
    post.published_at = post.published_at.replace(year=2024, month=7)
    post.save_revision().publish()
"""


def eventually(condition):
    """Wait until the condition holds, at most for as long as no page can expire in."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "It never came true."
        time.sleep(0.1)


class Front:
    """A site and Varnish before it."""

    def __init__(self, folder):
        self.folder = folder
        self.port, self.site_port = free_port(), free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.processes = []
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "settings.dev",
            "DATA_DIR": str(folder),
            "DATABASE_URL": f"sqlite:///{folder}/daybook.sqlite3",
            "CACHE_URL": "locmemcache://",
            "ALLOWED_HOSTS": "127.0.0.1",
            "BASE_URL": self.address,
            "FRONTEND_CACHE_URL": self.address,
        }

    def run(self, script):
        """Change the site in a command of its own."""
        command = subprocess.run(
            [sys.executable, "manage.py", "shell"],
            cwd=settings.BASE_DIR,
            env=self.environment,
            input=script,
            text=True,
            capture_output=True,
        )
        assert command.returncode == 0, command.stderr

    def start(self, *command):
        self.processes.append(
            subprocess.Popen(command, cwd=settings.BASE_DIR, env=self.environment)
        )

    def start_site(self):
        self.start(
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--log-level", "error"),
            *("--port", str(self.site_port), "--blocking-threads", "2"),
            "settings.wsgi:application",
        )
        eventually(lambda: answers(f"http://127.0.0.1:{self.site_port}/health/live"))

    def start_varnish(self):
        text = (settings.BASE_DIR / "deploy" / "varnish.vcl").read_text()
        assert text.count('.port = "8000"') == 1
        configuration = self.folder / "varnish.vcl"
        configuration.write_text(text.replace('"8000"', f'"{self.site_port}"'))
        self.start(
            shutil.which("varnishd", path=os.environ["PATH"] + ":/usr/sbin"),
            *("-F", "-a", f"127.0.0.1:{self.port}", "-f", configuration),
            *("-n", self.folder / "varnish", "-s", "malloc,16m"),
        )
        eventually(lambda: answers(f"{self.address}/robots.txt"))

    def ask(self, path, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.get(self.address + path, headers=headers, allow_redirects=False, timeout=30)

    def purge_problems(self):
        health = requests.get(f"http://127.0.0.1:{self.site_port}/health/ready", timeout=30).json()
        return [each for each in health["problems"] if each["problem"] == "cache in front"]

    def stored(self, path):
        """Ask until Varnish answers from its memory."""
        eventually(lambda: self.ask(path).headers["X-Page-Cache"] == "front")
        return self.ask(path)

    def ban(self, source="127.0.0.1", **headers):
        caller = http.client.HTTPConnection("127.0.0.1", self.port, source_address=(source, 0))
        headers = {"X-Ban-Hosts": ".", **headers}
        caller.request("BAN", "/", headers=headers)
        return caller.getresponse().status


def answers(address):
    try:
        return requests.get(address, timeout=30).status_code == 200
    except requests.ConnectionError:
        return False


@pytest.fixture(scope="module")
def front(tmp_path_factory, django_db_setup):
    folder = tmp_path_factory.mktemp("varnish")
    # Started by root, Varnish is nobody's, and looks into the folder from its top.
    for each in (folder, *folder.parents):
        if each == Path(tempfile.gettempdir()):
            break
        each.chmod(0o755)
    with sqlite3.connect(connection.settings_dict["NAME"]) as source:
        source.backup(sqlite3.connect(folder / "daybook.sqlite3"))
    front = Front(folder)
    front.run(PREPARE)
    try:
        front.start_site()
        # A server empties the cache when it starts, for those before it.
        eventually(front.purge_problems)
        front.problems_without_varnish = front.purge_problems()
        front.start_varnish()
        yield front
    finally:
        for process in front.processes:
            process.terminate()
        for process in front.processes:
            process.wait(timeout=30)


class VarnishTests:
    def test_a_cache_that_was_away_is_emptied_when_it_is_back(self, front):
        [problem] = front.problems_without_varnish
        assert problem["cache"] == "default"
        assert problem["since"] <= problem["last"]
        eventually(lambda: not front.purge_problems())

    def test_what_was_asked_before_is_answered_from_memory(self, front):
        for path in SURFACES:
            first, second = front.stored(path), front.stored(path)
            assert first.status_code == 200, path
            assert first.content == second.content
            # Browsers ask again each time, and nothing beyond Varnish keeps it.
            assert second.headers["Cache-Control"] == "no-cache"
            assert "X-Host" not in second.headers
            if etag := second.headers.get("ETag"):
                assert front.ask(path, If_None_Match=etag).status_code == 304

    def test_other_cookies_and_encodings_share_what_is_stored(self, front):
        front.stored("/blog/second/")
        for headers in (
            {"Cookie": "theme=dark"},
            {"Accept_Encoding": "gzip"},
            {"Accept_Encoding": "identity"},
            {"Host": f"127.0.0.1:{front.port}"},
        ):
            answer = front.ask("/blog/second/", **headers)
            assert answer.headers["X-Page-Cache"] == "front", headers
            assert "Second" in answer.text

    def test_what_is_asked_by_https_is_kept_apart(self, front):
        front.stored("/blog/second/")
        https = {"X_Forwarded_Proto": "https"}
        assert front.ask("/blog/second/", **https).headers["X-Page-Cache"] != "front"
        assert front.ask("/blog/second/", **https).headers["X-Page-Cache"] == "front"

    @pytest.mark.parametrize(
        "headers",
        [
            {"Cookie": "sessionid=1"},
            {"Cookie": "theme=dark; sessionid=1"},
            {"Cookie": 'theme="dark,sessionid=1'},
            {"Authorization": "Basic YTpi"},
            {"Accept": "text/markdown"},
        ],
    )
    def test_what_is_not_everybody_s_is_passed_on(self, front, headers):
        front.stored("/blog/second/")
        assert front.ask("/blog/second/", **headers).headers["X-Page-Cache"] != "front"

    @pytest.mark.parametrize("path", ["/search/?query=soup", "/admin/login/", "/health/live"])
    def test_what_the_site_does_not_keep_varnish_does_not_either(self, front, path):
        for _ in range(3):
            assert front.ask(path).headers["X-Page-Cache"] == "skip"

    def test_the_next_reader_sees_a_change_on_every_surface(self, front):
        old = {path: front.stored(path).text for path in SURFACES}
        # The command ends when it has purged.
        front.run(PUBLISH)
        for path in SURFACES:
            new = front.ask(path).text
            assert new != old[path], path
            if path != "/sitemap-posts.xml":
                assert "Soup of the day" in new, path

    def test_an_editor_works_through_it_and_readers_see_what_they_did(self, front):
        front.stored("/blog/third/")
        assert "Third" in front.stored("/blog/").text
        editor = requests.Session()
        form = editor.get(f"{front.address}/admin/login/").text
        data = {"username": "ada", "password": "password", "next": "/admin/"}
        assert editor.post(f"{front.address}/admin/login/", data | token(form)).ok
        listing = editor.get(f"{front.address}/admin/pages/", params={"q": "Third"})
        [number] = set(re.findall(r"/admin/pages/(\d+)/edit/", listing.text))
        address = f"{front.address}/admin/pages/{number}/unpublish/"
        assert editor.post(address, token(editor.get(address).text)).ok
        eventually(lambda: front.ask("/blog/third/").status_code == 404)
        eventually(lambda: "Third" not in front.ask("/blog/").text)

    def test_only_the_site_s_machine_may_empty_it(self, front):
        front.stored("/blog/")
        assert front.ban(source="127.0.0.2") == 403
        # As a proxy before Varnish passes it on.
        assert front.ban(**{"X-Forwarded-For": "192.0.2.1"}) == 403
        assert front.ban(**{"X-Ban-Hosts": "("}) == 400
        assert front.ban(**{"X-Ban-Hosts": r"^another\.example$"}) == 200
        assert front.ask("/blog/").headers["X-Page-Cache"] == "front"
        assert front.ban() == 200
        assert front.ask("/blog/").headers["X-Page-Cache"] != "front"


def token(html):
    [value] = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', html))
    return {"csrfmiddlewaretoken": value}
