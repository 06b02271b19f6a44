"""What the index keeps of a page, read from the page's `search_fields`."""

import datetime as dt
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from django.apps import apps
from django.db.models import prefetch_related_objects
from django.utils import timezone
from wagtail.models import Page

# A field of `search_fields` with more than this boost is scored on its own too.
PLAIN_BOOST = 1.0
# How much of a boost counts beside the whole text; docs/search.md says how it was chosen.
BOOST_SHARE = 0.14


@dataclass(frozen=True)
class Document:
    """
    A page as the index sees it.

    `texts` maps the names of `search_fields` to plain text, one block a line; `authors` and `tags`
    are slugs; `sections` are the tree paths of the page and of all pages above it.
    """

    page: int
    texts: dict[str, str]
    date: dt.datetime
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    is_dated: bool = True

    @property
    def day(self) -> dt.date:
        """The day of the site's calendar."""
        try:
            return timezone.localtime(self.date, timezone.get_default_timezone()).date()
        except (OverflowError, ValueError):
            # The first and the last day of all calendars have no neighbours.
            return self.date.date()


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


def document_of(page: Page) -> Document:
    date = getattr(page, "published_at", None)
    step = page.steplen
    return Document(
        page=page.pk,
        texts=texts_of(page),
        date=date or page.first_published_at or timezone.now(),
        authors=tuple(author.slug for author in getattr(page, "authors", ())),
        tags=tuple(tag.slug for tag in getattr(page, "sorted_tags", ())),
        sections=tuple(page.path[:end] for end in range(step, len(page.path) + 1, step)),
        is_dated=date is not None,
    )


def prefetch(pages: list[Page]) -> None:
    """Read what the documents of pages of one model need in a few queries."""
    if pages and hasattr(pages[0], "bylines"):
        prefetch_related_objects(
            pages, "bylines__author", "tagged_items__tag", "series", "corrections"
        )
