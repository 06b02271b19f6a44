"""What the index keeps of a page, read from the page's `search_fields`."""

import json
import unicodedata
from functools import lru_cache

import tantivy
from django.apps import apps
from django.db.models import prefetch_related_objects
from django.utils import timezone
from wagtail.models import Page

from search.analysis import Analyser

# A field of `search_fields` with more than this boost is scored on its own too.
PLAIN_BOOST = 1.0
# How much of a boost counts beside the whole text; docs/search.md says how it was chosen.
BOOST_SHARE = 0.14
# Of two pages that are equally good, one that is a year newer is better by one in a hundred.
RECENCY_A_YEAR = 0.01
RECENCY_BEGINS = 1990


@lru_cache
def boosts(labels: tuple[str, ...]) -> dict[str, float]:
    """Return the names and weights of the fields that are scored on their own."""
    found: dict[str, float] = {}
    for label in labels:
        for search_field in apps.get_model(label).get_searchable_search_fields():
            boost = search_field.boost or PLAIN_BOOST
            if boost > PLAIN_BOOST:
                found[search_field.field_name] = round(boost * BOOST_SHARE, 4)
    return dict(sorted(found.items()))


def texts_of(page: Page) -> dict[str, str]:
    """Return the texts of a page by the names of its search fields."""
    texts = {}
    for search_field in page.get_searchable_search_fields():
        value = search_field.get_value(page)
        if isinstance(value, list | tuple):
            value = "\n".join(map(str, value))
        # An accent beside its letter would end a word.
        text = unicodedata.normalize("NFC", str(value or "")).replace("\x00", " ")
        texts[search_field.field_name] = text
    return texts


def document_of(page: Page, analyser: Analyser, boosts: dict[str, float]) -> tantivy.Document:
    """Return what the index keeps of a page, for the fields of `search.engine.index.Shape`."""
    made = tantivy.Document()
    made.add_integer("page", page.pk)
    add_texts(made, texts_of(page), analyser, boosts)
    for author in getattr(page, "authors", ()):
        made.add_text("author", author.slug)
    for tag in getattr(page, "sorted_tags", ()):
        made.add_text("tag", tag.slug)
    # The page and all pages above it.
    for end in range(page.steplen, len(page.path) + 1, page.steplen):
        made.add_text("section", page.path[:end])
    add_date(made, page)
    return made


def add_texts(
    made: tantivy.Document, texts: dict[str, str], analyser: Analyser, boosts: dict[str, float]
) -> None:
    kept: dict[str, list[str]] = {}
    others: set[str] = set()
    for name, text in texts.items():
        words = analyser.words(text)
        exact = [token for word in words for token in word.exact]
        stems = " ".join(stem for word in words for stem in word.stems)
        others.update(stem for word in words for stem in word.others)
        if not exact:
            continue
        made.add_text("exact", " ".join(exact))
        made.add_text("stems", stems)
        made.add_text("pairs", " ".join(analyser.pairs(exact)))
        if name in boosts:
            made.add_text("stems", stems)
            made.add_text(f"field_{name}", stems)
        if name == "title":
            made.add_text("title", " ".join(exact))
            made.add_text("title_key", analyser.key(text))
        kept[name] = [text, analyser.line_stems(text)]
    for other in sorted(others):
        made.add_text("stems", other)
    made.add_bytes("texts", json.dumps(kept, ensure_ascii=False).encode())


def add_date(made: tantivy.Document, page: Page) -> None:
    published_at = getattr(page, "published_at", None)
    moment = published_at or page.first_published_at or timezone.now()
    try:
        day = timezone.localtime(moment, timezone.get_default_timezone()).date()
    except (OverflowError, ValueError):
        # The first and the last day of all calendars have no neighbours.
        day = moment.date()
    if published_at:
        made.add_integer("year", day.year)
        made.add_integer("day", day.toordinal())
    made.add_integer("moment", int(moment.timestamp()))
    # A date far ahead is a slip of the keyboard, and no reason to come first.
    years = min(day.year + day.month / 12, timezone.now().year + 1) - RECENCY_BEGINS
    made.add_float("recency", 1 + RECENCY_A_YEAR * max(0.0, years))


def prefetch(pages: list[Page]) -> None:
    """Read what the documents of pages of one model need in a few queries."""
    if pages and hasattr(pages[0], "bylines"):
        prefetch_related_objects(
            pages, "bylines__author", "tagged_items__tag", "series", "corrections"
        )
