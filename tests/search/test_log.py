import pytest
from django.test import Client

from search import log
from search.models import ChangedSearch, SearchedDay

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class LogTests:
    @pytest.fixture(autouse=True)
    def _nothing_counted_yet(self, db):
        log.write()
        SearchedDay.objects.all().delete()
        ChangedSearch.objects.all().delete()

    @pytest.fixture
    def reader(self):
        return Client(headers={"user-agent": BROWSER})

    def counted(self):
        log.write()
        return list(
            SearchedDay.objects.order_by("query").values_list("query", "searches", "without_result")
        )

    def test_searches_are_counted_as_one_when_they_are_the_same(self, reader, write):
        write("Bananas")
        reader.get("/search/?q=Bananas")
        reader.get("/search/?q=  bananas")
        reader.get("/search/?q=qwertyuiop")
        assert self.counted() == [("bananas", 2, 0), ("qwertyuiop", 1, 1)]
        reader.get("/search/?q=bananas")
        assert self.counted()[0] == ("bananas", 3, 0)

    def test_what_asks_for_nothing_is_no_search(self, reader, write):
        for query in ("!!!", "%22", "-", "%F0%9F%91%A9"):
            reader.get(f"/search/?q={query}")
        assert self.counted() == []

    def test_nothing_is_written_while_a_reader_waits(self, reader, write):
        reader.get("/search/?q=bananas")
        assert not SearchedDay.objects.exists()

    @pytest.mark.parametrize(
        "headers",
        [
            {"user-agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"},
            {"user-agent": "curl/8.5"},
            {"user-agent": ""},
            {"user-agent": BROWSER, "sec-purpose": "prefetch"},
        ],
    )
    def test_robots_are_not_counted(self, write, headers):
        Client(headers=headers).get("/search/?q=bananas")
        assert self.counted() == []

    @pytest.mark.parametrize("query", ["ann@example.org", "0121 496 0000", "+44 (121) 4960000"])
    def test_what_may_name_a_person_is_not_kept(self, reader, write, query):
        reader.get("/search/", {"q": query})
        assert self.counted() == []

    def test_further_pages_are_no_new_search(self, reader, write):
        for number in range(12):
            write(f"Bananas {number}")
        reader.get("/search/?q=bananas&page=2")
        assert self.counted() == []

    def test_a_changed_search_is_counted_with_what_it_followed(self, reader, write):
        reader.get("/search/?q=plantains&previous=Bananas")
        reader.get("/search/?q=bananas&previous=bananas")
        log.write()
        assert list(ChangedSearch.objects.values_list("query", "then", "times")) == [
            ("bananas", "plantains", 1)
        ]
