"""How good a search is: rankings and judgements in, figures out."""

import math
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.search.exam.files import ExamQuery

DEPTH = 100
FIRST = 10
# What a reader sees without scrolling.
BEST = 3


@dataclass
class Scores:
    """One search's result, query by query. All but the milliseconds are between 0 and 1."""

    name: str
    ndcg: list[float] = field(default_factory=list)
    average_precision: list[float] = field(default_factory=list)
    precision: list[float] = field(default_factory=list)
    success: list[bool] = field(default_factory=list)
    empty: list[bool] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def row(self) -> dict[str, float]:
        """Return each figure over all queries, by its name."""
        times = sorted(self.milliseconds)
        return {
            "nDCG@10": statistics.fmean(self.ndcg),
            "MAP": statistics.fmean(self.average_precision),
            "P@10": statistics.fmean(self.precision),
            "success@3": statistics.fmean(self.success),
            "zero hits": statistics.fmean(self.empty),
            "median ms": statistics.median(times),
            "p95 ms": times[math.ceil(len(times) * 0.95) - 1],
        }

    def by_kind(self) -> dict[str, dict[str, float]]:
        """Return nDCG@10 and success@3 of each kind of query that the exam names."""
        found = {}
        for kind in dict.fromkeys(filter(None, self.kinds)):
            places = [place for place, other in enumerate(self.kinds) if other == kind]
            found[kind] = {
                "queries": len(places),
                "nDCG@10": statistics.fmean(self.ndcg[place] for place in places),
                "success@3": statistics.fmean(self.success[place] for place in places),
            }
        return found


def gain(grade: float) -> float:
    return 2**grade - 1


def ndcg(ranking: list[str], judgements: dict[str, float], depth: int = FIRST) -> float:
    """
    Normalised discounted cumulative gain of the first `depth` documents.

    Gain 2^grade − 1, discount log2(rank + 1), after Burges et al. (2005).
    """

    def discounted(grades: Iterable[float]) -> float:
        return sum(gain(grade) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))

    best = discounted(sorted(judgements.values(), reverse=True)[:depth])
    return discounted(judgements.get(doc, 0) for doc in ranking[:depth]) / best if best else 0.0


def average_precision(ranking: list[str], relevant: set[str]) -> float:
    hits, total = 0, 0.0
    for rank, document in enumerate(ranking, 1):
        if document in relevant:
            hits += 1
            total += hits / rank
    return total / len(relevant) if relevant else 0.0


def score(
    name: str,
    search: Callable[[str, int], list[str]],
    queries: Iterable[ExamQuery],
    depth: int = DEPTH,
) -> Scores:
    """
    Ask each query; `search` answers a text and the number of a page with document ids.

    The milliseconds are those of the first page. Pages are turned until one is empty or `depth`
    documents are there.
    """
    scores = Scores(name)
    for query in queries:
        begun = time.perf_counter()
        page = search(query.text, 1)
        scores.milliseconds.append((time.perf_counter() - begun) * 1000)
        ranking: list[str] = []
        number = 1
        while page:
            ranking += page
            if len(ranking) >= depth:
                break
            number += 1
            page = search(query.text, number)
        relevant = query.relevant
        scores.ndcg.append(ndcg(ranking, query.judgements))
        scores.average_precision.append(average_precision(ranking[:DEPTH], relevant))
        scores.precision.append(len(relevant.intersection(ranking[:FIRST])) / FIRST)
        scores.success.append(not relevant.isdisjoint(ranking[:BEST]))
        scores.empty.append(not ranking)
        scores.kinds.append(query.kind)
    return scores
