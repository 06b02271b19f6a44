import datetime as dt

import pytest
from django.utils import timezone
from wagtail.models import PageViewRestriction

from tests.factories import AuthorFactory, SeriesFactory, UserFactory, moment

pytestmark = pytest.mark.django_db

SECRET = "Zanzibar dossier"


def draft(write, **fields):
    return write(SECRET, live=False, **fields)


def scheduled(write, **fields):
    post = write(SECRET, live=False, **fields)
    post.go_live_at = timezone.now() + dt.timedelta(days=1)
    post.save_revision(approved_go_live_at=post.go_live_at)
    post.save()


def expired(write, **fields):
    post = write(SECRET, **fields)
    post.save_revision().publish()
    post.refresh_from_db()
    post.expire_at = timezone.now() - dt.timedelta(minutes=1)
    post.unpublish(set_expired=True)


def in_review(write, **fields):
    post = write(SECRET, live=False, **fields)
    post.save_revision()
    post.get_workflow().start(post, UserFactory(roles=["Authors"]))


def behind_a_password(write, **fields):
    write(SECRET, private=True, **fields)


def for_accounts_only(write, **fields):
    post = write(SECRET, **fields)
    PageViewRestriction.objects.create(page=post, restriction_type=PageViewRestriction.LOGIN)


STATES = [draft, scheduled, expired, in_review, behind_a_password, for_accounts_only]

SURFACES = [
    "/",
    "/blog/",
    "/blog/2015/",
    "/blog/2015/06/",
    "/blog/2015/06/02/",
    "/blog/archive/",
    "/blog/tags/",
    "/blog/tags/policy/",
    "/blog/authors/",
    "/blog/authors/ada/",
    "/blog/series/",
    "/blog/series/thresholds/",
    "/blog/feed/",
    "/blog/in-the-open/",
    "/sitemap-posts.xml",
    "/search/?q=zanzibar",
    "/search/?q=dossier",
]


@pytest.fixture
def company(write):
    """A published post that shares everything with the hidden one, so that each list exists."""
    shared = {
        "tags": ["policy"],
        "authors": [AuthorFactory(name="Ada Quill", slug="ada")],
        "series": SeriesFactory(title="Thresholds", slug="thresholds"),
    }
    write("In the open", slug="in-the-open", published_at=moment(2015, 6, 2, 9), **shared)
    return {**shared, "slug": "zanzibar", "published_at": moment(2015, 6, 2, 10)}


class VisibilityTests:
    @pytest.mark.parametrize("surface", SURFACES)
    @pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
    def test_what_is_not_public_is_nowhere(self, state, surface, write, company, client):
        state(write, **company)
        response = client.get(surface)
        assert response.status_code == 200
        text = response.text.replace("“zanzibar”", "").replace('value="zanzibar"', "")
        assert "Zanzibar" not in text.replace("?q=zanzibar", "")
        assert "/blog/zanzibar/" not in text
        assert "2 posts" not in text

    @pytest.mark.parametrize("surface", SURFACES)
    def test_what_is_public_is_everywhere(self, surface, write, company, client):
        write(SECRET, **company)
        text = client.get(surface).text
        listed = {"/blog/archive/", "/blog/tags/", "/blog/authors/", "/blog/series/"}
        assert ("2 posts" if surface in listed else "/blog/zanzibar/") in text

    @pytest.mark.parametrize(
        "state", [draft, scheduled, expired, in_review], ids=lambda s: s.__name__
    )
    def test_what_is_not_live_is_not_found_at_its_own_address(self, state, write, company, client):
        state(write, **company)
        assert client.get("/blog/zanzibar/").status_code == 404

    def test_a_password_opens_a_private_post(self, write, company, client):
        behind_a_password(write, **company)
        page = client.get("/blog/zanzibar/")
        assert SECRET not in page.text.replace("<title>", "")
        restriction = PageViewRestriction.objects.get()
        client.post(
            f"/_util/authenticate_with_password/{restriction.pk}/{restriction.page_id}/",
            {"password": "open sesame", "return_url": "/blog/zanzibar/"},
        )
        assert SECRET in client.get("/blog/zanzibar/").text
