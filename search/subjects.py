"""Tags, authors and series, as readers call them."""

from typing import NamedTuple

from django.core.cache import caches
from django.http import HttpRequest

from blog.models import Author, BlogIndexPage, Tag
from blog.visibility import is_public
from search.analysis import site_analyser
from search.question import Question

MOST_NAMED = 50
# What narrows an answer, as operators and choices name it.
MODELS: dict[str, type[Author] | type[Tag]] = {"author": Author, "tag": Tag}
# Where a blog lists what is suggested, in this order.
LISTS = {"tag": "subjects", "author": "all_authors", "series": "all_series"}


class Subject(NamedTuple):
    """A tag, an author or a series, the words of its name, and a blog with so many posts of it."""

    kind: str
    label: str
    slug: str
    words: list[str]
    count: int
    blog: BlogIndexPage

    def url(self, request: HttpRequest | None = None) -> str:
        return self.blog.get_url(request) + self.blog.reverse_subpage(self.kind, args=(self.slug,))

    def begins(self, words: list[str], prefix: str) -> bool:
        """Return whether its name has all words and one that begins so."""
        return set(words).issubset(self.words) and any(w.startswith(prefix) for w in self.words)


def subjects(kind: str, section: str) -> list[Subject]:
    """Return what the public posts of a site are about, each once, those of most posts first."""

    def read() -> list[Subject]:
        found: dict[str, Subject] = {}
        for blog in BlogIndexPage.objects.filter(path__startswith=section).order_by("path"):
            for one in getattr(blog, LISTS[kind]) if is_public(blog) else ():
                words = site_analyser().exact(str(one))
                subject = Subject(kind, str(one), one.slug, words, one.count, blog)
                found.setdefault(one.slug, subject)
        return sorted(found.values(), key=lambda subject: (-subject.count, subject.label))

    return caches["until_change"].get_or_set(f"subjects {kind} {section}", read)


def names(kind: str) -> dict[str, str]:
    """Return what readers call the slugs of a kind of `MODELS`."""
    return caches["until_change"].get_or_set(
        f"names {kind}",
        lambda: dict(MODELS[kind].objects.order_by("name").values_list("slug", "name")),
    )


def slugs_named(kind: str, name: str) -> list[str]:
    """Return the slugs that a reader may mean by a slug, a name or the beginnings of its words."""
    exact = site_analyser().exact
    wanted = exact(name.replace("-", " "))
    words = {slug: exact(label) for slug, label in names(kind).items()}
    # With spaces between its words or without.
    found = [s for s in words if s == name.casefold() or "".join(words[s]) == "".join(wanted)]
    if wanted and not found:
        found = [
            slug
            for slug, parts in words.items()
            if all(any(part.startswith(word) for part in parts) for word in wanted)
        ]
    return found[:MOST_NAMED]


def named(question: Question) -> list[tuple[str, list[str], bool]]:
    """Return what `author:` and `tag:` ask for: the kind, slugs, and whether it is wanted."""
    return [
        (term.kind, slugs_named(term.kind, term.value), term.is_wanted)
        for term in question.terms
        if term.kind in MODELS
    ]
