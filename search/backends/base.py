"""What the backends share: Wagtail's side of them, and what the reader's search asks of them."""

import hashlib
import logging
import math
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from functools import cached_property

from django.apps import apps
from django.db import connection, transaction
from wagtail.models import Page
from wagtail.search import query as wagtail_query
from wagtail.search.backends.base import (
    BaseIndex,
    BaseSearchBackend,
    BaseSearchQueryCompiler,
    BaseSearchResults,
)

from blog.unseen import is_unseen
from blog.visibility import listed
from search.analysis import Analyser
from search.documents import Document, boosts, documents, documents_of
from search.expressions import (
    EVERYTHING,
    NO_FILTERS,
    NO_SCORING,
    NOTHING,
    All,
    Any,
    Expression,
    Filters,
    Hits,
    Not,
    Scoring,
    Tokens,
    leaves,
)
from search.spelling import Vocabulary

logger = logging.getLogger("daybook.search")

# Changes of the code that make an index of older code unfit raise this.
SCHEMA_VERSION = 2
CHUNK = 500
# A change of more pages than this is indexed while nobody waits for it.
MOST_AT_ONCE = 50
# A site with at most so many pages builds a missing index while its first reader waits.
FEW = 1_000
# Two words are near each other with so many others between them.
NEAR = 4
# What matching alone is worth: enough to let the newest of equals come first.
SLIGHT = 0.001
# What neighbouring words are worth; docs/search.md says how it was chosen.
PAIR_WEIGHT = 0.2
# Of two pages that are equally good, one that is a year newer is better by one in a hundred.
RECENCY_A_YEAR = 0.01
RECENCY_BEGINS = 1990
# After how many seconds what could not be written is tried again.
RETRY = 30
# How long a list of all words or tags may be out of date, in seconds.
LIST_AGE = 60


def pair_weight(scoring: Scoring) -> float:
    """What one pair of a question is worth: the less, the more pairs there are."""
    return PAIR_WEIGHT / math.sqrt(len(scoring.pairs) or 1)


class BusyError(RuntimeError):
    """Another process did not give up a lock in time."""


class UnavailableError(Exception):
    """There is no index that could answer now; one is being built."""


class QueryCompiler(BaseSearchQueryCompiler):
    """Translates Wagtail's query objects; the queryset itself filters what they find."""

    DEFAULT_OPERATOR = "and"
    HANDLES_ORDER_BY_EXPRESSIONS = True

    def check(self):
        """Any filter and order will do, as the database applies them."""

    def compile(self, analyser: Analyser) -> Expression:
        return self._compile(self.query, analyser)

    def _compile(self, query, analyser: Analyser) -> Expression:
        match query:
            case wagtail_query.PlainText():
                parts = tuple(Tokens((stem,)) for stem in analyser.stems(query.query_string))
                if query.operator == "or":
                    return Any(parts)
                return All(parts) if parts else NOTHING
            case wagtail_query.Phrase():
                tokens = tuple(analyser.exact(query.query_string))
                return Tokens(tokens, exact=True) if tokens else NOTHING
            case wagtail_query.Fuzzy():
                return self._compile(
                    wagtail_query.PlainText(query.query_string, operator=query.operator), analyser
                )
            case wagtail_query.And():
                return All(tuple(self._compile(part, analyser) for part in query.subqueries))
            case wagtail_query.Or():
                return Any(tuple(self._compile(part, analyser) for part in query.subqueries))
            case wagtail_query.Not():
                return Not(self._compile(query.subquery, analyser))
            case wagtail_query.Boost():
                return self._compile(query.subquery, analyser)
            case wagtail_query.MatchAll():
                return EVERYTHING
        raise NotImplementedError(f"{type(query).__name__} queries are not understood here")


