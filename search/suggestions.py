"""What a reader may be about to type, and what may help one who found nothing."""

import heapq
import time
from collections.abc import Iterable
from itertools import chain, islice
from urllib.parse import urlencode

from django.core.cache import caches
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from blog.models import Author, BlogIndexPage, PostPage, Tag
from blog.visibility import is_public
from search.engine import Reader, UnavailableError, reader_copy
from search.question import Question
from search.results import Answer
from search.translation import tags_named

MOST_POSTS = 6
# How many words the last one may become when texts are looked through.
MOST_ENDINGS = 20
MOST_SUBJECTS = 3
NEWEST = 5
NEAREST_TAGS = 6
# Of 100: from here on two names are alike.
ALIKE = 70
# Of a long question so many words are compared with the names of tags.
MOST_WORDS = 16
# How long a list of names may be out of date, in seconds.
LIST_AGE = 60

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


def names(reader: Reader, kind: str) -> list[Name]:
    """The tags or authors of public pages, those with the most pages first."""
    copy = reader_copy()
    key = f"{copy} {kind}"
    kept = KEPT.get(key)
    if kept and time.monotonic() - kept[0] < LIST_AGE and not (copy and copy.at_once):
        return kept[1]
    counts = dict(reader.terms(kind))
    model = Tag if kind == "tag" else Author
    found = [
        Name(slug, label, counts[slug], reader.analyser.exact(label))
        for slug, label in model.objects.values_list("slug", "name")
        if counts.get(slug)
    ]
    found.sort(key=lambda name: (-name.count, name.label))
    KEPT[key] = (time.monotonic(), found)
    return found


def public_blogs(section: str = "") -> list[BlogIndexPage]:
    """Return the blogs of a site that anyone may read, whose tags and authors are suggested."""
    blogs = caches["until_change"].get_or_set(
        "blogs", lambda: list(BlogIndexPage.objects.order_by("path"))
    )
    return [blog for blog in blogs if blog.path.startswith(section) and is_public(blog)]


def blog_of(
    keys: Iterable[int], posts: dict[int, PostPage], blogs: Iterable[BlogIndexPage]
) -> BlogIndexPage | None:
    """Return the first of the blogs that has one of the posts with these keys."""
    paths = [posts[key].path for key in keys if key in posts]
    return next((blog for blog in blogs if any(p.startswith(blog.path) for p in paths)), None)


def suggestions(request: HttpRequest, query: str, section: str = "") -> list[dict[str, str]]:
    """
    Return tags, authors, series and posts that have the words; the last may be unfinished.

    Posts follow those whose titles have them, and the last suggestion is all that the search finds.
    """
    copy = reader_copy()
    if copy is None:
        return []
    tokens = copy.shape.analyser.exact(query)
    if not tokens:
        return []
    try:
        found = _suggestions(copy.reader(), request, tokens, section)
    except UnavailableError:
        return []
    if found:
        url = f"{reverse('search')}?{urlencode({'q': query})}"
        label = _("All results for “%(query)s”") % {"query": query}
        found.append({"kind": "all", "label": label, "url": url})
    return found


def _suggestions(
    reader: Reader, request: HttpRequest, tokens: list[str], section: str
) -> list[dict[str, str]]:
    *words, prefix = tokens
    subjects = {}
    for kind in ("tag", "author"):
        matching = (name for name in names(reader, kind) if name.begins(words, prefix))
        for name in islice(matching, MOST_SUBJECTS * 2):
            subjects[kind, name] = reader.bearers(kind, name.slug, section=section)
    wanted = reader.titled(words, prefix, MOST_POSTS, section)
    if len(wanted) < MOST_POSTS:
        texts = reader.begun(words, prefix, MOST_POSTS, MOST_ENDINGS, section)
        wanted = list(dict.fromkeys([*wanted, *texts]))[:MOST_POSTS]
    keys = {*wanted, *chain.from_iterable(subjects.values())}
    posts = PostPage.objects.published().for_links().in_bulk(keys)
    blogs = public_blogs(section)
    found = []
    for kind in ("tag", "author"):
        seen = (
            (name, blog)
            for (other, name), bearers in subjects.items()
            if other == kind and (blog := blog_of(bearers, posts, blogs))
        )
        for name, blog in islice(seen, MOST_SUBJECTS):
            url = blog.get_url(request) + blog.reverse_subpage(kind, args=(name.slug,))
            found.append({"kind": kind, "label": name.label, "url": url})
    series = ((series, blog) for blog in blogs for series in blog.all_series)
    matching = (
        {
            "kind": "series",
            "label": one.title,
            "url": blog.get_url(request) + blog.reverse_subpage("series", args=(one.slug,)),
        }
        for one, blog in series
        if Name(one.slug, one.title, 0, reader.analyser.exact(one.title)).begins(words, prefix)
    )
    found += islice(matching, MOST_SUBJECTS)
    found += [
        {"kind": "post", "label": posts[pk].title, "url": posts[pk].get_url(request)}
        for pk in wanted
        if pk in posts
    ]
    return found


def nothing_found(answer: Answer, section: str = "") -> dict[str, object]:
    """Return what helps who found nothing: tags that come near, and the newest posts."""
    copy = reader_copy()
    try:
        near = near_tags(copy.reader(), answer.question, section) if copy else []
    except UnavailableError:
        near = []
    return {
        "near_tags": [
            {"name": name.label, "url": blog.url + blog.reverse_subpage("tag", args=(name.slug,))}
            for name, blog in near
        ],
        "newest": newest_posts(section),
    }


def newest_posts(section: str = "") -> list[PostPage]:
    """Return the newest posts of a site, for who has nothing to read yet."""
    posts = PostPage.objects.published().filter(path__startswith=section)
    return list(posts.for_links()[:NEWEST])


def near_tags(
    reader: Reader, question: Question, section: str = ""
) -> list[tuple[Name, BlogIndexPage]]:
    """
    Return the tags whose names come nearest to a question, those that it names first.

    Each comes with a blog that has posts with it.
    """
    blogs = public_blogs(section)
    if not blogs:
        return []
    text = question.text.casefold()
    exact = {slug for word in question.words[:MOST_WORDS] for slug in tags_named(word)}

    def distance(name: Name) -> tuple[bool, float, str]:
        nearness = fuzz.partial_ratio(text, name.label.casefold())
        return name.slug not in exact, -nearness, name.label

    alike = [
        name
        for name in names(reader, "tag")
        if name.slug in exact or fuzz.partial_ratio(text, name.label.casefold()) >= ALIKE
    ]
    nearest = heapq.nsmallest(NEAREST_TAGS * 2, alike, key=distance)
    # What is kept of the tags may be older than what was hidden since.
    bearers = {name: reader.bearers("tag", name.slug, section=section) for name in nearest}
    keys = set(chain.from_iterable(bearers.values()))
    posts = PostPage.objects.published().for_links().in_bulk(keys)
    near = ((name, blog_of(bearers[name], posts, blogs)) for name in nearest)
    return [(name, blog) for name, blog in near if blog][:NEAREST_TAGS]
