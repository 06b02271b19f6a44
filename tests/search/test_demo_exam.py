"""
An exam over the demo's posts: twelve queries of each kind, judged by hand.

Ten kinds mostly have one good answer; the eleventh, "several", has up to five, of several grades.

The floors are what the search reached; they may rise and never fall.
"""

from collections import defaultdict
from pathlib import Path

import frontmatter
import pytest

from blog.models import PostPage
from search import exam
from search.queries import Search

POSTS = Path(__file__).resolve().parents[2] / "home" / "demo" / "posts"
QUERIES = Path(__file__).parent / "exam" / "queries.jsonl"
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


def demo_documents():
    """The demo's public posts with a fixed date, as documents of an exam."""
    for path in sorted(POSTS.glob("2*.md")):
        post = frontmatter.load(path)
        yield exam.document_of(
            {
                "id": post["slug"],
                "title": post["title"],
                "text": f"{post.get('introduction', '')}\n{post.content}",
                "author": " and ".join(post.get("authors", [])).replace("-", " ").title(),
                "tags": post.get("tags", []),
                "date": f"{post['date']}",
            }
        )


class DemoExamTests:
    @pytest.fixture(params=["tantivy", pytest.param("postgresql", marks=pytest.mark.postgres)])
    def scores(self, request, db, settings):
        backends = {name: dict(value) for name, value in settings.WAGTAILSEARCH_BACKENDS.items()}
        backends["reader"]["BACKEND"] = f"search.backends.{request.param}"
        settings.WAGTAILSEARCH_BACKENDS = backends
        slugs = exam.publish(list(demo_documents()))
        search = Search()
        search.backend.reset()
        queries = exam.read([QUERIES]).queries

        def reader(query):
            return [slugs[page] for page in search.pages(query, exam.DEPTH)]

        return queries, exam.score("reader's search", reader, queries)

    def test_each_kind_of_query_is_answered_as_well_as_before(self, scores):
        queries, found = scores
        kinds = defaultdict(list)
        for query, ndcg in zip(queries, found.ndcg, strict=True):
            kinds[query.kind].append(ndcg)
        assert {kind: len(values) for kind, values in kinds.items()} == dict.fromkeys(FLOORS, 12)
        means = {kind: sum(values) / len(values) for kind, values in kinds.items()}
        below = {kind: value for kind, value in means.items() if value < FLOORS[kind]}
        assert not below
        assert PostPage.objects.count() > 30


class MeasureTests:
    def test_the_best_order_scores_one_and_a_wrong_one_less(self):
        judgements = {"a": 4, "b": 2}
        assert exam.ndcg(["a", "b"], judgements) == 1
        assert 0 < exam.ndcg(["b", "a"], judgements) < 1
        assert exam.ndcg(["c"], judgements) == 0

    def test_ndcg_is_that_of_burges(self):
        # Gains 15 and 3; the second place counts 1 / log2(3).
        assert exam.ndcg(["b", "a"], {"a": 4, "b": 2}) == pytest.approx(
            (3 + 15 / 1.5849625) / (15 + 3 / 1.5849625)
        )

    def test_average_precision_counts_what_was_not_found(self):
        assert exam.average_precision(["a", "x", "b"], {"a", "b", "c"}) == pytest.approx(
            (1 + 2 / 3) / 3
        )

    def test_a_line_that_is_neither_is_named(self, tmp_path):
        path = tmp_path / "exam.jsonl"
        path.write_text('{"id": 1, "text": "x"}\n{"id": 2}\n')
        with pytest.raises(exam.ExamError, match=r"exam.jsonl, line 2"):
            exam.read([path])
