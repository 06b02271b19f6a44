"""To look at something changes nothing: a link in a message must not act in an editor's name."""

import datetime as dt

import pytest
from django.apps import apps
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from search.models import ChangedSearch, SearchedDay, Synonym
from tests.factories import AuthorFactory, SeriesFactory

ROOMS = ("blog.", "home.", "search.", "settings.")


def own_views(patterns, prefix="/"):
    """The addresses of our own views in the admin."""
    for each in patterns:
        here = prefix + str(each.pattern).removeprefix("^")
        if isinstance(each, URLResolver):
            yield from own_views(each.url_patterns, here)
        else:
            view = getattr(each.callback, "view_class", each.callback)
            if here.startswith("/admin/") and view.__module__.startswith(ROOMS):
                yield here


VIEWS = sorted(set(own_views(get_resolver().url_patterns)))

# Made of what is there, whenever it is asked for: sizes of photos, what the search index has taken
# in, sessions.
DERIVED = {"blog.PhotoRendition", "sessions.Session"}
DERIVED |= {"search.SearchChange", "search.SearchMachine", "search.SearchSequence"}


def rows():
    """All that the database holds and that somebody wrote."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.label not in DERIVED
    }


@pytest.fixture
def post(write):
    post = write(slug="soup", tags=["food"], authors=[AuthorFactory()], series=SeriesFactory())
    post.go_live_at = timezone.now() + dt.timedelta(days=1)
    post.save_revision(approved_go_live_at=post.go_live_at)
    day = timezone.localdate()
    SearchedDay.objects.create(query="soup", day=day, searches=2, without_result=1)
    ChangedSearch.objects.create(query="soup", then="broth", day=day)
    Synonym.objects.create(words="soup, broth")
    return post


class GetTests:
    def test_views_of_ours_are_found(self):
        assert "/admin/reports/searches/promote/" in VIEWS
        assert "/admin/schedule/" in VIEWS
        assert "/admin/snippets/search/synonym/add/" in VIEWS

    def test_nothing_is_written_in_the_admin(self, post, administrator, client):
        client.force_login(administrator)
        before = rows()
        for view in VIEWS:
            address = view.replace("<int:revision_id>", str(post.latest_revision_id))
            address = address.replace("<int:pk>", str(administrator.pk))
            address = address.replace("<str:name>", "site.tar")
            assert "<" not in address
            for query in ("?query=broth&words=a,b", "?q=soup&export=csv"):
                response = client.get(address + query)
                assert response.status_code in {200, 302, 404, 405}
                response.getvalue()
            assert rows() == before, view

    def test_nothing_is_written_for_readers(self, post, client):
        before = rows()
        for address in ("/", "/blog/", "/blog/soup/", "/blog/soup.md", "/blog/feed/"):
            client.get(address)
        for address in ("/search/?q=soup", "/search/suggest/?q=so", "/llms.txt", "/sitemap.xml"):
            client.get(address)
        assert rows() == before
