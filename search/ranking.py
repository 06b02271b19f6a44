"""How pages are put in order: the words that were asked for, and what the best pages share."""

import heapq
import math
from collections import Counter, defaultdict
from operator import itemgetter

from search.analysis import Analyser
from search.backends.base import ReaderBackend
from search.expressions import Scoring

# Pseudo-relevance feedback after Rocchio (1971): the words that set the best few pages apart are
# looked for too. docs/search.md says how the numbers were chosen.
FEEDBACK_PAGES = 3
FEEDBACK_WORDS = 20
FEEDBACK_SHARE = 0.5
# Only the beginning of a long page is read for it, in characters.
FEEDBACK_LENGTH = 8_000
SHORTEST_FEEDBACK_WORD = 3

Pages = list[tuple[int, float]]


def with_feedback(backend: ReaderBackend, scoring: Scoring, best: Pages) -> Scoring:
    """A scoring that also looks for what the best pages have in common."""
    found = feedback(backend, best[:FEEDBACK_PAGES], backend.analyser)
    asked = sum(scoring.weights.values())
    total = sum(found.values())
    if not total:
        return scoring
    widened = {stem: weight * (1 - FEEDBACK_SHARE) for stem, weight in scoring.weights.items()}
    for stem, value in found.items():
        widened[stem] = widened.get(stem, 0) + FEEDBACK_SHARE * asked * value / total
    return Scoring(weights=widened, pairs=scoring.pairs)


def feedback(backend: ReaderBackend, pages: Pages, analyser: Analyser) -> dict[str, float]:
    """The stems that set some pages apart from the others, with how much they do."""
    texts = backend.texts(page for page, _score in pages)
    score_sum = sum(score for _page, score in pages) or 1.0
    shares: defaultdict[str, float] = defaultdict(float)
    for page, score in pages:
        counts = Counter(
            analyser.all_stems("\n".join(texts.get(page, {}).values())[:FEEDBACK_LENGTH])
        )
        weight = score / score_sum / (counts.total() or 1)
        for stem, count in counts.items():
            if len(stem) >= SHORTEST_FEEDBACK_WORD:
                shares[stem] += weight * count
    likely = dict(heapq.nlargest(FEEDBACK_WORDS * 5, shares.items(), key=itemgetter(1)))
    frequencies = backend.frequencies(likely)
    size = backend.size()
    values = {
        stem: share * math.log(1 + (size - frequencies[stem] + 0.5) / (frequencies[stem] + 0.5))
        for stem, share in likely.items()
        # A word of one page only cannot find another.
        if frequencies[stem] > 1
    }
    best = sorted(values.items(), key=lambda item: (-item[1], item[0]))[:FEEDBACK_WORDS]
    return dict(best)
