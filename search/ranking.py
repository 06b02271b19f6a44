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
FEEDBACK_SHARE = 0.3
# Only the beginning of a long page is read for it, in words.
FEEDBACK_LENGTH = 1_500
SHORTEST_FEEDBACK_WORD = 3

Pages = list[tuple[int, float]]


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
    """Return the pages from the `start`th to before the `stop`th."""
    chosen = list(asked.chosen)
    if hidden:
        chosen.append((Occur.MustNot, reader.among(hidden)))
    newest_first = newest_first or not asked.has_words
    match = Query.boolean_query([(Occur.Must, asked.match), *asked.filters])
    if asked.titles:
        # Whatever else is in a title, which may look like an operator.
        titles = reader.any_of("title_key", asked.titles)
        match = Query.boolean_query([(Occur.Should, match), (Occur.Should, titles)])
    matching = Query.boolean_query([(Occur.Must, match), *chosen])
    query = reader.scored(matching, asked.weights)
    if asked.titles:
        whole = Query.const_score_query(titles, WHOLE_TITLE)
        query = Query.boolean_query([(Occur.Must, query), (Occur.Should, whole)])
    strict = reader.hits(query, start, stop, newest_first=newest_first)
    found = [(page, False) for page, _score in strict.pages]
    if strict.total >= RESULTS_PER_PAGE or asked.some is None:
        return Ranking(found, strict.total, 0, matching)
    some = Query.boolean_query(
        [(Occur.Must, asked.some), (Occur.MustNot, match), *asked.filters, *chosen]
    )
    others = reader.hits(reader.scored(some, asked.weights), 0, MOST_CANDIDATES)
    related = min(MOST_RELATED, len(others.pages))
    best = others.pages
    if strict.total:
        # The few that have all the words.
        full = reader.hits(reader.scored(matching, asked.weights), 0, FEEDBACK_PAGES, count=False)
        best = sorted([*full.pages, *others.pages], key=itemgetter(1), reverse=True)
    weights = with_feedback(reader, asked.weights, best[:FEEDBACK_PAGES])
    among = reader.among(page for page, _score in others.pages)
    ranked = reader.hits(reader.scored(among, weights), 0, related, count=False).pages
    if newest_first and not strict.total:
        among = reader.among(page for page, _score in ranked)
        ranked = reader.hits(among, 0, related, newest_first=True, count=False).pages
    first = max(0, start - strict.total)
    last = max(0, stop - strict.total)
    found += [(page, True) for page, _score in ranked[first:last]]
    counted = matching if strict.total else reader.among(page for page, _score in ranked)
    return Ranking(found, strict.total, related, counted)


def with_feedback(reader: Reader, weights: dict[str, float], best: Pages) -> dict[str, float]:
    """Return weights that also look for what the best pages have in common."""
    found = feedback(reader, best)
    total = sum(found.values())
    if not total:
        return weights
    asked = sum(weights.values())
    widened = {stem: weight * (1 - FEEDBACK_SHARE) for stem, weight in weights.items()}
    for stem, value in found.items():
        widened[stem] = widened.get(stem, 0) + FEEDBACK_SHARE * asked * value / total
    return widened


def feedback(reader: Reader, pages: Pages) -> dict[str, float]:
    """Return the stems that set some pages apart from the others, with how much they do."""
    texts = reader.texts(page for page, _score in pages)
    score_sum = sum(score for _page, score in pages) or 1.0
    shares: defaultdict[str, float] = defaultdict(float)
    for page, score in pages:
        stems = " ".join(stems for _text, stems in texts.get(page, {}).values()).split()
        counts = Counter(stems[:FEEDBACK_LENGTH])
        weight = score / score_sum / (counts.total() or 1)
        for stem, count in counts.items():
            if len(stem) >= SHORTEST_FEEDBACK_WORD:
                shares[stem] += weight * count
    likely = dict(heapq.nlargest(FEEDBACK_WORDS * 5, shares.items(), key=itemgetter(1)))
    size = reader.size()
    values = {}
    for stem, share in likely.items():
        frequency = reader.frequency("stems", stem)
        # A word of one page only cannot find another.
        if frequency > 1:
            values[stem] = share * math.log(1 + (size - frequency + 0.5) / (frequency + 0.5))
    best = sorted(values.items(), key=lambda item: (-item[1], item[0]))[:FEEDBACK_WORDS]
    return dict(best)
