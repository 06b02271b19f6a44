"""What an engine keeps of a page, read from the page's `search_fields`."""

import datetime as dt
from dataclasses import dataclass, field
from functools import lru_cache

from django.apps import apps
from django.db.models import prefetch_related_objects
from django.utils import timezone
from wagtail.models import Page
from wagtail.search import index

from blog.visibility import listed

# A field of `search_fields` with more than this boost is scored on its own too.
PLAIN_BOOST = 1.0
# How much of a boost counts beside the whole text; docs/search.md says how it was chosen.
BOOST_SHARE = 0.15


@dataclass(frozen=True)
class Document:
    """
    A page as an engine sees it.

    `texts` maps the names of `search_fields` to plain text, one block a line; `authors` and `tags`
    are slugs.
    """

    page: int
    model: str
    texts: dict[str, str]
    date: dt.datetime
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    dated: bool = field(default=True)

    @property
    def year(self) -> int:
        return timezone.localtime(self.date, timezone.get_default_timezone()).year

    @property
    def whole(self) -> str:
        return "\n".join(self.texts.values())


@lru_cache
def boosts(labels: tuple[str, ...]) -> dict[str, float]:
    """The names and weights of the fields that are scored on their own."""
    found: dict[str, float] = {}
    for label in labels:
        for search_field in apps.get_model(label).get_searchable_search_fields():
            boost = search_field.boost or PLAIN_BOOST
            if boost > PLAIN_BOOST:
                found[search_field.field_name] = round(boost * BOOST_SHARE, 4)
    return dict(sorted(found.items()))


def text_of(page: Page, search_field: index.SearchField) -> str:
    value = search_field.get_value(page)
    if isinstance(value, list | tuple):
        value = "\n".join(str(part) for part in value)
    return str(value or "").replace("\x00", " ")


def document_of(page: Page) -> Document:
    authors = getattr(page, "authors", ())
    tags = getattr(page, "sorted_tags", ())
    date = getattr(page, "published_at", None)
    return Document(
        page=page.pk,
        model=page._meta.label,
        texts={
            search_field.field_name: text_of(page, search_field)
            for search_field in page.get_searchable_search_fields()
        },
        date=date or page.first_published_at or timezone.now(),
        authors=tuple(author.slug for author in authors),
        tags=tuple(tag.slug for tag in tags),
        dated=date is not None,
    )


def documents(queryset) -> list[Document]:
    return documents_of(list(listed(queryset)))


def documents_of(pages: list[Page]) -> list[Document]:
    """The documents of pages of one model, which are known to be public."""
    prefetch(pages)
    return [document_of(page) for page in pages]


def prefetch(pages: list[Page]) -> None:
    """Read what the documents of pages need in a few queries."""
    if pages and hasattr(pages[0], "bylines"):
        prefetch_related_objects(pages, "bylines__author", "tagged_items__tag", "series")
