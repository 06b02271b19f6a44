"""A change empties the caches in front of the site, whole."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from unittest import mock

import pytest
import requests
from django.db import transaction
from django.http.request import validate_host
from wagtail.contrib.frontend_cache import backends
from wagtail.contrib.frontend_cache.backends.azure import AzureCdnBackend

from blog.models import PostPage
from home import purge
from home.page_cache import watch
from tests.home.page_cache.conftest import change, counter  # noqa: F401  fixtures


class Cache(ThreadingHTTPServer):
    """A cache in front that notes each purge and can be told to refuse or to take its time."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), CacheHandler)
        self.purges = []
        self.statuses = []
        self.on_purge = lambda: None

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"


class CacheHandler(BaseHTTPRequestHandler):
    def do_BAN(self):
        self.server.purges.append(self.headers["X-Ban-Hosts"])
        self.server.on_purge()
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def cache(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(purge, "failure_path", lambda name: tmp_path / name)
    monkeypatch.setattr(purge, "purgers", {})
    monkeypatch.setattr(purge, "QUIET", 0.2)
    monkeypatch.setattr(purge, "AGAIN", 0.4)
    monkeypatch.setattr(purge, "LONGEST_PAUSE", 0.05)
    with Cache() as cache:
        settings.WAGTAILFRONTENDCACHE = {
            "default": {
                "BACKEND": "wagtail.contrib.frontend_cache.backends.HTTPBackend",
                "LOCATION": cache.address,
            }
        }
        threading.Thread(target=cache.serve_forever).start()
        yield cache
        finish()
        cache.shutdown()


def finish():
    """Wait until all is purged."""
    for purger in purge.purgers.values():
        if thread := purger._thread:
            thread.join(30)
            assert not thread.is_alive()


@pytest.fixture
def post(write):
    post = write("A post", tags=["food"])
    return PostPage.objects.get(pk=post.pk)


@pytest.mark.django_db
class ChangeTests:
    def test_many_changes_in_a_row_are_one_purge_and_a_second_for_what_was_on_its_way(self, cache):
        for _ in range(50):
            purge.purge()
        finish()
        assert len(cache.purges) == 2

    def test_changes_without_an_end_do_not_put_it_off(self, cache, monkeypatch):
        monkeypatch.setattr(purge, "LONGEST_WAIT", 0.3)
        purged = threading.Event()
        cache.on_purge = purged.set
        while not purged.wait(0.01):
            purge.purge()

    def test_a_change_during_a_purge_is_followed_by_another(self, cache, monkeypatch):
        monkeypatch.setattr(purge, "AGAIN", 0)
        begun, go_on = threading.Event(), threading.Event()
        cache.on_purge = lambda: (begun.set(), go_on.wait(20))
        purge.purge()
        assert begun.wait(20)
        # The editor does not wait for it.
        purge.purge()
        assert len(cache.purges) == 1
        go_on.set()
        finish()
        assert len(cache.purges) == 2

    def test_a_publish_empties_it_after_the_page_cache_has_forgotten(
        self,
        cache,
        post,
        counter,  # noqa: F811
        change,  # noqa: F811
    ):
        before, numbers = counter.current(), []
        cache.on_purge = lambda: numbers.append(counter.current())
        with change():
            post.title = "Soup"
            post.save_revision().publish()
            assert not purge.purgers
        finish()
        assert numbers
        assert min(numbers) > before

    def test_an_update_in_the_shell_does_too(self, cache, post, change):  # noqa: F811
        with change():
            PostPage.objects.update(title="Soup")
        finish()
        assert cache.purges

    def test_what_readers_do_not_see_does_not(self, cache, post, change):  # noqa: F811
        with change():
            post.title = "Not yet"
            post.save_revision()
        with change(), transaction.atomic():
            PostPage.objects.update(title="Never")
            transaction.set_rollback(True)
        assert not purge.purgers


class FailureTests:
    def test_it_is_tried_until_it_succeeds_and_health_says_so_meanwhile(
        self, cache, client, db, caplog
    ):
        refused, go_on = threading.Event(), threading.Event()
        cache.statuses = [503, 301, 405]
        cache.on_purge = lambda: (len(cache.purges) == 3 and (refused.set(), go_on.wait(20)),)
        purge.purge()
        assert refused.wait(20)
        [failure] = purge.failures()
        assert failure["cache"] == "default"
        assert failure["since"] < failure["last"]
        problems = client.get("/health/ready").json()["problems"]
        assert [each["since"] for each in problems if each["problem"] == "cache in front"] == [
            failure["since"]
        ]
        go_on.set()
        finish()
        assert len(cache.purges) >= 4
        assert purge.failures() == []
        # A state that lasts is logged when it begins and when it ends.
        assert caplog.text.count("was not emptied: 503") == caplog.text.count("emptied") - 1 == 1
        assert "was emptied at last" in caplog.text

    def test_one_that_is_away_does_not_hold_up_another(self, cache, settings):
        settings.WAGTAILFRONTENDCACHE |= {
            "away": {
                "BACKEND": "wagtail.contrib.frontend_cache.backends.HTTPBackend",
                "LOCATION": "http://127.0.0.1:1",
            }
        }
        purge.purge()
        purge.purgers["default"]._thread.join(20)
        assert cache.purges
        settings.WAGTAILFRONTENDCACHE["away"]["LOCATION"] = cache.address

    def test_a_thread_that_was_lost_is_replaced(self, cache):
        purge.purge()
        finish()
        count = len(cache.purges)
        # As in the child of a process that forked meanwhile.
        purge.purgers["default"]._thread = threading.Thread()
        purge.purge()
        finish()
        assert len(cache.purges) > count


class BackendTests:
    """Each cache is emptied in one request that says "everything"."""

    @pytest.fixture
    def post(self, monkeypatch):
        answer = requests.Response()
        answer.status_code = 200
        post = mock.Mock(return_value=answer)
        monkeypatch.setattr(requests, "post", post)
        return post

    @pytest.mark.parametrize(
        ("options", "header"),
        [
            ({"BEARER_TOKEN": "t"}, ("Authorization", "Bearer t")),
            ({"EMAIL": "a@example.org", "API_KEY": "k"}, ("X-Auth-Key", "k")),
        ],
    )
    def test_cloudflare(self, post, options, header):
        purge.purge_everything(backends.CloudflareBackend({"ZONEID": "z", **options}))
        [[address], sent] = post.call_args
        assert address.endswith("/zones/z/purge_cache")
        assert sent["json"] == {"purge_everything": True}
        assert header in sent["headers"].items()
        assert sent["timeout"]

    def test_cloudflare_refuses(self, post):
        post.return_value.status_code = 429
        with pytest.raises(requests.RequestException, match="429"):
            purge.purge_everything(backends.CloudflareBackend({"ZONEID": "z", "BEARER_TOKEN": "t"}))

    def test_cloudfront(self):
        # Made without boto3, which only its users install.
        backend = object.__new__(backends.CloudfrontBackend)
        backend.client, backend.cloudfront_distribution_id = mock.Mock(), "d"
        purge.purge_everything(backend)
        [sent] = [call.kwargs for call in backend.client.create_invalidation.mock_calls]
        assert sent["DistributionId"] == "d"
        assert sent["InvalidationBatch"]["Paths"] == {"Quantity": 1, "Items": ["/*"]}

    def test_azure(self):
        backend = object.__new__(AzureCdnBackend)
        client = backend._get_client = mock.Mock()
        backend._make_purge_call = mock.Mock()
        purge.purge_everything(backend)
        backend._make_purge_call.assert_called_once_with(client.return_value, ["/*"])

    def test_one_of_the_site_s_own(self):
        backend = SimpleNamespace(purge_everything=mock.Mock())
        purge.purge_everything(backend)
        backend.purge_everything.assert_called_once_with()

    def test_one_that_cannot_is_refused_at_the_start(self, settings):
        name = "wagtail.contrib.frontend_cache.backends.BaseBackend"
        settings.WAGTAILFRONTENDCACHE = {"own": {"BACKEND": name}}
        [error] = purge.check_frontend_cache(None)
        assert error.id == "home.E004"
        assert "own" in error.msg
        settings.WAGTAILFRONTENDCACHE = {"own": {"BACKEND": name.replace("Base", "Cloudfront")}}
        assert purge.check_frontend_cache(None) == []


@pytest.mark.parametrize("allowed", ["*", "example.org", ".example.org", "[::1]", "127.0.0.1"])
@pytest.mark.parametrize(
    "host",
    [
        *("example.org", "www.example.org", "EXAMPLE.org", "notexample.org", "exampleXorg"),
        *("example.org.evil.com", "[::1]", "127.0.0.1"),
    ],
)
def test_a_ban_names_the_hosts_that_the_site_answers_to(allowed, host):
    pattern = purge.hosts_pattern(["another.example", allowed])
    for port in ("", ":8000"):
        found = re.search(pattern, host + port)
        assert bool(found) == validate_host(host.lower(), ["another.example", allowed])


def test_a_change_is_told_where_no_cache_is_in_front(settings):
    assert not hasattr(settings, "WAGTAILFRONTENDCACHE")
    assert watch.committed.send_robust(sender=None) == [(purge.purge, None)]
