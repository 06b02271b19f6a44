"""Every address whose bytes a change changed is purged from a cache in front of the site."""

import re
from urllib.parse import urlsplit

import pytest
from wagtail.contrib.frontend_cache.backends import BaseBackend
from wagtail.models import PageViewRestriction

from blog.models import PostPage
from home.models import SiteSettings
from home.page_cache import purge
from tests.factories import (
    AuthorFactory,
    BlogIndexPageFactory,
    PhotoFactory,
    SeriesFactory,
    moment,
    paragraph,
)

pytestmark = pytest.mark.django_db

LINK = re.compile(r'(?:href="|<loc>|<id>)(?:https?://[^/"<]+)?(/[^"#<]*)')
# What is not kept by caches, or not ours to purge.
LEFT = ("/admin/", "/search/", "/static/", "/media/", "/documents/")


class Recorder(BaseBackend):
    purged: set = set()

    def purge(self, url):
        self.purged.add(url)


@pytest.fixture
def recorder(settings):
    settings.WAGTAILFRONTENDCACHE = {"all": {"BACKEND": f"{__name__}.Recorder"}}
    Recorder.purged = set()
    purge.connect()
    yield Recorder
    purge.disconnect()


def crawl(client, known=()):
    """Each address that can be reached from the front page, and those `known`, with its bytes."""
    found, waiting = {}, ["/", "/sitemap.xml", "/llms.txt", "/blog/?page=2", *known]
    while waiting:
        address = waiting.pop()
        if address in found or address.startswith(LEFT):
            continue
        response = client.get(address)
        found[address] = (response.status_code, response.content)
        if response.status_code == 200:
            waiting += [link.replace("&amp;", "&") for link in LINK.findall(response.text)]
    return found


@pytest.fixture
def site_of_posts(blog, home_page, write, monkeypatch):
    monkeypatch.setattr(type(blog), "posts_per_page", 2)
    ada, ben = AuthorFactory(slug="ada"), AuthorFactory(slug="ben")
    series = SeriesFactory(slug="parts")
    BlogIndexPageFactory(parent=home_page, slug="notes", title="Notes")
    photo = PhotoFactory(credit="Ada")
    days = [(2014, 1, 1), (2014, 1, 1), (2014, 2, 3), (2015, 3, 4), (2015, 3, 5), (2016, 1, 1)]
    for number, day in enumerate(days):
        write(
            f"Post {number}",
            slug=f"post-{number}",
            published_at=moment(*day, 9, number),
            tags=["food"] if number % 2 else ["law"],
            authors=[ada if number < 3 else ben],
            series=series if number in (1, 4) else None,
            cover=photo if number == 2 else None,
        )
    return ada


def publish(post, **fields):
    for name, value in fields.items():
        setattr(post, name, value)
    post.save_revision().publish()


CHANGES = {
    "edit": lambda post, ada, write: publish(post, title="Soup", body=[paragraph("New.")]),
    "rename": lambda post, ada, write: publish(post, slug="another"),
    "re-date": lambda post, ada, write: publish(post, published_at=moment(2015, 3, 4, 20)),
    "re-tag": lambda post, ada, write: (post.tags.set(["work", "food"]), publish(post)),
    "unpublish": lambda post, ada, write: post.unpublish(),
    "delete": lambda post, ada, write: post.delete(),
    "publish": lambda post, ada, write: publish(
        write("New", live=False, slug="new", published_at=moment(2014, 1, 20))
    ),
    "write": lambda post, ada, write: write("New", tags=["law"], authors=[ada]),
    "move": lambda post, ada, write: post.move(
        type(post.blog).objects.get(slug="notes"), pos="last-child"
    ),
    "make private": lambda post, ada, write: PageViewRestriction.objects.create(
        page=post.page_ptr, restriction_type="login"
    ),
    "author": lambda post, ada, write: (setattr(ada, "name", "Grace"), ada.save()),
    "site": lambda post, ada, write: SiteSettings(
        site=post.get_site(), pk=SiteSettings.for_site(post.get_site()).pk, name="Another name"
    ).save(),
}


class PurgeTests:
    @pytest.mark.parametrize("name", CHANGES)
    def test_every_address_that_changed_is_purged(
        self, name, site_of_posts, recorder, write, client, django_capture_on_commit_callbacks
    ):
        before = crawl(client)
        post = PostPage.objects.get(slug="post-2")
        with django_capture_on_commit_callbacks(execute=True):
            CHANGES[name](post, site_of_posts, write)
        after = crawl(client, known=before)
        changed = {path for path, answer in after.items() if before.get(path, answer) != answer}
        assert changed
        purged = {
            urlsplit(url).path + (f"?{urlsplit(url).query}" if urlsplit(url).query else "")
            for url in recorder.purged
        }
        assert changed <= purged, sorted(changed - purged)

    def test_saving_a_draft_purges_nothing(
        self, site_of_posts, recorder, django_capture_on_commit_callbacks
    ):
        post = PostPage.objects.get(slug="post-2")
        with django_capture_on_commit_callbacks(execute=True):
            post.title = "Not yet"
            post.save_revision()
        assert not recorder.purged
