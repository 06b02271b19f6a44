import datetime as dt

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.actions.convert_alias import ConvertAliasPageAction
from wagtail.models import Locale, Page, PageViewRestriction, Revision

from blog.models import BlogIndexPage, PostPage
from home.models import StandardPage
from tests.factories import BlogIndexPageFactory, StandardPageFactory, moment, paragraph

pytestmark = pytest.mark.django_db


@pytest.fixture
def tomorrow():
    return timezone.now() + dt.timedelta(days=1)


class NewPageTests:
    """A page made by a program, with `live` left as Wagtail has it."""

    def check(self, page, client, clock_forward):
        address = page.full_url
        assert not Page.objects.get(pk=page.pk).live
        assert client.get(address).status_code == 404
        clock_forward(page)
        call_command("publisher", once=True)
        assert Page.objects.get(pk=page.pk).live
        assert client.get(address).status_code == 200

    @pytest.fixture
    def clock_forward(self):
        def forward(page):
            revision = page.scheduled_revision
            due = timezone.now() - dt.timedelta(seconds=5)
            content = revision.content | {"go_live_at": due.isoformat()}
            Revision.objects.filter(pk=revision.pk).update(content=content, approved_go_live_at=due)

        return forward

    def test_a_post_with_a_go_live_waits_for_it(self, blog, tomorrow, client, clock_forward):
        post = PostPage(title="Soon", body=[paragraph("Words.")], go_live_at=tomorrow)
        blog.add_child(instance=post)
        assert client.get("/blog/soon/").status_code == 404
        assert post.published_at is None
        post.save_revision().publish()
        self.check(post, client, clock_forward)

    def test_a_go_live_that_is_set_after_it_was_added_is_waited_for(
        self, blog, tomorrow, client, clock_forward
    ):
        post = PostPage(title="Soon", body=[paragraph("Words.")])
        blog.add_child(instance=post)
        post.go_live_at = tomorrow
        post.save_revision().publish()
        self.check(post, client, clock_forward)

    @pytest.mark.parametrize("model", [StandardPage, BlogIndexPage])
    def test_so_do_the_other_kinds_of_page(self, model, home_page, tomorrow, client, clock_forward):
        page = model(title="Soon", go_live_at=tomorrow)
        home_page.add_child(instance=page)
        page.save_revision().publish()
        self.check(page, client, clock_forward)

    def test_a_post_without_one_is_live_at_once(self, blog, client):
        blog.add_child(instance=PostPage(title="Now", body=[paragraph("Words.")]))
        assert client.get("/blog/now/").status_code == 200
        assert PostPage.objects.get().first_published_at


