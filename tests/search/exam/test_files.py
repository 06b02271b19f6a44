"""What a file of an exam may bring, and what is said of one that cannot be scored."""

import json
import subprocess
import sys

import pytest
from django.conf import settings

from blog.models import Author, Tag
from tests.search.exam import posts
from tests.search.exam.__main__ import table
from tests.search.exam.files import ExamDocument, ExamError, ExamQuery, read
from tests.search.exam.measures import score

pytestmark = pytest.mark.once


@pytest.fixture
def write(tmp_path):
    """Write lines as a file of an exam; what is no text becomes JSON."""

    def write(*lines, name="exam.jsonl"):
        path = tmp_path / name
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        path.write_text("\n".join(texts), encoding="utf-8")
        return path

    return write


def sit(*arguments):
    """Run `make exam` in a process of its own; returns what became of it."""
    return subprocess.run(
        [sys.executable, "-m", "tests.search.exam", *map(str, arguments)],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=240,
    )


def one_page(documents):
    """A search that answers all with these documents."""
    return lambda text, number: documents if number == 1 else []


def query(judgements=None, **values):
    return {"id": 1, "query": "lamp", "judgements": {"1": 2} if judgements is None else judgements}


class RefusedFileTests:
    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("{", "Expecting"),
            ("[1]", "an object is expected"),
            ('{"text": "x"}', "no id"),
            ('{"id": 2}', "no text, no title and no query"),
            ({"id": 1, "text": "again"}, "'1' has come before"),
            (query({"1": "good"}), "grade of document '1' is 'good' and not a number"),
            (query({"1": None}), "grade of document '1' is None"),
            (query({"1": True}), "grade of document '1' is True"),
            (query({"1": 10**6}), "not a number up to 100"),
            ('{"id": 1, "query": "x", "judgements": {"1": NaN}}', "is nan and not a number"),
            (query([1]), "an object of document id and grade"),
            ("[" * 100_000, "recursion"),
        ],
    )
    def test_a_broken_line_is_named_with_its_file_and_number(self, write, line, reason):
        path = write({"id": 1, "text": "x"}, "", line)
        with pytest.raises(ExamError, match=r"exam\.jsonl, line 3: ") as error:
            read([path])
        assert reason in str(error.value)

    def test_a_file_of_another_encoding_is_named(self, tmp_path):
        path = tmp_path / "latin.jsonl"
        path.write_bytes('{"id": 1, "text": "café"}'.encode("latin-1"))
        with pytest.raises(ExamError, match=r"latin\.jsonl is not UTF-8"):
            read([path])

    def test_what_cannot_be_scored_is_said_and_ends_the_program(self, tmp_path, write):
        missing = sit(tmp_path / "none.jsonl")
        assert missing.returncode == 2
        assert "none.jsonl cannot be read: No such file" in missing.stderr
        alone = sit(write({"id": 1, "text": "x"}))
        assert alone.returncode == 2
        assert "1 documents and 0 queries that can be scored" in alone.stderr


