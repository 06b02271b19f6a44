"""The reader's search on the project's own exam; the floors may rise and never fall."""

import pytest
from wagtail.search.backends import get_search_backend

from blog.models import PostPage
from tests.search.exam import posts
from tests.search.exam.demo import demo_exam
from tests.search.exam.measures import FIRST, average_precision, ndcg, score

# Kind of query → nDCG@10.
FLOORS = {
    "title": 0.99,
    "phrase": 1.0,
    "stem": 0.98,
    "typo": 1.0,
    "accent": 0.99,
    "name": 0.99,
    "date": 0.96,
    "number": 1.0,
    "sentence": 0.86,
    "concept": 0.71,
    "several": 0.77,
}


class DemoExamTests:
    @pytest.fixture(params=["tantivy", pytest.param("postgresql", marks=pytest.mark.postgres)])
    def scores(self, request, db, settings):
        backends = {name: dict(value) for name, value in settings.WAGTAILSEARCH_BACKENDS.items()}
        backends["reader"]["BACKEND"] = f"search.backends.{request.param}"
        settings.WAGTAILSEARCH_BACKENDS = backends
        exam = demo_exam()
        slugs = posts.publish(exam.documents)
        get_search_backend("reader").reset()
        return score("reader's search", posts.reader(slugs), exam.queries, depth=FIRST)

    def test_each_kind_of_query_is_answered_as_well_as_before(self, scores):
        kinds = scores.by_kind()
        assert {kind: row["queries"] for kind, row in kinds.items()} == dict.fromkeys(FLOORS, 12)
        found = {kind: row["nDCG@10"] for kind, row in kinds.items()}
        assert not {kind: value for kind, value in found.items() if value < FLOORS[kind]}
        assert PostPage.objects.count() > 30


class MeasureTests:
    def test_the_best_order_scores_one_and_a_wrong_one_less(self):
        judgements = {"a": 4, "b": 2}
        assert ndcg(["a", "b"], judgements) == 1
        assert 0 < ndcg(["b", "a"], judgements) < 1
        assert ndcg(["c"], judgements) == 0

    def test_ndcg_is_that_of_burges(self):
        # Gains 15 and 3; the second place counts 1 / log2(3).
        assert ndcg(["b", "a"], {"a": 4, "b": 2}) == pytest.approx(
            (3 + 15 / 1.5849625) / (15 + 3 / 1.5849625)
        )

    def test_average_precision_counts_what_was_not_found(self):
        assert average_precision(["a", "x", "b"], {"a", "b", "c"}) == pytest.approx((1 + 2 / 3) / 3)
