"""Every address whose bytes a change changed is purged from a cache in front of the site."""

import datetime as dt
import re
import shutil
from contextlib import contextmanager
from unittest import mock
from urllib.parse import urljoin, urlsplit

import pytest
from django.db import connection, transaction
from django.test import Client, override_settings
from django.utils import timezone
from wagtail.contrib.frontend_cache.backends import BaseBackend
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import PageViewRestriction, ReferenceIndex, Site

from blog import fragments, remembered
from blog.models import Author, BlogIndexPage, Photo, PostPage, Series, Tag
from blog.schedule.publisher import do_what_is_due
from home.models import MenuItem, SiteSettings, StandardPage
from home.page_cache import purge, touched
from tests.factories import (
    AuthorFactory,
    BlogIndexPageFactory,
    PhotoFactory,
    PostPageFactory,
    SeriesFactory,
    StandardPageFactory,
    moment,
    paragraph,
)
from tests.home.page_cache.staleness import difference

pytestmark = pytest.mark.django_db

LINK = re.compile(r'(?:href="|<loc>|<id>)(?:https?://[^/"<]+)?([/?][^"#<]*)')
# What is not kept by caches, or not ours to purge.
LEFT = ("/admin/", "/search/", "/static/", "/media/", "/documents/")
STARTS = ("/", "/sitemap.xml", "/llms.txt", "/blog/?page=2", "/old", "/blog/2014/01/20/")


class Recorder(BaseBackend):
    purged: set = set()

    def purge(self, url):
        self.purged.add(url)


class WildcardRecorder(Recorder):
    purged: set = set()
    purges_wildcards = True


@pytest.fixture
def recorder(settings, monkeypatch):
    settings.WAGTAILFRONTENDCACHE = {"all": {"BACKEND": f"{__name__}.Recorder"}}
    monkeypatch.setattr(Recorder, "purged", set())
    monkeypatch.setattr(WildcardRecorder, "purged", set())
    # The thread would not see what a test has not committed.
    monkeypatch.setattr(purge.teller, "tell", purge.teller.do)
    purge.connect()
    yield Recorder
    purge.disconnect()


@contextmanager
def at_rest():
    """
    Nothing changes meanwhile, so that the site may remember, though a test is a transaction.

    But each page is made anew, as one that is held wrongly would be taken for one that is the same.
    """
    with (
        mock.patch.object(remembered, "is_in_transaction", return_value=False),
        mock.patch.object(fragments, "HELD", 0),
    ):
        remembered.follow(lambda: "at rest")
        yield
    remembered.follow(lambda: None)


@at_rest()
def crawl(client, known=()):
    """Each address that can be reached from the front page, and those `known`, with its bytes."""
    found, waiting = {}, [*STARTS, *known]
    while waiting:
        address = waiting.pop()
        if address in found or address.startswith(LEFT):
            continue
        response = client.get(address)
        found[address] = (response.status_code, response.get("Location"), response.content)
        if response.status_code == 200:
            links = [link.replace("&amp;", "&") for link in LINK.findall(response.text)]
            waiting += [urljoin(address, link) for link in links]
    return found


def paths(addresses):
    parts = [urlsplit(address) for address in addresses]
    return {each.path + (f"?{each.query}" if each.query else "") for each in parts}


@pytest.fixture(scope="class")
def unchanged(class_transaction, tmp_path_factory):
    """The answers of a site of posts before anything is done to it."""
    folder = tmp_path_factory.mktemp("media")
    with override_settings(MEDIA_ROOT=folder), pytest.MonkeyPatch.context() as patch:
        patch.setattr(BlogIndexPage, "posts_per_page", 2)
        write_site_of_posts()
        client = Client()
        # Portraits are made at the first visit.
        client.get("/blog/authors/")
        # Some addresses, as the feeds of a tag, are linked from nowhere that is crawled.
        yield crawl(client, known=paths(touched.everything()))


@pytest.fixture
def site_of_posts(unchanged, settings, tmp_path):
    # With a photo goes its file, which no rollback brings back.
    settings.MEDIA_ROOT = shutil.copytree(settings.MEDIA_ROOT, tmp_path / "media")


