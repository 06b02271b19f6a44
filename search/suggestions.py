"""What a reader may be about to type, and what may help one who found nothing."""

from itertools import islice
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from blog.models import PostPage
from search.analysis import site_analyser
from search.engine import UnavailableError, reader_copy
from search.question import Question
from search.results import Answer
from search.subjects import LISTS, Subject, slugs_named, subjects

MOST_POSTS = 6
MOST_SUBJECTS = 3
NEWEST = 5
NEAREST_TAGS = 6
# Of 100: from here on two names are alike.
ALIKE = 70
# Of a long question so many words are compared with the names of tags.
MOST_WORDS = 16


def suggestions(request: HttpRequest, query: str, section: str = "") -> list[dict[str, str]]:
    """
    Return tags, authors, series and posts that have the words; the last may be unfinished.

    Posts follow those whose titles have them, and the last suggestion is all that the search finds.
    """
    copy = reader_copy()
    tokens = site_analyser().exact(query)
    if copy is None or not tokens:
        return []
    try:
        reader = copy.reader()
    except UnavailableError:
        return []
    *words, prefix = tokens
    found = []
    for kind in LISTS:
        begun = (one for one in subjects(kind, section) if one.begins(words, prefix))
        found += [
            {"kind": kind, "label": subject.label, "url": subject.url(request)}
            for subject in islice(begun, MOST_SUBJECTS)
        ]
    keys = reader.begun(words, prefix, MOST_POSTS, section)
    posts = PostPage.objects.published().for_links().in_bulk(keys)
    found += [
        {"kind": "post", "label": posts[key].title, "url": posts[key].get_url(request) or ""}
        for key in keys
        if key in posts
    ]
    if found:
        url = f"{reverse('search')}?{urlencode({'q': query})}"
        label = _("All results for “%(query)s”") % {"query": query}
        found.append({"kind": "all", "label": label, "url": url})
    return found


def nothing_found(answer: Answer, section: str = "") -> dict[str, object]:
    """Return what helps who found nothing: tags that come near, and the newest posts."""
    near = near_tags(answer.question, section)
    return {
        "near_tags": [{"name": tag.label, "url": tag.url()} for tag in near],
        "newest": newest_posts(section),
    }


def newest_posts(section: str = "") -> list[PostPage]:
    """Return the newest posts of a site, for who has nothing to read yet."""
    posts = PostPage.objects.published().filter(path__startswith=section)
    return list(posts.for_links()[:NEWEST])


def near_tags(question: Question, section: str = "") -> list[Subject]:
    """Return the tags whose names come nearest to a question, those that it names first."""
    text = question.text.casefold()
    exact = {slug for word in question.words[:MOST_WORDS] for slug in slugs_named("tag", word)}
    near = []
    for tag in subjects("tag", section):
        is_exact = tag.slug in exact
        likeness = fuzz.partial_ratio(text, tag.label.casefold())
        if is_exact or likeness >= ALIKE:
            near.append((not is_exact, -likeness, tag.label, tag))
    near.sort(key=lambda row: row[:3])
    return [tag for *_order, tag in near[:NEAREST_TAGS]]
