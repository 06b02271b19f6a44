"""What a reader's words find."""

import datetime as dt
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from operator import itemgetter
from typing import TypeVar

from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup
from wagtail.contrib.search_promotions.models import SearchPromotion
from wagtail.models import Page
from wagtail.search.backends import get_search_backend
from wagtail.search.utils import normalise_query_string

from blog.models import Author, PostPage, Tag
from blog.visibility import public
from search.backends.base import ReaderBackend, UnavailableError
from search.expressions import (
    EVERYTHING,
    All,
    Any,
    Expression,
    Filters,
    Hits,
    Not,
    Scoring,
    Tokens,
)
from search.models import Synonym
from search.passages import Passage, Wanted, marked, passage, spans
from search.question import Question, understood
from search.ranking import FEEDBACK_PAGES, with_feedback

RESULTS_PER_PAGE = 10
MOST_PAGES = 100
# As many pages with only some of the words are shown when few have all of them.
MOST_RELATED = 50
# So many of them are put in order by what the best pages share.
MOST_CANDIDATES = 200
SYNONYM_WEIGHT = 0.8
FACET_SIZE = 10
# A word of so few pages may be one of pages that are gone, which an index still counts for a while.
RARE = 10
# The order in which the texts of a page are looked through for a passage.
PROSE = ("get_prose", "introduction", "get_captions", "get_code")
# What else may show why a page was found.
SUBJECTS = (
    ("get_tag_names", _("Tag")),
    ("get_author_names", _("Author")),
    ("get_series_title", _("Series")),
)
# Counts what was found while a reader's thread ranks it.
BESIDE = ThreadPoolExecutor(thread_name_prefix="search-beside")

Found = TypeVar("Found")


def reader_backend() -> ReaderBackend:
    """The backend that answers readers: "reader" of `WAGTAILSEARCH_BACKENDS`."""
    backend = get_search_backend("reader")
    if not isinstance(backend, ReaderBackend):
        raise ImproperlyConfigured("WAGTAILSEARCH_BACKENDS['reader'] is no backend of ours.")
    return backend


@dataclass(frozen=True)
class Choice:
    """What a reader chose besides the words; each narrows the results."""

    year: int | None = None
    tag: str = ""
    author: str = ""
    newest_first: bool = False
    as_typed: bool = False


NO_CHOICE = Choice()


@dataclass
class Result:
    """A page that was found, and what shows why."""

    page: Page
    title: Markup
    passage: Passage
    why: list[tuple[Promise, Markup]] = field(default_factory=list)
    related: bool = False
    url: str = ""

    @property
    def post(self) -> PostPage | None:
        return self.page if isinstance(self.page, PostPage) else None


@dataclass(frozen=True)
class Facet:
    name: str
    value: str
    label: str
    count: int
    chosen: bool


@dataclass
class Inquiry:
    """A question in the terms of an engine."""

    match: Expression
    any: Expression
    filters: Filters
    weights: dict[str, float]
    pairs: tuple[tuple[str, str], ...]
    wanted: Wanted