def write_site_of_posts():
    site = Site.objects.get(is_default_site=True)
    home_page = site.root_page.specific
    blog = BlogIndexPage.objects.get(slug="blog")
    photo = PhotoFactory(title="Door", credit="Ada", file__width=40, file__height=30)
    portrait = PhotoFactory(file__width=40, file__height=30)
    ada = AuthorFactory(slug="ada", biography="<p>Writes.</p>", portrait=portrait)
    ben = AuthorFactory(slug="ben")
    series = SeriesFactory(slug="parts")
    BlogIndexPageFactory(parent=home_page, slug="notes", title="Notes")
    about = StandardPageFactory(parent=home_page, slug="about", title="About")
    MenuItem.objects.create(settings=SiteSettings.for_site(site), page=about)
    days = [(2014, 1, 1), (2014, 1, 1), (2014, 2, 3), (2015, 3, 4), (2015, 3, 5), (2016, 1, 1)]
    posts = [
        PostPageFactory(
            parent=blog,
            title=f"Post {number}",
            slug=f"post-{number}",
            published_at=moment(*day, 9, number),
            tags=["food", "rare"][: 1 + number % 3 // 2] if number % 2 else ["law"],
            authors=[ada if number < 3 else ben],
            series=series if number in (1, 2, 4) else None,
            cover=photo if number == 2 else None,
        )
        for number, day in enumerate(days)
    ]
    for number in range(8):
        PostPageFactory(
            parent=blog,
            title=f"Later {number}",
            slug=f"later-{number}",
            published_at=moment(2017, 1 + number % 2, 1 + number, 9),
            tags=[["law", "food", "work"][number % 3]],
            authors=[ben],
        )
    shown = {"image": {"image": photo.pk, "alt_text": "A door"}, "caption": ""}
    publish(
        posts[5],
        body=[
            paragraph(f'<a linktype="page" id="{posts[3].pk}">that post</a>'),
            {"type": "related", "value": {"title": "", "posts": [posts[2].pk]}},
            {"type": "photo", "value": shown},
        ],
    )
    publish(about, body=[paragraph(f'<a linktype="page" id="{posts[2].pk}">a post</a>')])
    Redirect.objects.create(old_path="/old", redirect_page=posts[2])
    assert ReferenceIndex.objects.exists()


def publish(post, **fields):
    for name, value in fields.items():
        setattr(post, name, value)
    post.save_revision().publish()


def save(thing, **fields):
    for name, value in fields.items():
        setattr(thing, name, value)
    thing.save()


def go_live(write):
    past = timezone.now() - dt.timedelta(minutes=1)
    post = write("Due", slug="due", live=False, tags=["law"], published_at=None)
    revision = post.save_revision(approved_go_live_at=past)
    type(revision).objects.filter(pk=revision.pk).update(approved_go_live_at=past)
    do_what_is_due(wait=True)


def expire(post):
    PostPage.objects.filter(pk=post.pk).update(expire_at=timezone.now() - dt.timedelta(minutes=1))
    PostPage.objects.get(pk=post.pk).unpublish(set_expired=True)


# What is done to a post → how many addresses may be purged that did not change.
CHANGES = {
    "publish": (
        lambda post, write: publish(
            write("New", live=False, slug="new", tags=["law"], published_at=moment(2014, 1, 20))
        ),
        0,
    ),
    "publish the newest": (
        lambda post, write: write("New", slug="new", tags=["law", "new"], series=post.series),
        2,
    ),
    "edit the title": (lambda post, write: publish(post, title="Soup"), 1),
    "edit the body": (lambda post, write: publish(post, body=[paragraph("New.")]), 0),
    "edit the end of the body": (
        lambda post, write: publish(post, introduction="I.", body=[paragraph("New.")]),
        0,
    ),
    "rename": (lambda post, write: publish(post, slug="another"), 0),
    "re-date": (lambda post, write: publish(post, published_at=moment(2015, 3, 4, 20)), 1),
    "re-date within the day": (
        lambda post, write: publish(post, published_at=moment(2014, 2, 3, 20)),
        0,
    ),
    "re-tag": (lambda post, write: (post.tags.set(["work", "food"]), publish(post)), 0),
    "leave its series": (lambda post, write: publish(post, series=None), 0),
    "unpublish": (lambda post, write: post.unpublish(), 2),
    "delete": (lambda post, write: post.delete(), 2),
    "move": (
        lambda post, write: post.move(BlogIndexPage.objects.get(slug="notes"), pos="last-child"),
        2,
    ),
    "make private": (
        lambda post, write: PageViewRestriction.objects.create(
            page=post.page_ptr, restriction_type="login"
        ),
        2,
    ),
    "go live": (lambda post, write: go_live(write), 0),
    "expire": (lambda post, write: expire(post), 2),
    "gone": (lambda post, write: (publish(post, gone=True), post.unpublish()), 2),
    "several at once": (
        lambda post, write: [
            post.unpublish() for post in PostPage.objects.filter(slug__in=["post-1", "post-3"])
        ],
        6,
    ),
    "name of an author": (lambda post, write: save(Author.objects.get(slug="ada"), name="G"), 5),
    "slug of an author": (lambda post, write: save(Author.objects.get(slug="ada"), slug="g"), 8),
    "delete an author": (lambda post, write: Author.objects.get(slug="ada").delete(), 5),
    "name of a tag": (lambda post, write: save(Tag.objects.get(slug="rare"), name="Odd"), 5),
    "slug of a tag": (lambda post, write: save(Tag.objects.get(slug="rare"), slug="odd"), 6),
    "delete a tag": (lambda post, write: Tag.objects.get(slug="law").delete(), 5),
    "title of a series": (lambda post, write: save(Series.objects.get(), title="Bits"), 5),
    "delete a series": (lambda post, write: Series.objects.get().delete(), 5),
    "text of a photo": (
        lambda post, write: save(Photo.objects.get(title="Door"), description="A blue door"),
        12,
    ),
    "focal point of a photo": (
        lambda post, write: save(
            Photo.objects.get(title="Door"),
            **{f"focal_point_{name}": 10 for name in ("x", "y", "width", "height")},
        ),
        18,
    ),
    "delete a photo": (lambda post, write: Photo.objects.get(title="Door").delete(), 10),
    "name of the site": (lambda post, write: save(SiteSettings.objects.get(), name="An"), None),
    "menu": (
        lambda post, write: MenuItem.objects.create(settings=SiteSettings.objects.get(), page=post),
        None,
    ),
    "redirect": (lambda post, write: save(Redirect.objects.get(), old_path="/older"), 1),
    "edit a page": (
        lambda post, write: publish(StandardPage.objects.get(), introduction="Hello."),
        1,
    ),
    "title of a page of the menu": (
        lambda post, write: publish(StandardPage.objects.get(), title="Us"),
        None,
    ),
    "edit the blog": (
        lambda post, write: publish(BlogIndexPage.objects.get(slug="blog"), title="Weblog"),
        None,
    ),
    "update in the shell": (lambda post, write: PostPage.objects.update(title="All"), None),
}


def told(addresses, before, after):
    """Where answers begin to differ, for a person."""
    return "\n".join(
        difference(path, before[path][-1], after[path][-1]) if path in before else path
        for path in sorted(addresses)
    )


class PurgeTests:
    @pytest.mark.parametrize("name", CHANGES)
    def test_every_address_that_changed_is_purged(
        self, name, site_of_posts, unchanged, recorder, write, client, change
    ):
        do, excess = CHANGES[name]
        before = unchanged
        post = PostPage.objects.get(slug="post-2")
        with change():
            do(post, write)
        purged = paths(recorder.purged)
        after = crawl(client, known=[*before, *purged])
        missing = (404, None, b"")
        changed = {
            path
            for path, answer in after.items()
            # What is not found has a menu, too, but is not told of.
            if answer != (old := before.get(path, missing)) and {answer[0], old[0]} != {404}
        }
        print(f"{name}: {len(changed)} changed, {len(purged)} purged, of {len(after)}")
        assert changed
        assert changed <= purged, told(changed - purged, before, after)
        assert excess is None or len(purged - changed) <= excess, sorted(purged - changed)

    def test_saving_a_draft_purges_nothing(self, site_of_posts, recorder, change):
        post = PostPage.objects.get(slug="post-2")
        with change():
            post.title = "Not yet"
            post.save_revision()
        assert not recorder.purged

    def test_it_is_purged_when_the_page_cache_has_forgotten_it(
        self, site_of_posts, recorder, counter, change, monkeypatch
    ):
        before, numbers = counter.current(), []
        monkeypatch.setattr(Recorder, "purge", lambda self, url: numbers.append(counter.current()))
        with change():
            save(PostPage.objects.get(slug="post-2"), title="Soup")
        # Else the cache in front would ask for it again, and get what was kept here.
        assert numbers
        assert min(numbers) > before

    def test_what_is_rolled_back_explains_nothing_later(self, site_of_posts, recorder, change):
        connection.run_on_commit.clear()
        with transaction.atomic():
            save(Author.objects.get(slug="ada"), name="Grace")
            transaction.set_rollback(True)
        with change():
            Author.objects.update(name="Grace")
        assert paths(touched.everything()) <= paths(recorder.purged)

    def test_a_cache_that_understands_it_is_told_of_everything_in_a_word(
        self, site_of_posts, recorder, settings, change
    ):
        settings.WAGTAILFRONTENDCACHE = {"all": {"BACKEND": f"{__name__}.WildcardRecorder"}}
        with change():
            PostPage.objects.update(title="All")
        assert paths(WildcardRecorder.purged) == {"/*"}

    def test_what_many_posts_name_purges_everything(
        self, site_of_posts, recorder, change, monkeypatch
    ):
        monkeypatch.setattr(purge, "LIMIT", 3)
        with change():
            save(Author.objects.get(slug="ben"), name="Benjamin")
        assert paths(touched.everything()) <= paths(recorder.purged)
