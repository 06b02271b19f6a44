"""What a file of an exam may bring, and what is said of one that cannot be scored."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from wagtail.models import Page

from blog.models import Author, PostPage, Tag
from home.page_cache import generation
from search import exam
from search.management.commands.search_exam import Command
from search.queries import Search, reader_backend
from tests.factories import PostPageFactory


@pytest.fixture
def write(tmp_path):
    """Write lines as a file of an exam; what is no text becomes JSON."""

    def write(*lines, name="exam.jsonl"):
        path = tmp_path / name
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        path.write_text("\n".join(texts), encoding="utf-8")
        return path

    return write


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
        with pytest.raises(exam.ExamError, match=r"exam\.jsonl, line 3: ") as error:
            exam.read([path])
        assert reason in str(error.value)

    def test_a_missing_file_is_named(self, tmp_path):
        with pytest.raises(CommandError, match=r"none\.jsonl cannot be read: No such file"):
            call_command("search_exam", tmp_path / "none.jsonl")

    def test_a_file_of_another_encoding_is_named(self, tmp_path):
        path = tmp_path / "latin.jsonl"
        path.write_bytes('{"id": 1, "text": "café"}'.encode("latin-1"))
        with pytest.raises(CommandError, match=r"latin\.jsonl is not UTF-8"):
            call_command("search_exam", path)

    def test_documents_alone_are_no_exam(self, write):
        with pytest.raises(CommandError, match="1 documents and 0 queries that can be scored"):
            call_command("search_exam", write({"id": 1, "text": "x"}))


class ToleratedFileTests:
    def test_only_an_id_and_a_text_or_a_title_are_needed(self, write):
        found = exam.read([write({"id": 7, "text": "x"}, {"id": "8", "title": "y"})])
        assert [(d.id, d.title, d.text, d.authors, d.date) for d in found.documents] == [
            ("7", "", "x", (), None),
            ("8", "y", "", (), None),
        ]

    def test_null_is_as_good_as_nothing(self, write):
        document = {"id": 1, "title": None, "text": "x", "author": None, "tags": None, "date": None}
        assert exam.read([write(document)]).documents == [exam.ExamDocument("1", "", "x")]

    def test_several_authors_and_one_tag_are_understood(self, write):
        document = {"id": 1, "text": "x", "author": ["A", "B", "A", ""], "tags": "lamps"}
        (found,) = exam.read([write(document)]).documents
        assert (found.authors, found.tags) == (("A", "B"), ("lamps",))

    def test_a_year_a_month_and_a_day_are_dates(self, write):
        dates = ("1963", 1963, "1963-01", "1963-01-01", "1963-01-01T00:00:00Z")
        lines = [{"id": n, "text": "x", "date": date} for n, date in enumerate(dates)]
        assert {d.date.isoformat() for d in exam.read([write(*lines)]).documents} == {
            "1963-01-01T00:00:00+00:00"
        }

    def test_another_date_is_left_out_and_that_is_said(self, write):
        found = exam.read([write({"id": 1, "text": "x", "date": "last week"})])
        assert found.documents[0].date is None
        assert found.remarks == ["1 dates are not ISO 8601 and left out."]

    def test_files_may_come_in_any_order(self, write):
        documents = write({"id": 1, "text": "x"}, name="documents.jsonl")
        queries = write(query(), name="queries.jsonl")
        assert exam.read([queries, documents]) == exam.read([documents, queries])
        assert not exam.read([queries, documents]).remarks

    def test_a_query_without_a_useful_document_is_left_out_and_that_is_said(self, write):
        path = write({"id": 1, "text": "x"}, {"id": "a", "query": "x"}, query(), query({"1": -1}))
        found = exam.read([path])
        assert [q.judgements for q in found.queries] == [{"1": 2}]
        assert found.remarks == ["1, a of the queries have no useful document: left out."]

    def test_a_judged_document_that_is_missing_counts_as_not_found_and_that_is_said(self, write):
        found = exam.read([write({"id": 1, "text": "x"}, query({"1": 1, "99": 1}))])
        assert found.remarks == [
            "Documents that are judged and not there: 99. They count as not found."
        ]
        scores = exam.score("", lambda text: ["1"], found.queries)
        assert 0 < scores.ndcg[0] < 1

    def test_only_a_line_feed_ends_a_line(self, write):
        path = write('\ufeff{"id": 1, "text": "one\u2028two\x85three"}')
        assert exam.read([path]).documents[0].text == "one\u2028two\x85three"


class ScoredFileTests:
    """The command itself, in a database of its own beside that of the tests."""

    def test_odd_documents_are_published_indexed_and_found(self, engine, write):
        many = " ".join(f"w{number}ord" for number in range(200_000))
        found = exam.read(
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
        names = exam.publish(found.documents)
        engine.rebuild_all()
        assert [names[page] for page in Search().pages("lamp", 10)] == ["1"]
        assert [names[page] for page in Search().pages("lighthouse", 10)] == ["2"]
        assert [names[page] for page in Search().pages("עברית", 10)] == ["3"]
        assert Tag.objects.count() == 4
        assert Author.objects.count() == 4

    def test_the_command_scores_both_and_leaves_the_site_alone(self, db, write, capsys):
        PostPageFactory(title="A lamp of the site")
        path = write({"id": 1, "text": "a lamp"}, {"id": 2, "text": "a rope"}, query())
        before = list(Page.objects.order_by("pk").values_list("pk", "title"))
        name = connection.settings_dict["NAME"]
        Search().pages("lamp", 10)
        index, last_change = reader_backend().generation(), generation.current()
        call_command("search_exam", path, "--json")
        rows = json.loads(capsys.readouterr().out)
        assert list(rows) == ["reader's search", "Wagtail's database search"]
        for row in rows.values():
            assert list(row) == ["nDCG@10", "MAP", "P@10", "zero hits", "median ms", "p95 ms"]
            assert row["nDCG@10"] == 1
        assert connection.settings_dict["NAME"] == name
        assert list(Page.objects.order_by("pk").values_list("pk", "title")) == before
        assert [post.title for post in PostPage.objects.all()] == ["A lamp of the site"]
        assert reader_backend().generation() == index
        assert generation.current() == last_change

    def test_figures_are_printed_side_by_side(self, capsys):
        scores = exam.score("a", lambda text: ["1"], [exam.ExamQuery("1", "x", {"1": 1})])
        others = exam.score("b", lambda text: [], [exam.ExamQuery("1", "x", {"1": 1})])
        Command().show([scores, others], as_json=False)
        lines = [line.split() for line in capsys.readouterr().out.splitlines()]
        assert lines[0] == ["a", "b"]
        assert lines[1] == ["nDCG@10", "1.000", "0.000"]
        assert lines[4] == ["zero", "hits", "0.000", "1.000"]
