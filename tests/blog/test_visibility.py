import datetime as dt

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone
from wagtail.contrib.search_promotions.models import Query, SearchPromotion
from wagtail.models import Page, PageViewRestriction

from blog import visibility
from blog.models import PostPage
from blog.schedule import publisher
from home.models import MenuItem, SiteSettings
from tests.factories import (
    AuthorFactory,
    BlogIndexPageFactory,
    PostPageFactory,
    SeriesFactory,
    StandardPageFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

SECRET = "Zanzibar dossier"


def draft(write, **fields):
    return write(SECRET, live=False, **fields)


def scheduled(write, **fields):
    post = write(SECRET, live=False, **fields)
    post.go_live_at = timezone.now() + dt.timedelta(days=1)
    post.save_revision(approved_go_live_at=post.go_live_at)
    post.save()
    return post


def in_review(write, **fields):
    post = write(SECRET, live=False, **fields)
    post.save_revision()
    post.get_workflow().start(post, UserFactory(roles=["Authors"]))
    return post


def unpublished(write, **fields):
    post = write(SECRET, **fields)
    post.unpublish()
    return post


def gone(write, **fields):
    post = write(SECRET, gone=True, **fields)
    post.unpublish()
    return post


def expired(write, **fields):
    post = write(SECRET, expire_at=timezone.now() - dt.timedelta(minutes=1), **fields)
    post.unpublish(set_expired=True)
    return post


def expired_and_still_live(write, **fields):
    return write(SECRET, expire_at=timezone.now() - dt.timedelta(minutes=1), **fields)


def gone_and_still_live(write, **fields):
    return expired_and_still_live(write, gone=True, **fields)


def behind_a_password(write, **fields):
    return write(SECRET, private=True, **fields)


def for_accounts_only(write, **fields):
    post = write(SECRET, **fields)
    PageViewRestriction.objects.create(page=post, restriction_type=PageViewRestriction.LOGIN)
    return post


def for_a_group_only(write, **fields):
    post = write(SECRET, **fields)
    restriction = PageViewRestriction.objects.create(
        page=post, restriction_type=PageViewRestriction.GROUPS
    )
    restriction.groups.add(Group.objects.get(name="Editors"))
    return post


def private_blog():
    home = Page.objects.get(depth=2)
    blog = BlogIndexPageFactory(parent=home, title="Confidential", slug="confidential")
    PageViewRestriction.objects.create(page=blog, restriction_type=PageViewRestriction.LOGIN)
    return blog


def below_a_private_page(write, **fields):
    return PostPageFactory(parent=private_blog(), title=SECRET, **fields)


def alias_of_a_private_post(write, **fields):
    original = for_accounts_only(write, **fields)
    return original.create_alias(update_slug="zanzibar-again", parent=original.get_parent())


def alias_of_a_post_below_a_private_page(write, **fields):
    original = below_a_private_page(write, **fields)
    return original.create_alias(parent=Page.objects.get(slug="blog"))


NOT_LIVE = [draft, scheduled, in_review, unpublished, expired, expired_and_still_live]
GONE = [gone, gone_and_still_live]
PRIVATE = [
    behind_a_password,
    for_accounts_only,
    for_a_group_only,
    below_a_private_page,
    alias_of_a_private_post,
    alias_of_a_post_below_a_private_page,
]

# Yesterday, so that the posts are news.
DAY = timezone.localdate() - dt.timedelta(days=1)
YEAR, MONTH = f"/blog/{DAY:%Y}/", f"/blog/{DAY:%Y/%m}/"

SURFACES = [
    "/",
    "/blog/",
    YEAR,
    MONTH,
    f"/blog/{DAY:%Y/%m/%d}/",
    "/blog/tags/policy/",
    "/blog/authors/ada/",
    "/blog/series/thresholds/",
    "/blog/feed/",
    "/blog/feed/rss/",
    "/blog/feed/json/",
    "/blog/tags/policy/feed/",
    "/blog/authors/ada/feed/json/",
    "/blog/series/thresholds/feed/rss/",
    # Beside, above and below it: neighbours, series, related posts, those chosen in its text.
    "/blog/in-the-open/",
    "/sitemap-posts.xml",
    "/sitemap-news.xml",
    "/search/?q=zanzibar",
    "/search/?q=dossier",
    "/search/suggest/?q=zanz",
]
# What tells of a post without its address.
COUNTS = ["/blog/archive/", "/blog/tags/", "/blog/authors/", "/blog/series/"]
OTHERS = ["/sitemap.xml", "/sitemap-pages.xml", "/blog/in-the-open.md", "/nothing/"]


@pytest.fixture(autouse=True)
def _expiry_fails(monkeypatch):
    """What is due cannot be done: then it is the moment that counts."""

    def fail(item, subject):
        raise OSError("No space left on device")

    monkeypatch.setattr(publisher, "carry_out", fail)


def at_noon(hour):
    return dt.datetime.combine(DAY, dt.time(hour), timezone.get_default_timezone())


@pytest.fixture
def company(write):
    """A published post that shares everything with the hidden one, so that each list exists."""
    shared = {
        "tags": ["policy"],
        "authors": [AuthorFactory(name="Ada Quill", slug="ada")],
        "series": SeriesFactory(title="Thresholds", slug="thresholds"),
    }
    write("In the open", slug="in-the-open", published_at=at_noon(9), **shared)
    return {**shared, "slug": "zanzibar", "published_at": at_noon(10)}


def recommend(post, site):
    """Name a post wherever editors can name one: in a text, in the menu, for a search."""
    other = PostPage.objects.get(slug="in-the-open")
    related = {"title": "", "posts": [post.pk]}
    other.body = [{"type": "related", "value": related}]
    other.save()
    settings = SiteSettings.for_site(site)
    settings.menu_items.add(MenuItem(page=post))
    settings.save()
    SearchPromotion.objects.create(query=Query.get("zanzibar"), page=post)
    return other


def told(text):
    """What a page says besides the words that were asked for."""
    for echo in ("“zanzibar”", 'value="zanzibar"', "?q=zanzibar", "previous=zanzibar"):
        text = text.replace(echo, "")
    return text


class VisibilityTests:
    @pytest.mark.parametrize("state", NOT_LIVE + GONE + PRIVATE, ids=lambda state: state.__name__)
    def test_what_is_not_public_is_nowhere(self, state, write, company, site, client):
        post = state(write, **company)
        other = recommend(post, site)
        for surface in SURFACES + COUNTS + OTHERS + ["/llms.txt"]:
            response = client.get(surface)
            text = told(response.text)
            assert response.status_code == (404 if surface == "/nothing/" else 200), surface
            assert SECRET.partition(" ")[0] not in text, surface
            assert "/zanzibar" not in text, surface
            assert "Confidential" not in text, surface
            assert "2 posts" not in text, surface
        preview = other.make_preview_request().text
        assert SECRET not in preview
        assert not visibility.is_public(post)
        assert not visibility.public(PostPage.objects.filter(pk=post.pk)).exists()
        assert not visibility.public(Page.objects.filter(pk=post.pk)).exists()
        assert PostPage.objects.hidden().filter(pk=post.pk).exists()

    def test_what_is_public_is_everywhere(self, write, company, site, client):
        post = write(SECRET, **company)
        recommend(post, site)
        for surface in SURFACES:
            assert "/blog/zanzibar/" in client.get(surface).text, surface
        for surface in COUNTS:
            assert "2 posts" in client.get(surface).text, surface
        assert "/blog/zanzibar.md" in client.get("/llms.txt").text
        assert visibility.is_public(post)
        assert not PostPage.objects.hidden().filter(pk=post.pk).exists()

    @pytest.mark.parametrize("state", NOT_LIVE + GONE + PRIVATE, ids=lambda state: state.__name__)
    def test_its_own_address_tells_nothing(self, state, write, company, client):
        post = state(write, **company)
        status = 410 if state in GONE else 404
        for headers in ({}, {"Accept": "text/markdown"}):
            response = client.get(post.url, headers=headers)
            if state in PRIVATE:
                # The question for a password, or the way to the door.
                assert response.status_code in {200, 302}
                assert "no-store" in response["Cache-Control"]
            else:
                assert response.status_code == status
            assert SECRET not in response.text
        for form in ("md", "png"):
            assert client.get(post.url_of_form(form)).status_code == 404
            assert client.head(post.url_of_form(form)).status_code == 404

    def test_a_password_opens_a_private_post(self, write, company, client):
        behind_a_password(write, **company)
        restriction = PageViewRestriction.objects.get()
        client.post(
            f"/_util/authenticate_with_password/{restriction.pk}/{restriction.page_id}/",
            {"password": "open sesame", "return_url": "/blog/zanzibar/"},
        )
        assert SECRET in client.get("/blog/zanzibar/").text
        assert SECRET in client.get("/blog/zanzibar/", headers={"Accept": "text/markdown"}).text

    def test_no_password_page_tells_of_a_draft(self, write, company, client):
        behind_a_password(write, slug="other")
        post = draft(write, **company)
        restriction = PageViewRestriction.objects.get()
        address = f"/_util/authenticate_with_password/{restriction.pk}/{post.pk}/"
        assert SECRET not in client.get(address).text

    def test_a_thousand_private_posts_are_not_too_many(self, blog, write, client):
        write("In the open", slug="in-the-open")
        places = [f"{blog.path}{number:04d}" for number in range(1100, 2200)]
        fields = {"depth": 4, "numchild": 0, "title": "x", "content_type": blog.content_type}
        pages = Page.objects.bulk_create(
            Page(path=path, slug=path, url_path=f"/home/blog/{path}/", locale=blog.locale, **fields)
            for path in places
        )
        PageViewRestriction.objects.bulk_create(
            PageViewRestriction(page=page, restriction_type="login") for page in pages
        )
        assert "In the open" in client.get("/blog/").text


class OtherPageTests:
    @pytest.mark.parametrize("restricted", [False, True])
    def test_a_page_that_expired_or_is_private_is_nowhere(
        self, restricted, write, home_page, site, client
    ):
        expire_at = None if restricted else timezone.now() - dt.timedelta(minutes=1)
        page = StandardPageFactory(
            parent=home_page, title=SECRET, slug="zanzibar", expire_at=expire_at
        )
        if restricted:
            PageViewRestriction.objects.create(page=page, restriction_type="login")
        write("In the open", slug="in-the-open", tags=["policy"])
        recommend(page, site)
        for surface in ("/", "/blog/", "/sitemap-pages.xml", "/search/?q=zanzibar", "/llms.txt"):
            assert SECRET not in client.get(surface).text, surface
            assert "/zanzibar/" not in client.get(surface).text, surface
        assert client.get("/zanzibar/").status_code == (302 if restricted else 404)

    @pytest.mark.parametrize("path", ["", "feed/", "tags/", "archive/", "authors/ada/", "series/"])
    def test_a_blog_that_expired_shows_none_of_its_lists(self, path, blog, client):
        AuthorFactory(slug="ada")
        blog.expire_at = timezone.now() - dt.timedelta(minutes=1)
        blog.save()
        assert client.get(f"/blog/{path}").status_code == 404
        for surface in ("/", "/sitemap-pages.xml", "/llms.txt"):
            assert "/blog/" not in client.get(surface).text, surface


class PrivateBlogTests:
    """Whoever may read a private blog finds its posts in its lists, and nobody else does."""

    def test_its_lists_have_its_posts(self, write, blog, company, client):
        write(SECRET, **company)
        write("With a password of its own", private=True, published_at=at_noon(11))
        PageViewRestriction.objects.create(page=blog, restriction_type="login")
        lists = ("", "feed/", "archive/", "tags/", "tags/policy/", "authors/", "series/thresholds/")
        for path in lists:
            assert client.get(f"/blog/{path}").status_code == 302, path
        client.force_login(UserFactory())
        for path in lists:
            page = client.get(f"/blog/{path}").text
            assert (SECRET in page) or ("2 posts" in page), path
            assert "password of its own" not in page, path
        for surface in ("/", "/sitemap-posts.xml", "/search/?q=dossier", "/llms.txt"):
            assert "Zanzibar" not in client.get(surface).text, surface


class ShareCardTests:
    def test_a_post_that_becomes_private_has_none_any_more(self, write, client):
        post = write(SECRET, slug="zanzibar")
        assert client.get("/blog/zanzibar.png").status_code == 200
        restriction = PageViewRestriction.objects.create(
            page=post, restriction_type="password", password="open sesame"
        )
        assert client.get("/blog/zanzibar.png").status_code == 404
        client.post(
            f"/_util/authenticate_with_password/{restriction.pk}/{post.pk}/",
            {"password": "open sesame", "return_url": "/blog/zanzibar/"},
        )
        html = client.get("/blog/zanzibar/").text
        assert SECRET in html
        assert "zanzibar.png" not in html

    def test_the_admin_offers_no_way_around(self, write, company, client):
        post = draft(write, **company)
        assert (
            client.get(reverse("wagtailadmin_pages:view_draft", args=[post.pk])).status_code == 302
        )
