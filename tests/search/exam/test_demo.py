"""The reader's search on the project's own exam; the floors may rise and never fall."""

import pytest

from blog.models import PostPage
from search.models import Synonym
from tests.search.exam import posts
from tests.search.exam.demo import demo_exam
from tests.search.exam.measures import FIRST, average_precision, ndcg, score

pytestmark = pytest.mark.once

# Kind of query → nDCG@10.
FLOORS = {
    "title": 0.99,
    "phrase": 1.0,
    "stem": 0.98,
    "typo": 0.99,
    "accent": 0.99,
    "name": 0.99,
    "date": 0.96,
    "number": 1.0,
    "sentence": 0.86,
    "concept": 0.9,
    "several": 0.77,
    "joined": 0.94,
    "split": 0.98,
    "two typos": 0.98,
    "spelling": 0.98,
}
# Kinds that were drawn from the posts' own words.
GROWN = {"joined", "split", "two typos", "spelling"}


class DemoExamTests:
    @pytest.fixture
    def scores(self, search_index):
        exam = demo_exam()
        slugs = posts.publish(exam.documents)
        Synonym.objects.bulk_create(Synonym(words=words) for words in exam.synonyms)
        return score("reader's search", posts.reader(slugs), exam.queries, depth=FIRST)

    def test_each_kind_of_query_is_answered_as_well_as_before(self, scores):
        kinds = scores.by_kind()
        counts = {kind: row["queries"] for kind, row in kinds.items()}
        assert counts == {kind: 15 if kind in GROWN else 12 for kind in FLOORS}
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
