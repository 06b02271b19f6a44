"""The reader's search as a backend of Wagtail's search."""

import hashlib
from functools import cached_property, lru_cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from tantivy import Occur, Query
from wagtail.models import Page
from wagtail.search import query as wagtail_query
from wagtail.search.backends import get_search_backend
from wagtail.search.backends.base import (
    BaseIndex,
    BaseSearchBackend,
    BaseSearchQueryCompiler,
    BaseSearchResults,
)

from blog.unseen import is_unseen
from search.analysis import analyser
from search.documents import boosts
from search.engine.copy import Copy
from search.engine.index import Reader, Shape

# Changes of the code that make an index of older code unfit raise this.
SCHEMA_VERSION = 7
CHUNK = 500


class QueryCompiler(BaseSearchQueryCompiler):
    """Translates Wagtail's query objects; the queryset itself filters what they find."""

    DEFAULT_OPERATOR = "and"
    HANDLES_ORDER_BY_EXPRESSIONS = True

    def check(self):
        """Any filter and order will do, as the database applies them."""

    def compile(self, reader: Reader) -> tuple[Query, dict[str, float]]:
        """Return the query for what matches, and the stems that make it better."""
        weights: dict[str, float] = {}
        return self._compile(self.query, reader, weights), weights

    def _compile(self, query, reader: Reader, weights: dict[str, float]) -> Query:
        match query:
            case wagtail_query.PlainText() | wagtail_query.Fuzzy():
                stems = reader.analyser.stems(query.query_string)
                weights |= dict.fromkeys(stems, 1.0)
                occur = Occur.Should if query.operator == "or" else Occur.Must
                return Query.boolean_query([(occur, reader.term("stems", s)) for s in stems])
            case wagtail_query.Phrase():
                weights |= dict.fromkeys(reader.analyser.stems(query.query_string), 1.0)
                return reader.phrase(reader.analyser.exact(query.query_string))
            case wagtail_query.And() | wagtail_query.Or():
                occur = Occur.Must if isinstance(query, wagtail_query.And) else Occur.Should
                parts = [self._compile(part, reader, weights) for part in query.subqueries]
                return Query.boolean_query([(occur, part) for part in parts])
            case wagtail_query.Not():
                # What is unwanted makes nothing better.
                unwanted = self._compile(query.subquery, reader, {})
                return Query.boolean_query(
                    [(Occur.Must, Query.all_query()), (Occur.MustNot, unwanted)]
                )
            case wagtail_query.Boost():
                return self._compile(query.subquery, reader, weights)
            case wagtail_query.MatchAll():
                return Query.all_query()
        raise NotImplementedError(f"{type(query).__name__} queries are not understood here")


class SearchResults(BaseSearchResults):
    """The pages of a queryset that match, the most relevant first."""

    def _pages(self) -> list[int]:
        compiler = self.query_compiler
        reader = self.backend.reader()
        matching, weights = compiler.compile(reader)
        hits = reader.hits(reader.scored(matching, weights), stop=None, count=False)
        ranked = [page for page, _score in hits.pages]
        allowed: list[int] = []
        queryset = compiler.queryset
        for start in range(0, len(ranked), CHUNK):
            chunk = ranked[start : start + CHUNK]
            # The queryset may be sliced or ordered; only which pages it has is wanted here.
            found = set(queryset.filter(pk__in=chunk).order_by().values_list("pk", flat=True))
            allowed += [page for page in chunk if page in found]
        if not compiler.order_by_relevance:
            allowed = list(queryset.filter(pk__in=allowed).values_list("pk", flat=True))
        return allowed

    def _do_search(self):
        pages = self._pages()[self.start : self.stop]
        found = self.query_compiler.queryset.filter(pk__in=pages)
        if self.prefetch_related:
            found = found.prefetch_related(*self.prefetch_related)
        by_id = {page.pk: page for page in found}
        return [by_id[page] for page in pages if page in by_id]

    def _do_count(self):
        return len(self._pages()[self.start : self.stop])


class Index(BaseIndex):
    """Wagtail's way to put pages into the index of a backend and to take them out."""

    def get_key(self):
        return "reader"

    def __str__(self):
        return str(self.backend)

    def add_items(self, model, items):
        if model._meta.label in self.backend.labels and not is_unseen():
            self.backend.copy.changed([item.pk for item in items])

    def delete_item(self, item):
        if isinstance(item, Page):
            self.backend.copy.changed([item.pk])

    def reset(self):
        self.backend.copy.reset()


@lru_cache
def the_copy(path: Path, labels: tuple, language: str, stop_words: tuple, at_once: bool) -> Copy:
    """Return the one copy of this process, as it remembers what is open and what is under way."""
    models = [apps.get_model(label) for label in labels]
    shape = Shape(analyser(language, stop_words), boosts(labels))
    parts = (SCHEMA_VERSION, language, shape.analyser.more_stop_words, shape.boosts)
    # Names the shape of the index; another name means that it must be built anew.
    fingerprint = hashlib.blake2s(repr(parts).encode(), digest_size=6).hexdigest()
    return Copy(path, shape, fingerprint, models, at_once)


class SearchBackend(BaseSearchBackend):
    """
    A search backend that can do what a reader's search needs.

    Parameters (of `WAGTAILSEARCH_BACKENDS`): `MODELS`, the labels of the page models that readers
    may find; `LANGUAGE`, an English name; `STOP_WORDS`, in addition to the language's own; `PATH`,
    the folder of the index. `search.signals` tells it of changes within their transaction, which
    Wagtail's `AUTO_UPDATE` would do after it.
    """

    query_compiler_class = QueryCompiler
    results_class = SearchResults
    index_class = Index
    # A page is never kept from being published by its search.
    catch_indexing_errors = True

    def __init__(self, params):
        super().__init__(params)
        self.labels = tuple(params.get("MODELS", ("blog.PostPage",)))
        self.language = params.get("LANGUAGE", "english").lower()
        self.stop_words = tuple(params.get("STOP_WORDS", ()))
        self.path = Path(params.get("PATH") or Path(settings.DATA_DIR) / "search_index")
        self.at_once = params.get("AT_ONCE", False)

    def __str__(self):
        return f"search index {self.path}"

    @cached_property
    def copy(self) -> Copy:
        return the_copy(self.path, self.labels, self.language, self.stop_words, self.at_once)

    def reader(self) -> Reader:
        """Return the newest state of the index. Raise UnavailableError while there is none."""
        return self.copy.reader()


def reader_copy() -> Copy | None:
    """Return this machine's copy of the index; None where readers are answered otherwise."""
    backend = get_search_backend("reader")
    return backend.copy if isinstance(backend, SearchBackend) else None
