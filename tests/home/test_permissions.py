"""Who may open and send each of our own views in the admin, in each state of a page."""

import datetime as dt

import pytest
from django.urls import URLResolver, get_resolver
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from wagtail.models import PageViewRestriction

from blog.models import ArchiveImport
from search.models import SearchedDay
from tests.factories import UserFactory

ROOMS = ("blog.", "home.", "search.", "settings.")
NOBODY, WRITERS = set(), {"author", "other author", "editor", "administrator"}
EDITORS, ADMINISTRATORS = {"editor", "administrator"}, {"administrator"}
PEOPLE = ["anonymous", "first factor", *sorted(WRITERS)]
# Who is answered by GET, and by POST. A view without a row fails the test.
VIEWS = {
    "/admin/account/security/": (WRITERS, WRITERS),
    "/admin/account/security/app/": (WRITERS, WRITERS),
    "/admin/export/": (ADMINISTRATORS, ADMINISTRATORS),
    # There is none to download.
    "/admin/export/<str:name>/": (NOBODY, NOBODY),
    "/admin/import/": (ADMINISTRATORS, ADMINISTRATORS),
    "/admin/import/<int:pk>/": (ADMINISTRATORS, ADMINISTRATORS),
    "/admin/posts/": (WRITERS, NOBODY),
    "/admin/posts/results/": (WRITERS, NOBODY),
    "/admin/reports/broken-links/": (WRITERS, NOBODY),
    "/admin/reports/broken-links/results/": (WRITERS, NOBODY),
    "/admin/reports/searches/changed/": (EDITORS, NOBODY),
    "/admin/reports/searches/changed/results/": (EDITORS, NOBODY),
    "/admin/reports/searches/failed/": (EDITORS, NOBODY),
    "/admin/reports/searches/failed/results/": (EDITORS, NOBODY),
    "/admin/reports/searches/promote/": (EDITORS, EDITORS),
    "/admin/reports/searches/top/": (EDITORS, NOBODY),
    "/admin/reports/searches/top/results/": (EDITORS, NOBODY),
    "/admin/reports/searches/trend/": (EDITORS, NOBODY),
    "/admin/reports/searches/trend/results/": (EDITORS, NOBODY),
    "/admin/schedule/": (WRITERS, NOBODY),
    "/admin/schedule/<int:revision_id>/": (NOBODY, WRITERS),
    # For who has given the first factor alone.
    "/admin/second-factor/": ({"first factor"}, {"first factor"}),
    "/admin/second-factor/passkey/authentication/begin/": (NOBODY, {"first factor", *WRITERS}),
    "/admin/second-factor/passkey/authentication/complete/": (NOBODY, {"first factor", *WRITERS}),
    "/admin/second-factor/passkey/registration/begin/": (NOBODY, WRITERS),
    "/admin/second-factor/passkey/registration/complete/": (NOBODY, WRITERS),
    "/admin/snippets/search/synonym/add/": (EDITORS, EDITORS),
    "/admin/users/<int:pk>/reset-second-factor/": (ADMINISTRATORS, ADMINISTRATORS),
}
STATES = ("live", "draft", "scheduled", "expired", "private")
# Where somebody is sent who may not.
REFUSALS = ("/admin/login/", "/admin/second-factor/", "/admin/")


def own_views(patterns, prefix="/"):
    for each in patterns:
        here = prefix + str(each.pattern).removeprefix("^")
        if isinstance(each, URLResolver):
            yield from own_views(each.url_patterns, here)
        else:
            view = getattr(each.callback, "view_class", each.callback)
            if here.startswith("/admin/") and view.__module__.startswith(ROOMS):
                yield here


def was_refused(answer):
    if answer.status_code in {301, 302}:
        return answer["Location"].partition("?")[0] in REFUSALS
    return answer.status_code in {403, 404, 405}


@pytest.fixture
def people(author, editor, administrator):
    half = UserFactory(username="half", roles=["Administrators"])
    TOTPDevice.objects.create(user=half)
    other = UserFactory(username="other", roles=["Authors"])
    return {
        "anonymous": None,
        "first factor": half,
        "author": author,
        "other author": other,
        "editor": editor,
        "administrator": administrator,
    }


@pytest.fixture
def posts(write, author):
    """One post of the author in each state."""
    tomorrow = timezone.now() + dt.timedelta(days=1)
    posts = {state: write(title=f"The {state} one", owner=author) for state in STATES}
    for state in ("draft", "scheduled", "expired"):
        posts[state].live = False
    posts["expired"].expired = True
    posts["scheduled"].go_live_at = tomorrow
    for state, post in posts.items():
        post.save()
        post.save_revision(approved_go_live_at=tomorrow if state == "scheduled" else None)
    PageViewRestriction.objects.create(page=posts["private"], restriction_type="login")
    SearchedDay.objects.create(query="soup", day=timezone.localdate(), searches=2)
    return posts


class MatrixTests:
    def test_each_view_has_a_row(self):
        assert set(own_views(get_resolver().url_patterns)) == set(VIEWS)

    @pytest.mark.parametrize("person", PEOPLE)
    def test_each_view_answers_whom_it_should(self, person, people, posts, client):
        for view, rows in VIEWS.items():
            if people[person]:
                # Some views end the session.
                client.force_login(people[person])
            spare = UserFactory()
            ArchiveImport.objects.create(pk=spare.pk, blog=posts["live"].blog)
            for state in STATES if "revision_id" in view else STATES[:1]:
                address = view.replace("<int:pk>", str(spare.pk)).replace(
                    "<int:revision_id>", str(posts[state].latest_revision_id)
                )
                for method, allowed in zip((client.get, client.post), rows, strict=True):
                    answer = method(address)
                    assert was_refused(answer) == (person not in allowed), (address, state, method)

    @pytest.mark.parametrize("person", PEOPLE)
    def test_only_who_may_publish_moves_what_is_scheduled(self, person, people, posts, client):
        post = posts["scheduled"]
        if people[person]:
            client.force_login(people[person])
        before = post.latest_revision.approved_go_live_at
        later = timezone.localtime(before + dt.timedelta(days=2)).strftime("%Y-%m-%d %H:%M")
        client.post(f"/admin/schedule/{post.latest_revision_id}/", {"moment": later})
        post.latest_revision.refresh_from_db()
        moved = post.latest_revision.approved_go_live_at != before
        assert moved == (person in EDITORS)
