"""What is so odd that an index or a database might give way."""

import datetime as dt

import pytest

from search.answers import answer_to
from search.question import Choice
from tests.factories import AuthorFactory, paragraph


def at(year):
    return dt.datetime(year, 1, 2, 12, tzinfo=dt.UTC)


class DateTests:
    @pytest.mark.parametrize("year", [2, 1660, 2300, 9998])
    def test_a_post_of_any_year_is_found_with_all_others(self, write, find, client, year):
        write("Now", body=[paragraph("Bananas.")], published_at=at(2014))
        write("Then", body=[paragraph("Bananas.")], published_at=at(year))
        assert set(find("bananas")) == {"Now", "Then"}
        assert find("bananas", year=year) == ["Then"]
        assert find(f"bananas after:{year:04}-01-02 before:{year:04}-01-03") == ["Then"]
        assert client.get("/search/?q=bananas").status_code == 200
        assert client.get("/search/suggest/?q=now").json()["suggestions"]

    def test_a_slip_of_the_keyboard_does_not_come_first(self, write, find):
        write("Right", body=[paragraph("Bananas, bananas.")], published_at=at(2014))
        write(
            "Slip", body=[paragraph("Bananas and much else that is said.")], published_at=at(9998)
        )
        assert find("bananas")[0] == "Right"

    @pytest.mark.parametrize(
        "query",
        ["before:0001", "before:2300", "after:9999", "after:0001 before:9999", "before:9999-12-31"],
    )
    def test_no_date_is_taken_for_a_broken_index(self, write, search_index, caplog, query):
        write("Now", published_at=at(2014))
        answer_to("now")
        index = search_index.folder.index()
        for _ in range(2):
            answer_to(query)
            answer_to(f"now {query}")
        assert search_index.folder.index() == index
        assert "built anew" not in caplog.text
        assert [r.page.title for r in answer_to("before:2300").results] == ["Now"]

    def test_no_choice_is_either(self, write, search_index):
        write("Now", published_at=at(2014))
        index = answer_to("now") and search_index.folder.index()
        for year in (1, 9999, 10**12):
            assert answer_to("now", Choice(year=year)).shown == 0
        assert search_index.folder.index() == index

    @pytest.mark.parametrize(
        ("operator", "found"),
        [
            ("before:18/10/2014", {"Early"}),
            ("after:18/10/2014", {"Late"}),
            ('after:"October 2014"', {"Late"}),
            ("before:2014/10", {"Early"}),
            ("before:2014/10/18", {"Early"}),
            ('after:"18 Oct 2014"', {"Late"}),
            ('before:"October 18th, 2014"', {"Early"}),
            ("after:10/18/2014", {"Late"}),
        ],
    )
    def test_dates_are_understood_as_people_write_them(self, write, find, operator, found):
        write("Early", published_at=dt.datetime(2014, 9, 30, tzinfo=dt.UTC))
        write("Late", published_at=dt.datetime(2014, 10, 18, 12, tzinfo=dt.UTC))
        assert set(find(operator)) == found

    @pytest.mark.parametrize("operator", ["author:ann", "tag:food", "before:2020"])
    def test_operators_alone_list_the_newest_first(self, write, find, operator):
        ann = AuthorFactory(name="Ann")
        for year in (2011, 2013, 2012):
            write(f"Of {year}", published_at=at(year), authors=[ann], tags=["food"])
        assert find(operator) == ["Of 2013", "Of 2012", "Of 2011"]


class LengthTests:
    def test_a_long_question_is_answered_from_all_of_its_words(self, write, find):
        write("Wanted", body=[paragraph("A zeppelin over the town.")])
        write("Other", body=[paragraph("Nothing of the kind.")])
        filler = " ".join(f"filler{number}" for number in range(60))
        assert find(f"{filler} zeppelin") == ["Wanted"]

    def test_a_long_query_is_counted_and_promoted_without_harm(self, client, write):
        write("Wanted")
        query = "wanted " + "漢字" * 450
        agent = {"user-agent": "Mozilla/5.0 Firefox/140.0"}
        assert client.get("/search/", {"q": query}, headers=agent).status_code == 200