@dataclass
class Answer:
    """
    What a search found.

    `total` pages have all words, `related` more have some of them and come after the others.
    `corrected` is the question that was answered instead, `maybe` one that may have been meant.
    `apart` are the phrases that nothing has, so that their words were looked for one by one.
    """

    question: Question
    results: list[Result] = field(default_factory=list)
    total: int = 0
    related: int = 0
    number: int = 1
    corrected: Question | None = None
    maybe: Question | None = None
    facets: dict[str, list[Facet]] = field(default_factory=dict)
    promoted: list[SearchPromotion] = field(default_factory=list)
    apart: tuple[str, ...] = ()
    unavailable: bool = False

    @property
    def shown(self) -> int:
        return self.total + self.related

    @property
    def pages(self) -> int:
        return min(MOST_PAGES, max(1, -(-self.shown // RESULTS_PER_PAGE)))

    @cached_property
    def first_related(self) -> Result | None:
        return next((result for result in self.results if result.related), None)


def day_begins(day: dt.date | None) -> dt.datetime | None:
    return day and dt.datetime.combine(day, dt.time.min, timezone.get_default_timezone())


def authors_named(name: str) -> tuple[str, ...]:
    """The slugs of the authors that a reader may mean by a slug or by a part of a name."""
    exact = Author.objects.filter(Q(slug__iexact=name) | Q(name__iexact=name))
    likely = Author.objects.all()
    for word in name.replace("-", " ").split():
        named = Q(name__icontains=word)
        # A slug has no accents, and is often all that a keyboard can type.
        if plain := slugify(word):
            named |= Q(slug__icontains=plain)
        likely = likely.filter(named)
    return tuple((exact or likely).values_list("slug", flat=True)[:50])


def tags_named(name: str) -> tuple[str, ...]:
    """The slugs of the tags that a reader may mean by a slug or a name."""
    spaced = name.replace("-", " ")
    return tuple(
        Tag.objects.filter(
            Q(slug__iexact=name) | Q(name__iexact=name) | Q(name__iexact=spaced)
        ).values_list("slug", flat=True)[:50]
    )


def tags_alike(name: str) -> tuple[str, ...]:
    """The slugs of the tags whose names differ from this one in accents and case only."""
    wanted = slugify(name)
    return tuple(
        slug
        for slug, label in Tag.objects.values_list("slug", "name")
        if wanted and slugify(label) == wanted
    )


class Synonyms:
    """Which words mean the same, as editors say."""

    def __init__(self, backend: ReaderBackend, lists: Iterable[list[str]]) -> None:
        self.others: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        for forms in lists:
            stemmed = [tuple(backend.analyser.stems(form)) for form in forms]
            for form in stemmed:
                if form:
                    others = [other for other in stemmed if other and other != form]
                    self.others.setdefault(form, []).extend(others)
        self.longest = max(map(len, self.others), default=0)

    @classmethod
    def kept(cls, backend: ReaderBackend) -> "Synonyms":
        return cls(backend, [synonym.forms for synonym in Synonym.objects.all()])


class Search:
    """One search of a reader."""

    def __init__(self, backend: ReaderBackend | None = None, synonyms: Synonyms | None = None):
        self.backend = backend or reader_backend()
        self.analyser = self.backend.analyser
        self.synonyms = synonyms if synonyms is not None else Synonyms.kept(self.backend)

    # What is asked

    def inquiry(self, question: Question, choice: Choice, apart: bool = False) -> Inquiry:
        """
        Translate a question: which pages match it, and what makes them better.

        `apart` says what becomes of words of grammar alone: each is wanted, else all in a row.
        """
        analyser = self.analyser
        weights: dict[str, float] = {}
        required: list[Expression] = []
        tokens: list[tuple[str, tuple[str, ...]]] = []
        for word in question.words:
            stems = tuple(analyser.stems(word))
            if stems:
                tokens.append((word, stems))
        flat = [stem for _word, stems in tokens for stem in stems]
        position = 0
        while position < len(tokens):
            word, stems = tokens[position]
            length, options = 1, [Tokens(stems)]
            options += [
                Tokens(tuple(joined_stems))
                for joined in analyser.joined(word)
                if (joined_stems := analyser.stems(joined))
            ]
            for stem in stems:
                weights[stem] = weights.get(stem, 0) + 1.0
            for count in range(min(self.synonyms.longest, len(tokens) - position), 0, -1):
                form = tuple(
                    stem for _w, part in tokens[position : position + count] for stem in part
                )
                if form not in self.synonyms.others:
                    continue
                length = count
                spelt_out = All(tuple(Tokens((stem,)) for stem in form))
                options = [*options, spelt_out] if count == 1 else [spelt_out]
                for stem in form[len(stems) :]:
                    weights[stem] = weights.get(stem, 0) + 1.0
                for other in self.synonyms.others[form]:
                    options.append(Tokens(other))
                    for stem in other:
                        weights.setdefault(stem, SYNONYM_WEIGHT / len(other))
                break
            required.append(Any(tuple(options)) if len(options) > 1 else options[0])
            position += length
        phrases = []
        for text in question.phrases:
            exact = tuple(analyser.exact(text))
            if exact:
                phrases.append(exact)
            for stem in analyser.stems(text):
                weights[stem] = weights.get(stem, 0) + 1.0
        if not required and not phrases:
            # Only words of grammar: then they are what is meant.
            exact = tuple(t for word in question.words for t in analyser.exact(word))
            if exact:
                phrases += [(token,) for token in dict.fromkeys(exact)] if apart else [exact]
        quoted = [Tokens(phrase, exact=True) for phrase in phrases]
        without = [
            Not(Tokens(found, exact=is_quoted))
            for text, is_quoted in question.without
            if (found := tuple((analyser.exact if is_quoted else analyser.stems)(text)))
            or (found := tuple(analyser.exact(text)))
        ]
        always: list[Expression] = [*quoted, *without]
        match = All((*required, *always)) if required or always else EVERYTHING
        some: Expression = match
        if len(flat) > 1:
            some = All((Any(tuple(Tokens((stem,)) for stem in dict.fromkeys(weights))), *always))
        pairs = tuple((left, right) for left, right in pairwise(flat) if left != right)
        return Inquiry(
            match=match,
            any=some,
            filters=self.filters(question, choice),
            weights=weights,
            pairs=tuple(dict.fromkeys(pairs)),
            wanted=Wanted(
                frozenset(weights),
                tuple(phrase for phrase in phrases),
            ),
        )

    def filters(self, question: Question, choice: Choice) -> Filters:
        authors = [authors_named(name) for name in question.authors]
        tags = [tags_named(name) or tags_alike(name) for name in question.tags]
        if choice.author:
            authors.append((choice.author,))
        if choice.tag:
            tags.append((choice.tag,))
        return Filters(
            # What nobody is called nobody has written.
            authors=tuple(slugs or ("",) for slugs in authors),
            tags=tuple(slugs or ("",) for slugs in tags),
            after=day_begins(question.after),
            before=day_begins(question.before),
            year=choice.year,
        )

    # What is found

    def rank(
        self,
        inquiry: Inquiry,
        start: int,
        stop: int,
        newest_first: bool = False,
        counted: Callable[[Hits], None] = lambda strict: None,
    ) -> tuple[list[tuple[int, bool]], int, int]:
        """
        The pages from the `start`th on: (id, whether it only has some of the words).

        Also returns how many have all the words and how many that have some come after them.
        `counted` hears of the first, and of the first few of them, as soon as they are known.
        """
        backend = self.backend
        # Neighbours are looked for on the best pages only: on all of them that takes far longer.
        words = Scoring(weights=inquiry.weights)
        scoring = replace(words, pairs=inquiry.pairs)
        reranked = start < MOST_CANDIDATES and not newest_first
        strict = backend.hits(
            inquiry.match,
            filters=inquiry.filters,
            scoring=words,
            start=0 if reranked else start,
            stop=max(stop, MOST_CANDIDATES) if reranked or not start else stop,
            newest_first=newest_first,
        )
        counted(strict)
        if reranked and scoring.pairs and strict.pages:
            strict = replace(strict, pages=self.among(strict.pages, scoring).pages)
        first = start if reranked else 0
        found = [(page, False) for page, _score in strict.pages[first : first + stop - start]]
        if strict.total >= RESULTS_PER_PAGE or inquiry.any == inquiry.match:
            return found, strict.total, 0
        # The few that have all the words are among the best of those that have some.
        some = All((inquiry.any, Not(inquiry.match)))
        by_date = newest_first and not strict.total
        others = backend.hits(
            some,
            filters=inquiry.filters,
            scoring=words,
            stop=MOST_RELATED if by_date else MOST_CANDIDATES,
        )
        best = strict.pages
        if newest_first:
            best = backend.hits(
                inquiry.match,
                filters=inquiry.filters,
                scoring=scoring,
                stop=FEEDBACK_PAGES,
                count=False,
            ).pages
        if strict.total < FEEDBACK_PAGES:
            best = sorted([*best, *others.pages], key=itemgetter(1), reverse=True)
        first = max(0, start - strict.total)
        last = min(MOST_RELATED, stop - strict.total)
        widened = with_feedback(backend, scoring, best[:FEEDBACK_PAGES])
        related = self.among(others.pages, widened, first, last, newest_first=by_date)
        found += [(page, True) for page, _score in related.pages]
        return found, strict.total, min(MOST_RELATED, others.total)

    def among(
        self,
        pages: list[tuple[int, float]],
        scoring: Scoring,
        start: int = 0,
        stop: int | None = None,
        newest_first: bool = False,
    ) -> Hits:
        """Some pages in another order, without looking for what they match again."""
        return self.backend.hits(
            EVERYTHING,
            filters=Filters(among=frozenset(page for page, _score in pages)),
            scoring=scoring,
            start=start,
            stop=len(pages) if stop is None else stop,
            newest_first=newest_first,
            count=False,
        )

    def corrected(
        self, question: Question, choice: Choice, apart: bool = False
    ) -> tuple[Question, Inquiry]:
        """The question that is answered, with its words spelt as the index has them."""
        inquiry = self.inquiry(question, choice, apart)
        frequencies = self.backend.frequencies(inquiry.weights)
        for stem, count in frequencies.items():
            if 0 < count <= RARE and not self.backend.bearers("stems", stem, 1):
                frequencies[stem] = 0
        if any(count == 0 for count in frequencies.values()):
            corrections = self.spelling(question, frequencies)
            if corrections:
                question = question.spelt(corrections)
                inquiry = self.inquiry(question, choice, apart)
        return question, inquiry

    def spelling(self, question: Question, frequencies: dict[str, int]) -> dict[str, str]:
        """Words of the question that no page has → what may have been meant."""
        vocabulary = self.backend.vocabulary()
        corrections = {}
        for word in question.words:
            stems = self.analyser.stems(word)
            if not stems or any(frequencies.get(stem) for stem in stems):
                continue
            exact = self.analyser.exact(word)
            if len(exact) != 1 or (exact[0] in vocabulary and self.is_told(exact[0])):
                continue
            if near := next(filter(self.is_told, vocabulary.near(exact[0])), None):
                corrections[word] = near
        return corrections

    def is_told(self, word: str) -> bool:
        """Whether a page that anyone may read has this word: a list of words may be older."""
        return bool(visible_pages(self.backend.bearers("exact", word)))

    def answer(self, query: str, choice: Choice = NO_CHOICE, number: int = 1) -> Answer:
        """Answer a reader's query with one page of results."""
        question = understood(query)
        answer = Answer(question, number=max(1, min(number, MOST_PAGES)))
        if not question:
            return answer
        try:
            self._answer(answer, choice)
        except UnavailableError:
            self._answer_without_index(answer)
        answer.promoted = promoted(answer.corrected or question)
        return answer

    def _answer(self, answer: Answer, choice: Choice) -> None:
        question = answer.question
        self._answer_to(question, answer, choice)
        if answer.shown:
            return
        phrases = question.phrases
        if not phrases and not any(map(self.analyser.stems, question.words)):
            # Only words of grammar, which were looked for as one phrase.
            phrases = (" ".join(question.words),) if len(question.words) > 1 else ()
        if phrases:
            self._answer_to(question.unquoted(), answer, choice, apart=True)
            answer.apart = phrases if answer.shown else ()

    def _answer_to(
        self, question: Question, answer: Answer, choice: Choice, apart: bool = False
    ) -> None:
        answer.corrected = answer.maybe = None
        spelt, inquiry = self.corrected(question, choice, apart)
        if spelt != question:
            if choice.as_typed:
                answer.maybe = spelt
                inquiry = self.inquiry(question, choice, apart)
            else:
                answer.corrected = spelt
        self._fill(answer, inquiry, choice)

    def _fill(self, answer: Answer, inquiry: Inquiry, choice: Choice) -> None:
        start = (answer.number - 1) * RESULTS_PER_PAGE
        facets: Callable[[], dict[str, list[tuple[str, int]]]]

        def count(matched: Expression, filters: Filters) -> None:
            nonlocal facets
            facets = self.beside(self.backend.facets, matched, filters, FACET_SIZE)

        def counted(strict: Hits) -> None:
            if not strict.total:
                count(inquiry.any, inquiry.filters)
            elif strict.total == len(strict.pages):
                # All are known, and need not be looked for again.
                count(EVERYTHING, Filters(among=frozenset(page for page, _score in strict.pages)))
            elif not at_once:
                count(inquiry.match, inquiry.filters)

        # A phrase of common words takes long to find: then both of it go on side by side.
        at_once = self.backend.is_concurrent and bool(inquiry.wanted.phrases)
        # A page may have been hidden since it was indexed: then another takes its place.
        for _attempt in range(5):
            if at_once:
                count(inquiry.match, inquiry.filters)
            ranked, answer.total, answer.related = self.rank(
                inquiry, start, start + RESULTS_PER_PAGE, choice.newest_first, counted
            )
            visible = visible_pages(page for page, _related in ranked)
            hidden = {page for page, _related in ranked if page not in visible}
            if not hidden:
                break
            inquiry.filters = replace(inquiry.filters, excluded=inquiry.filters.excluded | hidden)
        texts = self.backend.texts(page for page, _related in ranked if page in visible)
        answer.results = [
            self.result(visible[page], texts.get(page, {}), inquiry.wanted, related)
            for page, related in ranked
            if page in visible
        ]
        answer.facets = named_facets(facets(), choice)

    def beside(self, ask: Callable[..., Found], *arguments: object) -> Callable[[], Found]:
        """Ask the engine while this thread goes on, where it lets it; returns how to get it."""
        if not self.backend.is_concurrent:
            return lambda: ask(*arguments)

        def work() -> Found:
            try:
                return ask(*arguments)
            finally:
                # It may have had to bring the index up to date.
                connection.close()

        return BESIDE.submit(work).result

    def result(
        self, page: Page, texts: dict[str, str], wanted: Wanted, related: bool = False
    ) -> Result:
        analyser = self.analyser
        title = marked(page.title, spans(page.title, wanted, analyser))
        prose = passage((texts.get(name, "") for name in PROSE), wanted, analyser)
        why = []
        for name, label in SUBJECTS:
            for text in texts.get(name, "").split("\n"):
                if places := spans(text, wanted, analyser):
                    why.append((label, marked(text, places)))
        return Result(page, title, prose, why, related)

    def _answer_without_index(self, answer: Answer) -> None:
        """While an index is being built: the newest posts whose titles have one of the words."""
        answer.unavailable = True
        wanted = Q()
        for word in (*answer.question.words, *answer.question.phrases)[:10]:
            wanted |= Q(title__icontains=word)
        posts = PostPage.objects.published().for_cards()
        if wanted:
            posts = posts.filter(wanted)
        found = list(posts[:RESULTS_PER_PAGE])
        answer.total = len(found)
        nothing = Wanted(frozenset())
        answer.results = [
            self.result(post, {"introduction": post.summary}, nothing) for post in found
        ]


def visible_pages(pages: Iterable[int]) -> dict[int, Page]:
    """Those of the pages that anyone may read now, with what a list shows of them."""
    pages = list(pages)
    if not pages:
        return {}
    posts: dict[int, Page] = PostPage.objects.published().for_results().in_bulk(pages)
    others = [page for page in pages if page not in posts]
    if others:
        posts.update(public(Page.objects.not_type(PostPage)).in_bulk(others))
    return posts


def names(model: type[Author] | type[Tag]) -> dict[str, str]:
    """What readers call the slugs of tags or authors."""
    return caches["until_change"].get_or_set(
        f"names {model._meta.label}",
        lambda: dict(model.objects.order_by().values_list("slug", "name")),
    )


def named_facets(
    counts: dict[str, list[tuple[str, int]]], choice: Choice
) -> dict[str, list[Facet]]:
    """Counts with the names that readers know, the newest year first."""
    tags, authors = names(Tag), names(Author)
    years = sorted(counts["year"], reverse=True)
    return {
        "year": [
            Facet("year", year, year, count, str(choice.year or "") == year)
            for year, count in years
        ],
        "tag": [
            Facet("tag", slug, tags[slug], count, choice.tag == slug)
            for slug, count in counts["tag"]
            if slug in tags
        ],
        "author": [
            Facet("author", slug, authors[slug], count, choice.author == slug)
            for slug, count in counts["author"]
            if slug in authors
        ],
    }


def promoted(question: Question) -> list[SearchPromotion]:
    """What editors put on top for just this query, as far as anyone may read it."""
    promotions = list(
        SearchPromotion.objects.filter(
            query__query_string=normalise_query_string(question.text)
        ).select_related("page")
    )
    pages = visible_pages(p.page_id for p in promotions if p.page_id)
    return [p for p in promotions if (p.page_id in pages if p.page_id else p.external_link_url)]
