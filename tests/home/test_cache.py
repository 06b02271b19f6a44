"""The site's cache while its Redis is away, and when it is back."""

import os
import shutil
import signal
import subprocess
import time

import pytest
import redis
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from wagtail.models import Site

from home import cache
from home.page_cache.generation import RedisGeneration
from tests.blog.test_editing import form
from tests.home.page_cache.staleness import free_port
from tests.search.conftest import search_index  # noqa: F401  a fixture


def use(settings, address):
    settings.CACHES = {
        **settings.CACHES,
        "default": {
            "BACKEND": "home.cache.RedisCache",
            "LOCATION": address,
            "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
        },
    }
    return caches["default"]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr(cache, "PAUSE", 0.2)
    monkeypatch.setattr(cache, "PAUSE_FACTOR", 0)
    cache.outage_of.cache_clear()
    yield
    cache.outage_of.cache_clear()


@pytest.mark.django_db
class SiteWithoutRedisTests:
    @pytest.fixture(autouse=True, params=["redis://127.0.0.1:1/0", "redis://nowhere.invalid:1/0"])
    def _away(self, request, settings):
        use(settings, request.param)

    def test_readers_and_editors_are_answered(self, client, write, editor):
        post = write("Bread", tags=["food"])
        for address in (
            "/",
            "/blog/",
            "/blog/feed/",
            "/blog/feed/json/",
            "/blog/tags/food/",
            "/search/?q=bread",
            "/sitemap.xml",
            "/llms.txt",
            "/admin/login/",
            post.url,
        ):
            assert client.get(address).status_code == 200, address
        client.force_login(editor)
        assert client.get("/admin/").status_code == 200
        assert client.get(f"/admin/pages/{post.pk}/edit/").status_code == 200

    def test_somebody_signs_in_writes_publishes_and_is_found(self, editor, blog, search_index):  # noqa: F811
        editor.set_password("password")
        editor.save()
        browser = Client(enforce_csrf_checks=True)

        def send(address, fields):
            browser.get(address)
            token = browser.cookies["csrftoken"].value
            return browser.post(address, {**fields, "csrfmiddlewaretoken": token}, follow=True)

        signed_in = send("/admin/login/", {"username": "editor", "password": "password"})
        assert signed_in.redirect_chain == [("/admin/", 302)]
        add = reverse("wagtailadmin_pages:add", args=["blog", "postpage", blog.pk])
        saved = send(add, form(title="Bread"))
        assert "saved" in saved.text
        edit = saved.redirect_chain[-1][0]
        assert browser.get("/blog/bread/").status_code == 404
        published = send(edit, form(title="Bread", slug="bread") | {"action-publish": "1"})
        assert "published" in published.text
        assert "Bread" in Client().get("/blog/bread/").text
        assert "/blog/bread/" in Client().get("/search/?q=bread").text

    def test_it_answers_as_an_empty_cache(self):
        empty = caches["default"]
        empty.set("a", 1)
        assert empty.get("a") is None
        assert empty.get("a", 2) == 2
        assert empty.get_or_set("a", lambda: 3) == 3
        assert empty.get_many(["a"]) == {}
        assert empty.set_many({"a": 1}) == ["a"]
        assert "a" not in empty
        assert (empty.add("a", 1), empty.delete("a"), empty.touch("a")) == (False, False, False)
        empty.delete_many(["a"])
        empty.clear()
        with pytest.raises(ValueError, match="'a' not found"):
            empty.incr("a")

    def test_its_beginning_alone_is_told(self, caplog):
        for _ in range(20):
            caches["default"].get("a")
        assert caplog.text.count("The cache is away") == 1


class Redis:
    """A Redis server of our own, that may be stopped."""

    def __init__(self):
        self.port = free_port()
        self.address = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--save", ""], stdout=subprocess.DEVNULL
        )
        self.client = redis.Redis.from_url(self.address)
        wait_until(self.answers)

    def answers(self):
        try:
            return self.client.ping()
        except redis.ConnectionError:
            return False

    def stop(self):
        self.process.kill()
        self.process.wait()


def wait_until(is_so, seconds=20):
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.redis
class ReturnTests:
    @pytest.fixture
    def server(self):
        assert shutil.which("redis-server")
        server = Redis()
        yield server
        server.process.send_signal(signal.SIGCONT)
        server.stop()

    def hang(self, server):
        os.kill(server.process.pid, signal.SIGSTOP)
        return lambda: os.kill(server.process.pid, signal.SIGCONT)

    def fill(self, server):
        server.client.config_set("maxmemory", 1)
        return lambda: server.client.config_set("maxmemory", 0)

    def refuse_writing(self, server):
        server.client.replicaof("127.0.0.1", 1)
        return lambda: server.client.replicaof("NO", "ONE")

    @pytest.mark.parametrize("fault", ["hang", "fill", "refuse_writing"])
    def test_what_was_changed_meanwhile_is_not_read_afterwards(self, server, settings, fault):
        kept = use(settings, server.address)
        kept.set("title", "old")
        assert kept.get("title") == "old"
        mend = getattr(self, fault)(server)
        kept.set("title", "newer")
        kept.delete("title")
        assert kept.get("title") in {None, "newer"}
        mend()

        def is_kept():
            assert kept.get("title") != "old"
            kept.set("other", 1)
            return kept.get("other") == 1

        wait_until(is_kept)
        assert kept.get("title") is None

    @pytest.mark.django_db
    def test_wagtail_knows_the_sites_as_they_are_now(self, server, settings, site):
        use(settings, server.address)
        before = Site.get_site_root_paths()
        mend = self.hang(server)
        Site.objects.filter(pk=site.pk).update(hostname="moved.example")
        Site.clear_site_root_paths_cache()
        mend()
        for _ in range(20):
            assert Site.get_site_root_paths() != before
            time.sleep(0.05)

    def test_what_another_process_changed_meanwhile_is_forgotten(self, server):
        """A command that ended before Redis was back has told nobody."""
        clients = [redis.Redis.from_url(server.address, socket_timeout=0.2) for _ in range(2)]
        here, there = (RedisGeneration(client) for client in clients)
        before = here.current()
        assert there.current() == before
        mend = self.hang(server)
        wait_until(lambda: here.current() is None and there.current() is None)
        mend()
        wait_until(lambda: here.current() is not None)
        assert here.current() > before
