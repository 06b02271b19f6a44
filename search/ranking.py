"""How pages are put in order: the words that were asked for, and what the best pages share."""

import heapq
import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from operator import itemgetter

from tantivy import Occur, Query

from search.engine import Reader
from search.translation import Translation

RESULTS_PER_PAGE = 10
# As many pages with only some of the words are shown when few have all of them.
MOST_RELATED = 50
# So many of them are put in order by what the best pages share.
MOST_CANDIDATES = 200
# What a page is worth whose title was typed in whole.
WHOLE_TITLE = 1000.0
# Pseudo-relevance feedback after Rocchio (1971): the words that set the best few pages apart are
# looked for too. docs/search.md says how the numbers were chosen.
FEEDBACK_PAGES = 3
FEEDBACK_WORDS = 50
FEEDBACK_SHARE = 0.4
# Only the beginning of a long page is read for it, in words.
FEEDBACK_LENGTH = 1_500
SHORTEST_FEEDBACK_WORD = 3


@dataclass(frozen=True)
class Ranking:
    """
    Some pages in order, each with whether it has only some of the words.

    `total` have all words, `related` more have some and come after them; `counted` is the query
    for what the facets count.
    """

    pages: list[tuple[int, bool]]
    total: int
    related: int
    counted: Query


def rank(
    reader: Reader,
    asked: Translation,
    start: int,
    stop: int,
    *,
    newest_first: bool = False,
    hidden: frozenset[int] = frozenset(),
) -> Ranking:
    """Return the pages from the `start`th to before the `stop`th, without some that are hidden."""
    narrowing = [*asked.chosen, (Occur.MustNot, reader.among(hidden))]
    newest_first = newest_first or not asked.has_words
    # Whatever else is in a title, which may look like an operator.
    titles = reader.any_of("title_key", asked.titles)
    match = Query.boolean_query([(Occur.Should, asked.match), (Occur.Should, titles)])
    matching = Query.boolean_query([(Occur.Must, match), *narrowing])
    whole = Query.const_score_query(titles, WHOLE_TITLE)
    query = Query.boolean_query(
        [(Occur.Must, reader.scored(matching, asked.weights)), (Occur.Should, whole)]
    )
    full = reader.hits(query, start, stop, newest_first=newest_first)
    if full.total >= RESULTS_PER_PAGE or asked.some is None:
        return Ranking([(page, False) for page, _score in full.pages], full.total, 0, matching)
    having_all = [page for page, _score in reader.hits(query, newest_first=newest_first).pages]
    some = Query.boolean_query([(Occur.Must, asked.some), *narrowing])
    candidates = reader.hits(reader.scored(some, asked.weights), 0, MOST_CANDIDATES)
    weights = with_feedback(reader, asked.weights, candidates.pages[:FEEDBACK_PAGES])
    others = reader.among(page for page, _score in candidates.pages if page not in having_all)
    found = reader.hits(reader.scored(others, weights), 0, MOST_RELATED)
    related = [page for page, _score in found.pages]
    if newest_first and not having_all:
        found = reader.hits(reader.among(related), 0, MOST_RELATED, newest_first=True)
        related = [page for page, _score in found.pages]
    pages = [*((page, False) for page in having_all), *((page, True) for page in related)]
    counted = matching if having_all else reader.among(related)
    return Ranking(pages[start:stop], len(having_all), len(related), counted)


def with_feedback(
    reader: Reader, weights: dict[str, float], best: list[tuple[int, float]]
) -> dict[str, float]:
    """Return weights that also look for what the best pages have in common."""
    found = feedback(reader, best)
    scale = FEEDBACK_SHARE * sum(weights.values()) / (sum(found.values()) or 1.0)
    widened = defaultdict(float, {s: w * (1 - FEEDBACK_SHARE) for s, w in weights.items()})
    for stem, value in found.items():
        widened[stem] += value * scale
    return widened


def feedback(reader: Reader, best: list[tuple[int, float]]) -> dict[str, float]:
    """Return the stems that set the best pages apart from the others, with how much they do."""
    texts = reader.texts(page for page, _score in best)
    shares: defaultdict[str, float] = defaultdict(float)
    for page, score in best:
        stems = " ".join(stems for _text, stems in texts.get(page, {}).values()).split()
        counts = Counter(stems[:FEEDBACK_LENGTH])
        for stem, count in counts.items():
            if len(stem) >= SHORTEST_FEEDBACK_WORD:
                shares[stem] += score * count / counts.total()
    size = reader.size()
    values = {}
    for stem, share in heapq.nlargest(FEEDBACK_WORDS * 5, shares.items(), key=itemgetter(1)):
        frequency = reader.frequency("stems", stem)
        # A word of one page only cannot find another.
        if frequency > 1:
            values[stem] = share * math.log(1 + (size - frequency + 0.5) / (frequency + 0.5))
    return dict(heapq.nlargest(FEEDBACK_WORDS, values.items(), key=itemgetter(1)))
