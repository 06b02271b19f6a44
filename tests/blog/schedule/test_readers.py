"""What readers see when no worker is there."""

import datetime as dt

import pytest
from django.utils import timezone

from blog.models import Attempt, PostPage
from blog.schedule.middleware import DueMiddleware
from tests.factories import StandardPageFactory

pytestmark = pytest.mark.django_db


class NoWorkerTests:
    @pytest.mark.parametrize("address", ["/", "/blog/", "/blog/feed/", "/sitemap-posts.xml"])
    def test_a_due_post_is_in_every_list(self, address, draft, client):
        post = draft("Long awaited", slug="long-awaited")
        assert post.slug in client.get(address).content.decode()

    def test_a_due_post_is_at_its_own_address(self, draft, client):
        post = draft(slug="long-awaited")
        assert client.get("/blog/long-awaited/").status_code == 200
        assert Attempt.objects.get().object_id == str(post.pk)

    def test_a_search_finds_a_due_post(self, draft, client):
        draft("Long awaited", slug="long-awaited")
        assert "/blog/long-awaited/" in client.get("/search/?q=awaited").content.decode()

    def test_the_requested_post_does_not_wait_for_a_backlog(self, draft, client, monkeypatch):
        monkeypatch.setattr("blog.schedule.middleware.PATIENCE", 1e-9)
        for seconds in (-50, -40, -30):
            draft(seconds=seconds)
        draft(slug="long-awaited", seconds=-5)
        assert client.get("/blog/long-awaited/").status_code == 200

    def test_nor_for_another_reader_whose_request_does_the_rest(self, draft, monkeypatch, rf):
        monkeypatch.setattr("blog.schedule.middleware.PATIENCE", 1e-9)
        middleware = DueMiddleware(lambda request: None)
        post = draft(slug="long-awaited")
        with middleware.busy:
            middleware(rf.get("/blog/long-awaited/"))
        assert PostPage.objects.get(pk=post.pk).live

    def test_an_address_that_was_changed_in_the_draft_does_not_wait_either(
        self, draft, schedule, client, monkeypatch
    ):
        monkeypatch.setattr("blog.schedule.middleware.PATIENCE", 1e-9)
        draft(seconds=-50)
        schedule(draft(slug="old", seconds=-10), seconds=-5, slug="new")
        assert client.get("/blog/new/").status_code == 200

    def test_a_scheduled_post_is_not_found_before_its_time(self, draft, client):
        draft(slug="long-awaited", seconds=60)
        assert client.get("/blog/long-awaited/").status_code == 404

    def test_an_expired_post_is_not_found(self, write, client):
        post = write(expire_at=timezone.now() - dt.timedelta(milliseconds=1))
        assert client.get(post.url).status_code == 404
        assert post.title not in client.get("/blog/").content.decode()

    def test_an_expired_post_is_gone_at_its_second(self, write, client, clock):
        moment = timezone.now().replace(microsecond=0) + dt.timedelta(hours=1)
        post = write(expire_at=moment)
        clock(moment - dt.timedelta(seconds=1))
        assert client.get(post.url).status_code == 200
        clock(moment)
        assert client.get(post.url).status_code == 404

    def test_the_editor_is_no_reader(self, draft, client, editor):
        client.force_login(editor)
        draft()
        client.get("/admin/")
        assert not Attempt.objects.exists()


class FailingExpiryTests:
    """What cannot be taken down is hidden nevertheless."""

    @pytest.fixture(autouse=True)
    def _unpublishing_fails(self, monkeypatch):
        def fail(*_, **__):
            raise RuntimeError("no")

        monkeypatch.setattr("wagtail.actions.unpublish_page.UnpublishPageAction.execute", fail)

    def test_an_expired_post_is_neither_served_nor_listed(self, write, client):
        post = write("Gone", slug="gone", expire_at=timezone.now())
        assert client.get(post.url).status_code == 404
        assert "/blog/gone/" not in client.get("/blog/").content.decode()
        assert PostPage.objects.get(pk=post.pk).live
        assert Attempt.objects.get().outcome == "failed"

    def test_a_page_without_a_date_is_not_served_either(self, home_page, client):
        page = StandardPageFactory(parent=home_page, expire_at=timezone.now())
        assert client.get(page.url).status_code == 404
