"""What a reader is shown of what was found."""

from dataclasses import dataclass, field

from django.core.cache import caches
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup
from wagtail.contrib.search_promotions.models import SearchPromotion
from wagtail.models import Page
from wagtail.search.utils import normalise_query_string

from blog.models import PostPage
from search.analysis import Analyser
from search.passages import Passage, Wanted, marked, passage, places_of, promising
from search.question import Choice, Question
from search.ranking import RESULTS_PER_PAGE
from search.subjects import names
from search.visible import visible_pages

MOST_PAGES = 100
# The order in which the texts of a page are looked through for a passage.
PROSE = (
    *("get_prose", "introduction", "get_notes", "get_captions", "get_code", "get_corrections"),
    "get_alts",
)
# What the page has and does not show.
UNSEEN = {"get_alts"}
# What else may show why a page was found.
SUBJECTS = (
    ("get_tag_names", _("Tag")),
    ("get_author_names", _("Author")),
    ("get_series_title", _("Series")),
)


@dataclass
class Result:
    """A page that was found, and what shows why."""

    page: Page
    title: Markup
    passage: Passage
    authors: list[str] = field(default_factory=list)
    why: list[tuple[Promise, Markup]] = field(default_factory=list)
    related: bool = False
    url: str = ""

    @property
    def post(self) -> PostPage | None:
        return self.page if isinstance(self.page, PostPage) else None


@dataclass(frozen=True)
class Facet:
    """A year, a tag or an author by which results can be narrowed, or are when it is `chosen`."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass
class Answer:
    """
    What a search found.

    `total` pages have all words, `related` more have some of them and come after the others.
    `corrected` is the question that was answered instead, `maybe` one that may have been meant.
    `apart` are the phrases that nothing has, so that their words were looked for one by one.
    `is_empty` when nothing of the question can be looked for.
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
    is_empty: bool = False
    unavailable: bool = False

    @property
    def shown(self) -> int:
        return self.total + self.related

    @property
    def pages(self) -> int:
        return min(MOST_PAGES, max(1, -(-self.shown // RESULTS_PER_PAGE)))


def result(
    page: Page,
    texts: dict[str, tuple[str, str]],
    wanted: Wanted,
    analyser: Analyser,
    related: bool = False,
) -> Result:
    """Return a page with what shows why it was found; each text comes with its lines' stems."""
    title = marked(page.title, places_of(page.title, wanted, analyser))
    parts = ((*texts[name], name not in UNSEEN) for name in PROSE if name in texts)
    prose = passage(parts, wanted, analyser)
    why = []
    for name, label in SUBJECTS:
        for _most, text in promising(*texts.get(name, ("", "")), wanted, analyser):
            if places := places_of(text, wanted, analyser):
                why.append((label, marked(text, places)))
    authors = texts.get("get_author_names", ("", ""))[0].splitlines()
    return Result(page, title, prose, authors, why, related)


def named_facets(
    counts: dict[str, list[tuple[str, int]]], choice: Choice
) -> dict[str, list[Facet]]:
    """Return counts with the names that readers know, the newest year first."""
    years = sorted(counts.get("year", ()), key=lambda row: -int(row[0]))
    labels = {"year": {year: year for year, _count in years}}
    labels |= {kind: names(kind) for kind in ("tag", "author")}
    return {
        kind: [
            Facet(value, label, count, value == str(getattr(choice, kind)))
            for value, count in (years if kind == "year" else counts[kind])
            if (label := labels[kind].get(value))
        ]
        for kind in labels
        if counts.get(kind)
    }


def promoted(question: Question) -> list[SearchPromotion]:
    """Return what editors put on top for just this query, as far as anyone may read it."""
    text = normalise_query_string(question.text)
    queries = SearchPromotion.objects.values_list("query__query_string", flat=True)
    if text not in caches["until_change"].get_or_set("promoted queries", lambda: set(queries)):
        return []
    found = SearchPromotion.objects.filter(query__query_string=text).select_related("page")
    pages = visible_pages(promotion.page_id for promotion in found if promotion.page_id)
    return [p for p in found if (p.page_id in pages if p.page_id else p.external_link_url)]
