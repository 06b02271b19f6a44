import datetime as dt
import re

import pytest
from django.urls import reverse
from wagtail.contrib.search_promotions.models import Query
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from search.answers import answer_to
from search.models import ChangedSearch, SearchedDay, Synonym
from tests.factories import paragraph


@pytest.fixture
def counted(db):
    monday = dt.date(2014, 10, 13)
    for query, day, searches, failures in [
        ("bananas", monday, 5, 0),
        ("bananas", monday + dt.timedelta(1), 2, 0),
        ("plantains", monday + dt.timedelta(7), 3, 3),
    ]:
        SearchedDay.objects.create(query=query, day=day, searches=searches, without_result=failures)
    ChangedSearch.objects.create(query="plantains", then="bananas", day=monday, times=2)


@pytest.fixture
def office(client, administrator):
    client.force_login(administrator)
    return client


class ReportTests:
    def rows(self, office, name):
        response = office.get(reverse(name))
        assert response.status_code == 200
        return response, list(response.context["object_list"])

    def test_top_searches_are_summed_over_days(self, office, counted):
        response, rows = self.rows(office, "search_top")
        assert [(row["query"], row["times"]) for row in rows] == [("bananas", 7), ("plantains", 3)]
        assert "Promote a page" in response.text

    def test_searches_without_a_result_have_a_list(self, office, counted):
        _response, rows = self.rows(office, "search_failed")
        assert [(row["query"], row["failures"]) for row in rows] == [("plantains", 3)]

    def test_changed_searches_offer_both_words_as_a_synonym(self, office, counted):
        response, rows = self.rows(office, "search_changed")
        assert [(row["query"], row["then"], row["times_sum"]) for row in rows] == [
            ("plantains", "bananas", 2)
        ]
        assert "words=plantains%2C+bananas" in response.text

    def test_weeks_are_summed(self, office, counted):
        response, rows = self.rows(office, "search_trend")
        assert [(str(row["week"]), row["times"]) for row in rows] == [
            ("2014-10-20", 3),
            ("2014-10-13", 7),
        ]
        assert re.search(r"<td[^>]*>\s*20 Oct 2014\s*</td>", response.text)

    def test_days_can_be_chosen(self, office, counted):
        response = office.get(reverse("search_top"), {"day_from": "2014-10-20"})
        assert [row["query"] for row in response.context["object_list"]] == ["plantains"]

    def test_a_writer_does_not_see_them(self, client, author, counted):
        client.force_login(author)
        assert client.get(reverse("search_top")).status_code == 302

    def test_one_click_begins_the_promotions_of_a_query(self, office, home_page):
        response = office.get(reverse("search_promote"), {"query": "Bananas"})
        assert 'value="Bananas"' in response.text
        pick = {"page": home_page.pk, "description": ""}
        pick |= {"external_link_url": "", "external_link_text": ""}
        data = {"query_string": "Bananas", "editors_picks": inline_formset([pick])}
        data = nested_form_data(data)
        office.post(reverse("wagtailsearchpromotions:add"), data)
        assert Query.objects.get().editors_picks.get().page.pk == home_page.pk

    def test_a_query_with_promotions_leads_to_them(self, office):
        query = Query.get("bananas")
        response = office.get(reverse("search_promote"), {"query": "Bananas"})
        assert response.url == reverse("wagtailsearchpromotions:edit", args=[query.pk])
        assert office.get(response.url).status_code == 200

    @pytest.mark.parametrize("query", ["%00", "x" * 999, "%ff", "%20"])
    def test_any_query_can_be_promoted(self, office, query):
        response = office.get(reverse("search_promote") + f"?query={query}")
        assert response.status_code == 200
        assert "\x00" not in response.text
        assert not Query.objects.exists()

    def test_one_click_begins_a_synonym(self, office):
        response = office.get(reverse("wagtailsnippets_search_synonym:add"), {"words": "a1, b2, "})
        assert 'value="a1, b2, "' in response.text


class SynonymTests:
    @pytest.mark.parametrize(
        ("query", "text"),
        [
            ("nhs", "The National Health Service."),
            ("national health service", "The NHS."),
            ("nhs cuts", "Cuts in the national health service."),
        ],
    )
    def test_who_asks_for_one_finds_the_other(self, write, query, text):
        Synonym.objects.create(words="NHS, National Health Service")
        write("Wanted", body=[paragraph(text)])
        write("Other", body=[paragraph("Nothing of the kind.")])
        answer = answer_to(query)
        assert [result.page.title for result in answer.results] == ["Wanted"]
        assert answer.total == 1
        assert "<mark>" in answer.results[0].passage.html
