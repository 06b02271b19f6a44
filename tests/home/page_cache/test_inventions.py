"""Addresses that anybody can invent push no page out: asked of the URL configuration."""

from urllib.parse import quote

import pytest
from django.urls import URLResolver, get_resolver
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from blog.models import BlogIndexPage
from tests.factories import AuthorFactory

ASCII = st.characters(codec="ascii")
ROOMS = ("blog.", "home.", "search.", "settings.")


def own_routes(patterns, prefix=""):
    """The routes of our own views: where each begins, and the regular expression of its rest."""
    for each in patterns:
        regex = each.pattern.regex.pattern.removeprefix("^")
        if isinstance(each, URLResolver):
            yield from own_routes(each.url_patterns, prefix + regex)
        elif each.callback.__module__.startswith(ROOMS):
            yield prefix + regex


SITE = list(own_routes(get_resolver().url_patterns))
BLOG = [
    f"blog/{route.pattern.regex.pattern.removeprefix('^')}"
    for route in BlogIndexPage.get_resolver().url_patterns
]
# Those with something in them to invent.
FREE = sorted({route for route in SITE + BLOG if "(?P<" in route})
# What is offered to choose from is no invention: three sections of the sitemap, two more feeds.
CHOICES = 3


def test_routes_are_found():
    assert any("accent" in route for route in FREE)
    assert any("tags/" in route for route in FREE)
    assert any("media" in route for route in FREE)


@pytest.mark.parametrize("route", FREE)
def test_inventions_are_not_found_or_kept_apart(route, reader, write):
    write(slug="soup", tags=["food"])
    AuthorFactory(slug="ada")
    asked = set()

    @given(st.from_regex(route, fullmatch=True, alphabet=ASCII))
    @settings(
        max_examples=12,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def ask(path):
        assume(len(path) < 500)
        asked.add(path)
        answer = reader.ask("/" + quote(path.rstrip("\n")))
        assert answer.status in {200, 301, 302, 400, 404, 405, 503}, path

    before = len(reader.application.pages)
    ask()
    assert asked
    assert len(reader.application.pages) - before <= CHOICES


def test_inventions_after_a_question_mark_are_kept_apart(reader, write):
    write(slug="soup", tags=["food"])
    for path in ("/", "/blog/", "/blog/soup/", "/blog/feed/", "/sitemap-posts.xml", "/llms.txt"):
        reader.ask(path)
    kept = len(reader.application.pages)
    for number in range(5):
        for path in ("/", "/blog/", "/blog/soup/", "/blog/feed/", "/blog/soup.md", "/robots.txt"):
            reader.ask(f"{path}?{number}=x")
            reader.ask(path, HTTP_HOST=f"host{number}.example.org")
    assert len(reader.application.pages) == kept
