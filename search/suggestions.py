"""What a reader may be about to type, and what may help one who found nothing."""

import heapq
import time
from itertools import chain, islice

from django.core.cache import caches
from django.http import HttpRequest
from rapidfuzz import fuzz

from blog.models import Author, BlogIndexPage, PostPage, Tag
from blog.visibility import is_public
from search.backends.base import ReaderBackend, UnavailableError
from search.queries import Answer, reader_backend, tags_named
from search.question import Question

MOST_POSTS = 6
MOST_SUBJECTS = 3
NEWEST = 5
NEAREST_TAGS = 6

KEPT: dict[str, tuple[float, list["Name"]]] = {}


class Name:
    """A tag or an author by name, with the words it can be found by."""

    def __init__(self, slug: str, label: str, count: int, words: list[str]) -> None:
        self.slug = slug
        self.label = label
        self.count = count
        self.words = words

    def begins(self, words: list[str], prefix: str) -> bool:
        return all(word in self.words for word in words) and any(
            word.startswith(prefix) for word in self.words
        )


def names(backend: ReaderBackend, kind: str) -> list[Name]:
    """The tags or authors of public pages, those with the most pages first."""
    key = f"{backend} {kind}"
    kept = KEPT.get(key)
    if kept and time.monotonic() - kept[0] < backend.list_age:
        return kept[1]
    counts = dict(backend.terms(kind))
    model = Tag if kind == "tag" else Author
    found = [
        Name(slug, label, counts[slug], backend.analyser.exact(label))
        for slug, label in model.objects.values_list("slug", "name")
        if counts.get(slug)
    ]
    found.sort(key=lambda name: (-name.count, name.label))
    KEPT[key] = (time.monotonic(), found)
    return found


def public_blog() -> BlogIndexPage | None:
    """The blog that anyone may read, whose tags and authors are suggested."""
    blogs = caches["until_change"].get_or_set(
        "blogs", lambda: list(BlogIndexPage.objects.order_by("path"))
    )
    return next(filter(is_public, blogs), None)


def suggestions(request: HttpRequest, query: str) -> list[dict[str, str]]:
    """Posts, tags and authors whose names have the words; the last one may be unfinished."""
    backend = reader_backend()
    tokens = backend.analyser.exact(query)
    if not tokens:
        return []
    *words, prefix = tokens
    try:
        return _suggestions(backend, request, words, prefix)
    except UnavailableError:
        return []


def _suggestions(
    backend: ReaderBackend, request: HttpRequest, words: list[str], prefix: str
) -> list[dict[str, str]]:
    subjects = {}
    for kind in ("tag", "author"):
        matching = (name for name in names(backend, kind) if name.begins(words, prefix))
        for name in islice(matching, MOST_SUBJECTS * 2):
            subjects[kind, name] = backend.bearers(kind, name.slug)
    wanted = backend.titled(words, prefix, MOST_POSTS)
    keys = {*wanted, *chain.from_iterable(subjects.values())}
    posts = PostPage.objects.published().for_links().in_bulk(keys)
    blog = public_blog()
    found = []
    for kind in ("tag", "author"):
        public = (
            name
            for (other, name), bearers in subjects.items()
            if other == kind and not posts.keys().isdisjoint(bearers)
        )
        for name in islice(public, MOST_SUBJECTS):
            if blog is not None:
                url = blog.get_url(request) + blog.reverse_subpage(kind, args=(name.slug,))
                found.append({"kind": kind, "label": name.label, "url": url})
    found += [
        {"kind": "post", "label": posts[pk].title, "url": posts[pk].get_url(request)}
        for pk in wanted
        if pk in posts
    ]
    return found


def nothing_found(answer: Answer) -> dict[str, object]:
    """What to show when nothing was found: tags that come near, and the newest posts."""
    blog = public_blog()
    try:
        near = near_tags(answer.question) if blog is not None else []
    except UnavailableError:
        near = []
    return {
        "near_tags": [
            {"name": name.label, "url": blog.url + blog.reverse_subpage("tag", args=(name.slug,))}
            for name in near
        ],
        "newest": PostPage.objects.published().for_cards()[:NEWEST],
    }


def near_tags(question: Question) -> list[Name]:
    """The tags whose names come nearest to a question, those that it names first."""
    backend = reader_backend()
    text = question.text.casefold()
    exact = {slug for word in question.words for slug in tags_named(word)}

    def distance(name: Name) -> tuple[bool, float, str]:
        nearness = fuzz.partial_ratio(text, name.label.casefold())
        return name.slug not in exact, -nearness, name.label

    nearest = heapq.nsmallest(NEAREST_TAGS * 2, names(backend, "tag"), key=distance)
    # What is kept of the tags may be older than what was hidden since.
    bearers = {name: backend.bearers("tag", name.slug) for name in nearest}
    keys = set(chain.from_iterable(bearers.values()))
    posts = PostPage.objects.published().for_links().in_bulk(keys)
    return [name for name in nearest if not posts.keys().isdisjoint(bearers[name])][:NEAREST_TAGS]