class CopyTests:
    """Each way in which Wagtail makes a page out of another."""

    @pytest.fixture
    def imported(self, write):
        return write(
            "Imported",
            slug="imported",
            source_id="archive/1",
            published_at=moment(2009, 3, 1, 12),
            updated_at=moment(2010, 3, 1, 12),
            first_published_at=moment(2009, 3, 1, 12),
            gone=True,
            expire_at=timezone.now() + dt.timedelta(hours=1),
            locked=True,
            corrections=[PostPage.corrections.rel.related_model(text="<p>No.</p>")],
        )

    def is_new(self, copy):
        copy = PostPage.objects.get(pk=copy.pk)
        for post in (copy, copy.get_latest_revision_as_object()):
            assert post.source_id == ""
            assert not post.gone
            assert not post.locked
            assert post.updated_at is None
            assert post.expire_at is None
            assert list(post.corrections.all()) == []
            today = timezone.localdate()
            assert post.published_on == (today if copy.live else None)
        assert not copy.live or timezone.localdate(copy.first_published_at) == today
        return True

    @pytest.mark.parametrize("keep_live", [True, False])
    @pytest.mark.parametrize("revisions", [True, False])
    def test_a_copy_is_a_post_of_its_own(self, imported, keep_live, revisions, blog):
        imported.save_revision().publish()
        copy = PostPage.objects.get().copy(
            to=blog,
            update_attrs={"slug": "copy"},
            keep_live=keep_live,
            copy_revisions=revisions,
        )
        assert copy.live == keep_live
        assert self.is_new(copy)

    @pytest.mark.parametrize("keep_live", [True, False])
    def test_a_blog_is_copied_with_its_posts(self, imported, keep_live, blog, home_page):
        copied = blog.copy(
            recursive=True, to=home_page, update_attrs={"slug": "other"}, keep_live=keep_live
        )
        assert self.is_new(copied.get_children().get())

    @pytest.mark.parametrize("private", ["post", "blog", "both"])
    def test_copies_in_a_copied_blog_are_as_private(self, private, write, blog, home_page, client):
        write("Open")
        post = write("Secret")
        for page in {"post": [post], "blog": [blog], "both": [blog, post]}[private]:
            PageViewRestriction.objects.create(
                page=page, restriction_type="password", password="porch light"
            )
        other = blog.copy(recursive=True, to=home_page, update_attrs={"slug": "other"})
        copies = [page.get_children().filter(slug="secret").get() for page in (blog, other)]
        for page in (blog, post):
            copy = other if page == blog else copies[1]
            assert copy.view_restrictions.count() == page.view_restrictions.count()
        for form in ("/", ".md"):
            address = f"{other.url}secret{form}"
            assert b"Secret" not in client.get(address).content
        assert client.get(f"{other.url}secret.png").status_code == 404
        assert b"Secret" not in client.get(other.url).content
        is_open = b"Open" in client.get(f"{other.url}open/").content
        assert is_open == (private == "post")

    def test_a_draft_is_copied_for_translation(self, imported, blog, home_page):
        french = Locale.objects.create(language_code="fr")
        home_page.copy_for_translation(french)
        blog.copy_for_translation(french)
        assert self.is_new(imported.copy_for_translation(french))

    def test_an_alias_shows_the_same_and_has_no_source(self, imported, blog):
        alias = imported.create_alias(parent=blog, update_slug="alias")
        assert (alias.source_id, alias.published_at) == ("", imported.published_at)
        imported.title = "Changed"
        imported.save_revision().publish()
        alias = PostPage.objects.get(pk=alias.pk)
        assert (alias.title, alias.source_id) == ("Changed", "")

    def test_a_blog_has_an_alias_with_its_posts(self, imported, blog, home_page):
        alias = blog.create_alias(recursive=True, parent=home_page, update_slug="other")
        assert alias.get_children().get().specific.source_id == ""

    def test_an_alias_becomes_a_post(self, imported, blog, client):
        alias = imported.create_alias(parent=blog, update_slug="alias")
        post = ConvertAliasPageAction(alias).execute()
        post.save_revision().publish()
        assert PostPage.objects.get(pk=post.pk).source_id == ""
        assert client.get("/blog/alias/").status_code == 200

    @pytest.mark.parametrize("private", ["post", "blog"])
    def test_an_alias_becomes_a_post_as_private(self, private, write, blog, home_page, client):
        post = write("Secret")
        PageViewRestriction.objects.create(
            page={"post": post, "blog": blog}[private], restriction_type="login"
        )
        other = BlogIndexPageFactory(parent=home_page, slug="other")
        alias = post.create_alias(parent=other, update_slug="alias")
        assert b"Secret" not in client.get("/other/alias/").content
        page = ConvertAliasPageAction(alias).execute()
        assert page.view_restrictions.count() == 1
        for address in ("/other/alias/", "/other/alias.md", "/other/", "/other/feed/"):
            assert b"Secret" not in client.get(address).content

    def test_an_earlier_version_is_published_again(self, imported):
        first = imported.save_revision()
        imported.title = "Second"
        imported.save_revision().publish()
        first.as_object().save_revision(previous_revision=first).publish()
        post = PostPage.objects.get()
        assert (post.title, post.source_id) == ("Imported", "archive/1")


class CopyFormTests:
    """What an editor does with “Copy” in the page's menu."""

    @pytest.fixture
    def copy(self, client, editor):
        def copy(page, **fields):
            client.force_login(editor)
            address = reverse("wagtailadmin_pages:copy", args=[page.pk])
            fields = {
                "new_title": "Copy",
                "new_slug": "copy",
                "new_parent_page": page.get_parent().pk,
            } | fields
            return client.post(address, fields)

        return copy

    def test_a_free_slug_is_offered(self, editor, client, write):
        post = write(slug="soup")
        write(slug="soup-2")
        client.force_login(editor)
        page = client.get(reverse("wagtailadmin_pages:copy", args=[post.pk]))
        assert page.context["form"]["new_slug"].value() == "soup-3"

    @pytest.mark.parametrize("choice", ["", "publish_copies", "alias"])
    def test_an_imported_post_is_copied(self, copy, write, choice):
        post = write(source_id="archive/1")
        response = copy(post, **({choice: "on"} if choice else {}))
        assert response.status_code == 302
        assert PostPage.objects.get(slug="copy").source_id == ""

    @pytest.mark.parametrize("slug", ["tags", "2014", "x" * 300])
    @pytest.mark.parametrize("choice", ["", "publish_copies", "alias"])
    def test_a_slug_that_no_post_may_have_is_refused(self, copy, write, slug, choice):
        response = copy(write(), new_slug=slug, **({choice: "on"} if choice else {}))
        assert response.context["form"].errors["new_slug"]

    def test_so_is_one_at_which_the_site_answers(self, copy, home_page):
        page = StandardPageFactory(parent=home_page)
        response = copy(page, new_slug="search", publish_copies="on")
        assert response.context["form"].errors["new_slug"]

    def test_a_title_that_is_too_long_is_refused(self, copy, write):
        assert copy(write(), new_title="x" * 300).context["form"].errors["new_title"]