class SearchResults(BaseSearchResults):
    """The pages of a queryset that match, the most relevant first."""

    def _pages(self) -> list[int]:
        compiler = self.query_compiler
        expression = compiler.compile(self.backend.analyser)
        weights = {token: 1.0 for leaf in leaves(expression) for token in leaf.tokens}
        hits = self.backend.hits(expression, scoring=Scoring(weights=weights), stop=None)
        ranked = [page for page, _score in hits.pages]
        allowed: list[int] = []
        queryset = compiler.queryset
        for start in range(0, len(ranked), CHUNK):
            chunk = ranked[start : start + CHUNK]
            # The queryset may be sliced or ordered; only which pages it has is wanted here.
            found = set(queryset.filter(pk__in=chunk).order_by().values_list("pk", flat=True))
            allowed += [page for page in chunk if page in found]
        if not compiler.order_by_relevance:
            found = queryset.filter(pk__in=allowed).values_list("pk", flat=True)
            allowed = list(found)
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

    def __init__(self, backend, rebuild=None):
        super().__init__(backend)
        self.rebuild = rebuild

    def get_key(self):
        return "reader"

    def __str__(self):
        return str(self.backend)

    def add_items(self, model, items):
        if model._meta.label not in self.backend.models or is_unseen():
            return
        pages = [item.pk for item in items]
        if self.rebuild is None:
            self.backend.changed(pages)
            return
        # Read just now, and what changes from now on is told to the new index as well.
        found = listed(model.objects.filter(pk__in=pages))
        keys = set(found.order_by().values_list("pk", flat=True))
        self.rebuild.add(documents_of([item for item in items if item.pk in keys]))

    def delete_item(self, item):
        if isinstance(item, Page):
            self.backend.changed([item.pk])

    def reset(self):
        self.backend.reset()

    def refresh(self):
        self.backend.refresh()


class Rebuilder:
    """What `update_index` calls: builds a new index beside the one that answers, then swaps."""

    def __init__(self, index):
        self.backend = index.backend

    def start(self):
        self.rebuild = self.backend.start_rebuild()
        return Index(self.backend, rebuild=self.rebuild)

    def finish(self):
        self.rebuild.finish()