class ToleratedFileTests:
    def test_only_an_id_and_a_text_or_a_title_are_needed(self, write):
        found = read([write({"id": 7, "text": "x"}, {"id": "8", "title": "y"})])
        assert [(d.id, d.title, d.text, d.authors, d.date) for d in found.documents] == [
            ("7", "", "x", (), None),
            ("8", "y", "", (), None),
        ]

    def test_null_is_as_good_as_nothing(self, write):
        document = {"id": 1, "title": None, "text": "x", "author": None, "tags": None, "date": None}
        assert read([write(document)]).documents == [ExamDocument("1", "", "x")]

    def test_several_authors_and_one_tag_are_understood(self, write):
        document = {"id": 1, "text": "x", "author": ["A", "B", "A", ""], "tags": "lamps"}
        (found,) = read([write(document)]).documents
        assert (found.authors, found.tags) == (("A", "B"), ("lamps",))

    def test_a_year_a_month_and_a_day_are_dates(self, write):
        dates = ("1963", 1963, "1963-01", "1963-01-01", "1963-01-01T00:00:00Z")
        lines = [{"id": n, "text": "x", "date": date} for n, date in enumerate(dates)]
        assert {d.date.isoformat() for d in read([write(*lines)]).documents} == {
            "1963-01-01T00:00:00+00:00"
        }

    def test_another_date_is_left_out_and_that_is_said(self, write):
        found = read([write({"id": 1, "text": "x", "date": "last week"})])
        assert found.documents[0].date is None
        assert found.remarks == ["1 dates are not ISO 8601 and left out."]

    def test_files_may_come_in_any_order(self, write):
        documents = write({"id": 1, "text": "x"}, name="documents.jsonl")
        queries = write(query(), name="queries.jsonl")
        assert read([queries, documents]) == read([documents, queries])
        assert not read([queries, documents]).remarks

    def test_a_query_without_a_useful_document_is_left_out_and_that_is_said(self, write):
        path = write({"id": 1, "text": "x"}, {"id": "a", "query": "x"}, query(), query({"1": -1}))
        found = read([path])
        assert [q.judgements for q in found.queries] == [{"1": 2}]
        assert found.remarks == ["1, a of the queries have no useful document: left out."]

    def test_a_judged_document_that_is_missing_counts_as_not_found_and_that_is_said(self, write):
        found = read([write({"id": 1, "text": "x"}, query({"1": 1, "99": 1}))])
        assert found.remarks == [
            "Documents that are judged and not there: 99. They count as not found."
        ]
        scores = score("", one_page(["1"]), found.queries)
        assert 0 < scores.ndcg[0] < 1

    def test_only_a_line_feed_ends_a_line(self, write):
        path = write('\ufeff{"id": 1, "text": "one\u2028two\x85three"}')
        assert read([path]).documents[0].text == "one\u2028two\x85three"


class ScoredFileTests:
    def test_odd_documents_are_published_indexed_and_found(self, search_index, write):
        many = " ".join(f"w{number}ord" for number in range(200_000))
        found = read(
            [
                write(
                    {
                        "id": 1,
                        "text": "a lamp\x00 of \ud800 glass",
                        "author": "\x00Ann",
                        "tags": ["t"],
                    },
                    {
                        "id": 2,
                        "text": f"lighthouse {many}",
                        "author": "N" * 500,
                        "tags": ["T" * 300],
                    },
                    {"id": 3, "title": "t" * 1000, "text": "\U0001f4a1 עברית", "tags": ["T", "!"]},
                    {"id": 4, "text": "", "author": ["!", "?"]},
                )
            ]
        )
        search = posts.reader(posts.publish(found.documents))
        search_index.build()
        assert search("lamp", 1) == ["1"]
        assert search("lighthouse", 1) == ["2"]
        assert search("עברית", 1) == ["3"]
        assert Tag.objects.count() == 4
        assert Author.objects.count() == 4

    def test_what_readers_get_is_scored_with_the_words_of_a_phrase_that_nothing_has(
        self, search_index, write
    ):
        found = read([write({"id": 1, "text": "a lamp of glass"}, {"id": 2, "text": "a rope"})])
        search = posts.reader(posts.publish(found.documents))
        search_index.build()
        assert search('"glass lamp"', 1) == ["1"]
        assert search('"glass lamp"', 2) == []

    def test_both_searches_are_scored_beside_each_other(self, write):
        path = write({"id": 1, "text": "a lamp"}, {"id": 2, "text": "a rope"}, query())
        sat = sit(path, "--json")
        assert sat.returncode == 0, sat.stderr
        rows = json.loads(sat.stdout)
        assert list(rows) == ["reader's search", "Wagtail's database search"]
        for row in rows.values():
            assert row["nDCG@10"] == row["success@3"] == 1

    def test_pages_are_turned_until_one_is_empty(self):
        pages = {1: ["1", "2"], 2: ["3"]}
        query = ExamQuery("1", "x", {"3": 1})
        found = score("", lambda text, number: pages.get(number, []), [query])
        assert found.average_precision == [pytest.approx(1 / 3)]

    def test_figures_are_printed_side_by_side_and_by_kind(self):
        queries = [ExamQuery("1", "x", {"1": 1}, kind="name")]
        scores = [score("a", one_page(["1"]), queries), score("b", one_page([]), queries)]
        lines = [line.split() for line in table(scores).splitlines()]
        assert lines[0] == ["a", "b"]
        assert lines[1] == ["nDCG@10", "1.000", "0.000"]
        assert lines[5] == ["zero", "hits", "0.000", "1.000"]
        assert lines[-1] == ["name", "1", "1.000", "1.000"]
