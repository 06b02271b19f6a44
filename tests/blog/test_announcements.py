"""The hub and the search engines hear of posts, and nobody waits for them."""

import datetime as dt
import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from django.utils import timezone

from blog import fetching
from blog.models import PostPage
from blog.outgoing import announcements
from tests.factories import AuthorFactory, SeriesFactory

pytestmark = pytest.mark.django_db

# How long a message may take to come, in seconds.
PATIENCE = 20


class Service(ThreadingHTTPServer):
    """Keeps what it is told; `answer` is the status it gives, and `open` lets it answer at all."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        self.heard = queue.Queue()
        self.answer = 200
        self.open = threading.Event()
        self.open.set()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        message = json.loads(body) if "json" in self.headers["Content-Type"] else parse_qs(body)
        self.server.heard.put(message)
        self.server.open.wait(PATIENCE)
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def service(monkeypatch):
    # On this machine, which the site's client refuses otherwise.
    monkeypatch.setattr(fetching, "is_public", lambda address: True)
    with Service() as service:
        thread = threading.Thread(target=service.serve_forever)
        thread.start()
        yield service
        service.open.set()
        service.shutdown()
        thread.join()


@pytest.fixture
def hub(service, settings):
    settings.WEBSUB_HUB_URL = service.url
    return service


@pytest.fixture
def search_engines(service, settings, monkeypatch):
    settings.INDEXNOW_KEY = "key-of-the-site"
    settings.SEARCH_ENGINES = True
    monkeypatch.setattr(announcements, "INDEXNOW", service.url)
    return service


@pytest.fixture
def publish(django_capture_on_commit_callbacks):
    def publish(*posts):
        with django_capture_on_commit_callbacks(execute=True):
            for post in posts:
                post.save_revision().publish()

    return publish


def test_the_hub_hears_of_every_feed_with_the_post(hub, write, publish):
    author = AuthorFactory(slug="ada")
    series = SeriesFactory(slug="kettles")
    publish(write(live=False, tags=["Tea"], authors=[author], series=series))
    message = hub.heard.get(timeout=PATIENCE)
    assert message["hub.mode"] == ["publish"]
    blog = "http://127.0.0.1:8000/blog/"
    assert message["hub.url"] == sorted(
        f"{blog}{subject}feed/{kind}"
        for subject in ("", "authors/ada/", "series/kettles/", "tags/tea/")
        for kind in ("", "json/", "rss/")
    )


def test_search_engines_hear_of_the_page(search_engines, write, publish):
    publish(write(live=False, slug="tea"))
    assert search_engines.heard.get(timeout=PATIENCE) == {
        "host": "127.0.0.1:8000",
        "key": "key-of-the-site",
        "urlList": ["http://127.0.0.1:8000/blog/tea/"],
    }


def test_they_hear_that_it_was_taken_down(
    search_engines, write, django_capture_on_commit_callbacks
):
    post = write(slug="tea")
    with django_capture_on_commit_callbacks(execute=True):
        post.unpublish()
    message = search_engines.heard.get(timeout=PATIENCE)
    assert message["urlList"] == ["http://127.0.0.1:8000/blog/tea/"]


def test_nobody_hears_of_what_readers_cannot_see(search_engines, write, publish):
    scheduled = write(live=False, slug="scheduled", published_at=None)
    scheduled.go_live_at = timezone.now() + dt.timedelta(days=1)
    publish(scheduled, write(live=False, slug="private", private=True))
    publish(write(live=False, slug="open"))
    message = search_engines.heard.get(timeout=PATIENCE)
    assert message["urlList"] == ["http://127.0.0.1:8000/blog/open/"]


def test_nobody_hears_of_the_copy_of_a_private_post(
    search_engines, write, blog, django_capture_on_commit_callbacks
):
    write("Private", slug="private", private=True).save_revision().publish()
    write("Open", slug="open").save_revision().publish()
    with django_capture_on_commit_callbacks(execute=True):
        for slug in ("private", "open"):
            post = PostPage.objects.get(slug=slug)
            post.copy(to=blog, keep_live=True, update_attrs={"slug": f"{slug}-2"})
    message = search_engines.heard.get(timeout=PATIENCE)
    assert message["urlList"] == ["http://127.0.0.1:8000/blog/open-2/"]


def test_what_comes_while_a_service_is_slow_is_one_message(search_engines, write, publish):
    search_engines.open.clear()
    publish(write(live=False, slug="first"))
    assert len(search_engines.heard.get(timeout=PATIENCE)["urlList"]) == 1
    publish(*(write(live=False, slug=f"later-{number}") for number in range(5)))
    search_engines.open.set()
    assert len(search_engines.heard.get(timeout=PATIENCE)["urlList"]) == 5


def test_a_service_that_fails_stops_neither_the_post_nor_the_next_message(
    search_engines, write, publish
):
    search_engines.answer = 500
    first, second = write(live=False, slug="first"), write(live=False, slug="second")
    publish(first)
    search_engines.heard.get(timeout=PATIENCE)
    publish(second)
    assert search_engines.heard.get(timeout=PATIENCE)["urlList"] == [second.full_url]
    first.refresh_from_db()
    assert first.live
