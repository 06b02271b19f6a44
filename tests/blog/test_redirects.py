import datetime as dt
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect

from blog.models import PostPage
from tests.blog.test_editing import form
from tests.factories import BlogIndexPageFactory, StandardPageFactory

pytestmark = pytest.mark.django_db


def paths():
    return set(Redirect.objects.values_list("old_path", flat=True))


class RenamedPageTests:
    @pytest.fixture
    def rename(self, django_capture_on_commit_callbacks):
        def rename(page, slug):
            page.slug = slug
            with django_capture_on_commit_callbacks(execute=True):
                page.save_revision().publish() if page.live else page.save()

        return rename

    def test_a_public_address_leads_to_the_new_one(self, write, rename, client):
        rename(write(slug="old"), "new")
        assert paths() == {"/blog/old"}
        assert client.get("/blog/old/").url == "/blog/new/"

    def test_a_draft_leaves_nothing_and_takes_nothing_away(self, write, rename):
        rename(write(slug="public"), "renamed")
        rename(write(slug="old", live=False), "new")
        assert paths() == {"/blog/public"}

    @pytest.mark.parametrize("state", ["taken down", "expired"])
    def test_no_address_leads_to_itself_or_to_a_draft(self, state, write, rename, client):
        post = write(slug="old")
        rename(post, "new")
        rename(post, "old")
        assert client.get("/blog/new/").url == "/blog/old/"
        if state == "taken down":
            post.unpublish()
        else:
            PostPage.objects.update(expire_at=timezone.now())
        assert client.get("/blog/old/").status_code == 404
        PostPage.objects.update(slug="secret", url_path="/home/blog/secret/")
        assert client.get("/blog/new/").status_code == 404
        PostPage.objects.update(gone=True)
        assert client.get("/blog/new/").url == "/blog/secret/"

    def test_a_subject_that_is_renamed_back_leads_nowhere_else(self, write, client):
        post = write(tags=["food"])
        tag = post.tags.get()
        for slug in ("eating", "food"):
            tag.slug = slug
            tag.save()
        assert client.get("/blog/tags/eating/").url == "/blog/tags/food/"
        post.unpublish()
        assert client.get("/blog/tags/food/").status_code == 404

    def test_one_that_was_taken_down_is_found_where_it_was_public(self, write, rename, client):
        post = write(slug="old")
        post.save_revision().publish(log_action=True)
        post.refresh_from_db()
        post.unpublish()
        for slug in ("o", "on", "once-more"):
            rename(post, slug)
        assert not paths()
        post.save_revision().publish(log_action=True)
        assert paths() == {"/blog/old"}
        assert client.get("/blog/old/").url == "/blog/once-more/"

    def test_what_is_live_below_a_draft_is_found_where_it_was(self, home_page, rename):
        section = StandardPageFactory(parent=home_page, slug="old", live=False)
        StandardPageFactory(parent=section, slug="below")
        StandardPageFactory(parent=section, slug="hidden", live=False)
        rename(section, "new")
        assert paths() == {"/old/below"}

    def test_typing_a_title_leaves_nothing(
        self, blog, editor, client, django_capture_on_commit_callbacks
    ):
        client.force_login(editor)
        address = reverse("wagtailadmin_pages:add", args=["blog", "postpage", blog.pk])
        for title in ["Ti", "Title", "Title of", "Title of a post"]:
            with django_capture_on_commit_callbacks(execute=True):
                answer = client.post(address, form(title), headers={"Accept": "application/json"})
            address = reverse("wagtailadmin_pages:edit", args=[answer.json()["pk"]])
        assert PostPage.objects.get().slug == "title-of-a-post"
        assert not paths()


class MovedPageTests:
    @pytest.fixture
    def other(self, home_page):
        return BlogIndexPageFactory(parent=home_page, slug="other")

    def test_a_public_address_leads_to_the_new_one(self, write, other, client):
        write(slug="soup").move(other, pos="last-child")
        assert paths() == {"/blog/soup"}
        assert client.get("/blog/soup/").url == "/other/soup/"

    def test_a_draft_leaves_nothing(self, write, other):
        write(slug="soup", live=False).move(other, pos="last-child")
        assert not paths()


class MigrationTests:
    """Redirects that were made for drafts go; those from addresses that were public stay."""

    @pytest.fixture
    def left(self):
        def left(post, **fields):
            fields = {"automatically_created": True, "redirect_page": post, **fields}
            redirect = Redirect.objects.create(old_path="/blog/ti", **fields)
            Redirect.objects.filter(pk=redirect.pk).update(created_at=self.then)
            migration = import_module("blog.migrations.0003_remove_redirects_of_drafts")
            migration.remove_redirects_of_drafts(apps, connection.schema_editor())
            return Redirect.objects.exists()

        self.then = timezone.now() - dt.timedelta(days=1)
        return left

    @pytest.fixture
    def draft(self, write):
        post = write(live=False)
        post.save_revision()
        return post

    def test_that_of_a_draft_goes(self, left, draft):
        assert not left(draft)

    def test_that_of_a_post_from_before_it_was_published_goes(self, left, draft):
        draft.latest_revision.publish()
        assert not left(draft)

    def test_that_of_a_post_from_after_it_was_published_stays(self, left, draft):
        draft.latest_revision.publish()
        PostPage.objects.update(first_published_at=self.then - dt.timedelta(days=1))
        assert left(draft)

    def test_that_of_a_post_that_was_taken_down_stays(self, left, draft):
        draft.latest_revision.publish()
        PostPage.objects.get().unpublish()
        PostPage.objects.update(first_published_at=None)
        assert left(draft)

    def test_that_of_a_page_that_a_program_made_live_stays(self, left, write):
        post = write()
        post.save_revision().publish()
        assert left(post)

    def test_one_made_by_hand_stays(self, left, draft):
        assert left(draft, automatically_created=False)
