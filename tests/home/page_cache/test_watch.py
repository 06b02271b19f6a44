"""Each change that a reader could notice forgets the kept pages; what they cannot does not."""

import pytest
from django.apps import apps
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, PageViewRestriction

from blog.models import Author, PostPage, Tag
from home.models import MenuItem, SiteSettings
from home.page_cache import watch
from tests.factories import AuthorFactory, PhotoFactory, SeriesFactory, StandardPageFactory

pytestmark = pytest.mark.django_db


def publish(post, **fields):
    for name, value in fields.items():
        setattr(post, name, value)
    post.save_revision().publish()


def schedule_and_publish(post):
    post.title = "Later"
    revision = post.save_revision(approved_go_live_at=timezone.now())
    revision.publish()


CHANGES = {
    "publish": lambda post, site: publish(post, title="New"),
    "unpublish": lambda post, site: post.unpublish(),
    "delete": lambda post, site: post.delete(),
    "rename": lambda post, site: publish(post, slug="another"),
    "re-date": lambda post, site: publish(post, published_at=timezone.now()),
    "re-tag": lambda post, site: (post.tags.set(["other"]), publish(post)),
    "go live": lambda post, site: schedule_and_publish(post),
    "copy": lambda post, site: post.copy(update_attrs={"slug": "copy", "title": "Copy"}),
    "make private": lambda post, site: PageViewRestriction.objects.create(
        page=post, restriction_type="login"
    ),
    "make public": lambda post, site: PageViewRestriction.objects.all().delete(),
    "move": lambda post, site: StandardPageFactory(parent=site.root_page).move(
        StandardPageFactory(parent=site.root_page), pos="last-child"
    ),
    "update in the shell": lambda post, site: PostPage.objects.update(introduction="Hello."),
    "site's name": lambda post, site: SiteSettings.for_site(site).save(),
    "menu": lambda post, site: MenuItem.objects.create(
        settings=SiteSettings.objects.create(site=site), page=post
    ),
    "author": lambda post, site: Author.objects.update(name="Ben"),
    "tag": lambda post, site: Tag.objects.first().save(),
    "series": lambda post, site: SeriesFactory(),
    "photo's text": lambda post, site: PhotoFactory(description="A door"),
    "redirect": lambda post, site: Redirect.add_redirect("/old", "/new"),
    "host": lambda post, site: site.save(),
}


@pytest.fixture
def post(write):
    post = write("A post", tags=["food"], authors=[AuthorFactory()])
    other = write("Private", private=True)
    assert other.get_view_restrictions()
    return PostPage.objects.get(pk=post.pk)


class NoticedTests:
    @pytest.mark.parametrize("name", CHANGES)
    def test_a_change_that_readers_could_notice(self, name, post, site, counter, change):
        before = counter.current()
        with change():
            CHANGES[name](post, site)
        assert counter.current() > before

    def test_nothing_is_forgotten_before_the_commit(self, post, counter, change):
        before = counter.current()
        with change():
            publish(post, title="New")
            assert counter.current() == before
        assert counter.current() > before

    def test_a_change_is_announced_before_it_is_made(self, post, counter, change):
        with change():
            publish(post, title="New")
            pending = list(counter.markers.iterdir())
            assert len(pending) == 1
        assert not list(counter.markers.iterdir())


class UnnoticedTests:
    def test_saving_a_draft(self, post, counter, change):
        before = counter.current()
        post.title = "Not yet"
        with change():
            post.save_revision()
        assert counter.current() == before

    def test_reading(self, post, counter, change, client):
        client.get("/blog/")
        before = counter.current()
        with change():
            client.get("/blog/")
            client.get(post.url)
        assert counter.current() == before

    def test_making_a_rendition(self, counter, change):
        photo = PhotoFactory()
        before = counter.current()
        with change():
            photo.get_rendition("width-100")
        assert counter.current() == before


class CompletenessTests:
    def test_every_type_of_page_is_watched(self):
        pages = {m._meta.db_table for m in apps.get_models() if issubclass(m, Page)}
        assert pages <= set(watch.shown_tables())

    @pytest.mark.parametrize(
        ("sql", "noticeable"),
        [
            ('UPDATE "wagtailcore_page" SET "path" = %s WHERE "id" = 1', True),
            ("update wagtailcore_page set url_path = 'x'", True),
            ('UPDATE "wagtailcore_page" SET "latest_revision_id" = %s', False),
            ('UPDATE "wagtailcore_page" SET "latest_revision_id" = 1, "title" = %s', True),
            ('INSERT OR IGNORE INTO "blog_tag" ("name") VALUES (%s)', True),
            ('INSERT INTO "blog_photorendition" ("file") VALUES (%s)', False),
            ('DELETE FROM "blog_photorendition"', True),
            ('UPDATE "home_user" SET "last_login" = %s', False),
            ('INSERT INTO "blog_worker" ("name") VALUES (%s)', False),
            ('UPDATE "blog_attempt" SET "retry_at" = %s', False),
            ('SELECT "blog_tag"."name" FROM "blog_tag"', False),
        ],
    )
    def test_statements_are_understood(self, sql, noticeable):
        assert watch.is_noticeable(sql) is noticeable