class ReaderBackend(BaseSearchBackend, ABC):
    """
    A search backend that can do what a reader's search needs.

    Parameters (of `WAGTAILSEARCH_BACKENDS`): `MODELS`, the labels of the page models that readers
    may find; `LANGUAGE`, an English name; `STOP_WORDS`, in addition to the language's own.
    """

    query_compiler_class = QueryCompiler
    results_class = SearchResults
    index_class = Index
    rebuilder_class = Rebuilder
    # Whether two questions of one reader may be asked at once, from two threads.
    is_concurrent = False
    # A page is never kept from being published by its search.
    catch_indexing_errors = True

    def __init__(self, params):
        super().__init__(params)
        self.models = tuple(params.get("MODELS", ("blog.PostPage",)))
        self.analyser = analyser(
            params.get("LANGUAGE", "english").lower(), tuple(params.get("STOP_WORDS", ()))
        )
        # For tests: the index catches up when it is next asked, and no list is out of date.
        self.lazy = params.get("LAZY", False)
        self.list_age = 0 if self.lazy else LIST_AGE

    @property
    def boosts(self) -> dict[str, float]:
        return boosts(self.models)

    @cached_property
    def fingerprint(self) -> str:
        """Names the shape of the index; another name means that it must be rebuilt."""
        shape = (SCHEMA_VERSION, self.analyser.language, self.analyser.more_stop_words, self.boosts)
        return hashlib.blake2s(repr(shape).encode(), digest_size=6).hexdigest()

    def documents(self, model: type[Page], pages: Iterable[int]) -> list[Document]:
        return documents(model.objects.filter(pk__in=list(pages)))

    def current_documents(self, pages: Iterable[int]) -> Iterator[Document]:
        """The documents of those of the pages that exist and that anyone may read now."""
        wanted = set(pages)
        for label in self.models:
            # What one model has found is no page of another.
            rest = sorted(wanted)
            for start in range(0, len(rest), CHUNK):
                for document in self.documents(apps.get_model(label), rest[start : start + CHUNK]):
                    wanted.discard(document.page)
                    yield document

    def changed(self, pages: Iterable[int]) -> None:
        """Bring the index up to date with what the database says of these pages, once it does."""
        pages = list(pages)
        if not pages:
            return
        if self.lazy:
            LATE.setdefault(str(self), set()).update(pages)
            return
        sync = self.try_to_sync if len(pages) <= MOST_AT_ONCE else self.sync_later
        if not transaction.get_connection().in_atomic_block:
            sync(pages)
        else:
            try:
                self.begin(pages)
            except OSError:
                logger.exception("Should this process be killed now, the %s misses a change.", self)

            # A function, as Django says its name when it fails.
            def write_to_index() -> None:
                try:
                    self.end(pages)
                except OSError:
                    self.keep_unwritten(pages)
                else:
                    sync(pages)

            transaction.on_commit(write_to_index, robust=True)

    def try_to_sync(self, pages: list[int]) -> None:
        """`sync`, or keep in mind what is to be written: the page itself has changed by now."""
        try:
            self.sync(pages)
        except Exception:
            self.keep_unwritten(pages)

    def keep_unwritten(self, pages: list[int]) -> None:
        """Say which pages could not be written, to be called where an exception is handled."""
        logger.exception(
            "%s changed pages could not be written to the %s. This is tried again; `manage.py"
            " update_index --backend reader` builds it anew.",
            len(pages),
            self,
        )
        waiting = UNWRITTEN.setdefault(str(self), set())
        if not waiting:
            timer = threading.Timer(RETRY, self._write_unwritten)
            timer.daemon = True
            timer.start()
        waiting.update(pages)

    def _write_unwritten(self) -> None:
        self._sync_in_thread(sorted(UNWRITTEN.pop(str(self), ())))

    def waiting(self) -> int:
        """Return how many changed pages this process could not write to the index so far."""
        return len(UNWRITTEN.get(str(self), ()))

    def sync_later(self, pages: list[int]) -> None:
        """`sync` in a thread of its own, for which a process waits before it ends."""
        threading.Thread(target=self._sync_in_thread, args=(pages,), name="search-index").start()

    def _sync_in_thread(self, pages: list[int]) -> None:
        try:
            for start in range(0, len(pages) or 1, CHUNK):
                self.sync(pages[start : start + CHUNK])
        except Exception:
            self.keep_unwritten(pages)
        finally:
            connection.close()

    def catch_up(self) -> None:
        """Do what was put off."""
        if self.lazy and (pages := LATE.pop(str(self), None)):
            self.sync(sorted(pages))

    def rebuild_all(self) -> int:
        """Build the whole index anew from the database. Returns how many pages it has."""
        rebuild = self.start_rebuild()
        count = 0
        try:
            for label in self.models:
                model = apps.get_model(label)
                pages = list(model.objects.order_by("pk").values_list("pk", flat=True))
                for start in range(0, len(pages), CHUNK):
                    found = self.documents(model, pages[start : start + CHUNK])
                    rebuild.add(found)
                    count += len(found)
            rebuild.finish()
        except BaseException:
            rebuild.release()
            raise
        return count

    def build_missing(self, reason: object) -> None:
        """
        Build a missing index: at once for a few pages, else in the background.

        Raises `UnavailableError` while it is being built.
        """
        if sum(apps.get_model(label).objects.count() for label in self.models) <= FEW:
            logger.info("Building the %s: %s", self, reason)
            try:
                self.build_unless_built()
            except BusyError as error:
                raise UnavailableError(str(error)) from error
            return
        self.build_soon()
        raise UnavailableError(f"{reason} It is being built.")

    def build_soon(self) -> None:
        """Build a missing index in the background."""
        key = str(self)
        if key not in BUILDING:
            BUILDING.add(key)
            threading.Thread(
                target=self._build_in_background, name="search-build", daemon=True
            ).start()

    def _build_in_background(self) -> None:
        logger.warning("Building the %s in the background.", self)
        try:
            self.rebuild_all()
        except BusyError:
            logger.info("Another process builds the %s.", self)
        except Exception:
            logger.exception("The %s could not be built.", self)
        finally:
            BUILDING.discard(str(self))
            connection.close()

    def vocabulary(self) -> Vocabulary:
        """All words of the index; at most `LIST_AGE` seconds old when it was asked for."""
        key = self.generation()
        kept = VOCABULARIES.get(str(self))
        now = time.monotonic()
        if kept is None or (kept[0] != key and now - kept[1] > self.list_age):
            kept = VOCABULARIES[str(self)] = (key, now, Vocabulary(self.words()))
        return kept[2]

    def begin(self, pages: list[int]) -> None:
        """Remember that pages are about to change, where that outlives this process."""

    def end(self, pages: list[int]) -> None:
        """Remember that what was begun can be read by others now."""

    def refresh(self) -> None:
        """Let searches see what was written last."""

    @abstractmethod
    def sync(self, pages: list[int]) -> None:
        """Make the index say of these pages what the database says now."""

    @abstractmethod
    def start_rebuild(self):
        """
        Begin a new index: an object with `add(documents)`, `finish()` and, to give up, `release()`.

        Raises `BusyError` while another process builds one.
        """

    @abstractmethod
    def is_built(self) -> bool:
        """Whether there is an index that could answer."""

    @abstractmethod
    def build_unless_built(self) -> None:
        """Build an index unless another process has just done it. Raises `BusyError`."""

    @abstractmethod
    def reset(self) -> None:
        """Remove the index."""

    @abstractmethod
    def hits(
        self,
        match: Expression,
        *,
        filters: Filters = NO_FILTERS,
        scoring: Scoring = NO_SCORING,
        start: int = 0,
        stop: int | None = 10,
        newest_first: bool = False,
        count: bool = True,
    ) -> Hits:
        """The pages that match, from the `start`th to before the `stop`th (None: all)."""

    @abstractmethod
    def facets(
        self, match: Expression, filters: Filters = NO_FILTERS, size: int = 10
    ) -> dict[str, list[tuple[str, int]]]:
        """How many of the matching pages each "year", "tag" and "author" has, the most first."""

    @abstractmethod
    def texts(self, pages: Iterable[int]) -> dict[int, dict[str, str]]:
        """The texts of pages by the names of their search fields."""

    @abstractmethod
    def frequencies(self, stems: Iterable[str]) -> dict[str, int]:
        """In how many pages each stem is."""

    @abstractmethod
    def bearers(self, name: str, term: str, limit: int = 5) -> list[int]:
        """
        Some of the pages that have a term of "exact", "stems", "tag" or "author" now.

        The lists of terms and their counts may still know those of pages that are gone.
        """

    @abstractmethod
    def size(self) -> int:
        """How many pages the index has."""

    @abstractmethod
    def words(self) -> dict[str, int]:
        """All words with the number of pages that have them."""

    @abstractmethod
    def titled(self, words: list[str], prefix: str, limit: int) -> list[int]:
        """Pages whose titles have all `words` and one that begins with `prefix`, newest first."""

    @abstractmethod
    def terms(self, name: str) -> list[tuple[str, int]]:
        """All slugs of "tag" or "author" with the number of pages that have them."""

    @abstractmethod
    def generation(self) -> str:
        """Changes whenever the index does."""


LATE: dict[str, set[int]] = {}
# Of each index, the changed pages that could not be written to it, as on a full disk.
UNWRITTEN: dict[str, set[int]] = {}
BUILDING: set[str] = set()
VOCABULARIES: dict[str, tuple[str, float, Vocabulary]] = {}
ANALYSERS: dict[tuple, Analyser] = {}


def analyser(language: str, stop_words: tuple[str, ...]) -> Analyser:
    """The one analyser of a language and its stop words, as it remembers stems."""
    key = (language, stop_words)
    if key not in ANALYSERS:
        ANALYSERS[key] = Analyser(language, stop_words)
    return ANALYSERS[key]
