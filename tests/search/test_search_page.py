import html
import time
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.contrib.search_promotions.models import Query, SearchPromotion

from blog.models import PostPage
from search.engine import reader_copy
from search.question import LONGEST_QUERY, understood
from search.translation import Translation
from tests.factories import AuthorFactory, SeriesFactory, moment, paragraph


def page(client, query, **parameters):
    response = client.get("/search/", {"q": query, **parameters})
    assert response.status_code == 200
    return response.content.decode()


class ResultTests:
    @pytest.mark.parametrize(
        ("query", "text", "shown"),
        [
            ("2nd", "On the 2nd floor.", "<mark>2nd</mark> floor"),
            ("340000", "It cost 340\u00a0000 in all.", "<mark>340\u00a0000</mark> in"),
            ("cooperate", "They co\xadoperate here.", "<mark>co\xadoperate</mark> here"),
            ("3.5", "It rose by 3.5 points.", "<mark>3.5</mark> points"),
        ],
    )
    def test_what_is_found_is_marked_as_it_is_written(self, write, client, query, text, shown):
        write("Some title", introduction=text)
        assert shown in page(client, query)

    def test_a_result_shows_title_day_authors_and_marked_words(self, client, write):
        write(
            "Night visits",
            published_at=moment(2014, 10, 18),
            authors=[AuthorFactory(name="Ann Smith")],
            body=[paragraph("Before. The inspectors were visiting at night.")],
        )
        found = page(client, "visit inspector")
        assert "Night <mark>visits</mark>" in found
        assert "18 October 2014" in found
        assert "Ann Smith" in found
        assert "The <mark>inspectors</mark> were <mark>visiting</mark> at night." in found

    def test_a_link_leads_to_the_passage(self, client, write):
        write("Wanted", body=[paragraph("One thing."), paragraph("Some well-kept gardens here.")])
        assert "#:~:text=gardens%20here." in page(client, "gardens")

    def test_what_a_writer_typed_cannot_become_markup(self, client, write):
        write("<b>Bold</b> & brave", body=[paragraph("&lt;script&gt;alert(1)&lt;/script&gt;")])
        found = page(client, "bold alert")
        assert "&lt;b&gt;<mark>Bold</mark>&lt;/b&gt; &amp; brave" in found
        assert "&lt;script&gt;<mark>alert</mark>(1)" in found

    def test_a_phrase_is_shown_where_it_stands_and_not_where_its_words_do(self, client, write):
        write(
            "Wanted",
            body=[
                paragraph("A whistleblower wrote a letter."),
                paragraph("Read the whistleblower’s letter."),
            ],
        )
        found = page(client, '"the whistleblower\'s letter"')
        assert "Read <mark>the whistleblower’s letter</mark>" in found

    def test_a_phrase_is_marked_in_one_piece(self, client, write):
        write(
            "Wanted", body=[paragraph("Her out-of-hours number, and after hours “out of hours”.")]
        )
        found = page(client, '"out of hours"')
        assert "Her <mark>out-of-hours</mark> number" in found
        assert "“<mark>out of hours</mark>”" in found

    def test_why_a_tag_author_or_series_matched_is_said(self, client, write):
        write(
            "Wanted",
            tags=["Home care"],
            authors=[AuthorFactory(name="Ann Smith")],
            series=SeriesFactory(title="Letters abroad"),
        )
        assert "Series: Letters <mark>abroad</mark>" in page(client, "abroad")
        assert "Tag: Home <mark>care</mark>" in page(client, "care")
        assert "Author: Ann <mark>Smith</mark>" in page(client, "smith")

    def test_search_engines_keep_the_search_and_no_answers(self, client, write):
        write("Wanted")
        noindex = '<meta name="robots" content="noindex">'
        assert noindex in page(client, "wanted")
        assert noindex in page(client, "nothing")
        assert noindex not in page(client, "")

    def test_another_spelling_is_announced_and_can_be_refused(self, client, write):
        write("Wanted", body=[paragraph("In Birmingham.")])
        found = page(client, "Birmingam")
        assert "Showing results for <strong>birmingham</strong>" in found
        refused = page(client, "Birmingam", spelling="as-typed")
        assert "Wanted" not in refused.partition('class="search__newest')[0]
        assert "Did you mean birmingham?" in refused

    def test_nothing_found_leads_on(self, client, write):
        write("Newest of all", tags=["gardening"])
        found = page(client, "gardning qwertyuiop zzz")
        assert "Nothing was found" in found or "some of them" in found
        found = page(client, "qwertyuiop")
        assert "Nothing was found" in found
        assert "gardening" not in found
        assert "Newest of all" in found
        assert "gardening" in page(client, "xxgardeningxx")

    def test_who_asks_nothing_yet_has_something_to_read(self, client, write):
        write("Newest of all")
        assert "Newest of all" in page(client, "")

    def test_answers_are_compressed(self, client, write):
        write("Wanted")
        for path in ("/search/?q=wanted", "/search/suggest/?q=wanted"):
            response = client.get(path, headers={"Accept-Encoding": "gzip"})
            assert len(response.content) < 200 or response["Content-Encoding"] == "gzip"

    def test_a_phrase_that_nothing_has_gives_way_to_its_words(self, client, write):
        write("Wanted", body=[paragraph("Opening hours of the library.")])
        found = page(client, '"library hours"')
        assert "Nothing has “library hours” word for word." in found
        assert "<mark>hours</mark> of the <mark>library</mark>" in found
        assert "word for word" not in page(client, '"opening hours"')

    def test_a_typo_in_a_phrase_is_forgiven_too(self, client, write):
        write("Wanted", body=[paragraph("Opening hours.")])
        found = page(client, '"opening huors"')
        assert "Showing results for <strong>opening hours</strong>" in found
        assert "<mark>Opening</mark> <mark>hours</mark>" in found

    def test_words_of_grammar_alone_find_something(self, client, write):
        write("Wanted", body=[paragraph("What is in the box?")])
        write("Other", body=[paragraph("Nothing.")])
        found = page(client, "what is the")
        assert "Nothing has “what is the” word for word. These pages have the words." in found
        assert "<mark>What</mark> <mark>is</mark> in <mark>the</mark> box?" in found
        assert "word for word" not in page(client, "in the")

    def test_who_narrowed_too_far_is_led_to_everything(self, client, write):
        write("Wanted", published_at=moment(2014, 10, 18))
        for query, parameters in [
            ("wanted before:2010", {}),
            ("wanted -says author:nobody", {}),
            ("wanted", {"year": "2010"}),
        ]:
            found = page(client, query, **parameters)
            assert "Nothing was found" in found
            assert '<a href="?q=wanted">Search everything for wanted</a>' in found

    def test_facets_lead_to_narrower_results(self, client, write):
        write("Old", tags=["food"], published_at=moment(2014, 1, 1))
        write("New", tags=["food"], published_at=moment(2015, 1, 1))
        found = html.unescape(page(client, "says"))
        assert 'href="?q=says&year=2014"' in found
        narrowed = html.unescape(page(client, "says", year="2014"))
        assert "Old" in narrowed
        assert ">New<" not in narrowed
        assert 'href="?q=says"' in narrowed

    def test_the_second_page_goes_on(self, client, write):
        for number in range(12):
            write(f"Post {number}")
        assert 'rel="next" href="?q=post&amp;page=2"' in page(client, "post")
        assert page(client, "post", page="2").count('class="result"') == 2
        assert page(client, "post", page="99").count('class="result"') == 2

    def test_twice_the_posts_are_as_many_queries(self, client, write):
        def queries():
            # The first builds the index, the second says that this machine is there.
            page(client, "says")
            page(client, "says")
            with CaptureQueriesContext(connection) as captured:
                page(client, "says")
            return len(captured)

        for number in range(3):
            write(tags=[f"tag {number}"], authors=[AuthorFactory()])
        few = queries()
        for number in range(3):
            write(tags=[f"tag {number}"], authors=[AuthorFactory()])
        reader_copy().reset()
        assert queries() == few


class PromotionTests:
    def test_a_promoted_page_comes_first_and_is_labelled(self, client, write):
        post = write("Not about it")
        write("About bananas")
        SearchPromotion.objects.create(
            query=Query.get("bananas"), page=post, description="Read this"
        )
        found = page(client, "Bananas")
        assert (
            found.index("Recommended") < found.index("Not about it") < found.index("About <mark>")
        )
        assert "Read this" in found

    def test_a_hidden_page_is_not_promoted(self, client, write):
        post = write("Zanzibar", live=False)
        SearchPromotion.objects.create(query=Query.get("bananas"), page=post)
        assert "Zanzibar" not in page(client, "bananas")


class SuggestionTests:
    def suggest(self, client, query):
        response = client.get("/search/suggest/", {"q": query})
        assert response.status_code == 200
        found = [(found["kind"], found["label"]) for found in response.json()["suggestions"]]
        assert not found or found.pop() == ("all", f"All results for “{query}”")
        return found

    def test_posts_tags_and_authors_are_suggested(self, client, write):
        write("Garden walls", tags=["Gardening"], authors=[AuthorFactory(name="Ann Gardener")])
        assert self.suggest(client, "gard") == [
            ("tag", "Gardening"),
            ("author", "Ann Gardener"),
            ("post", "Garden walls"),
        ]

    def test_series_and_texts_are_suggested_after_titles(self, client, write):
        write("Two", series=SeriesFactory(title="The long walk"))
        write("Three", body=[paragraph("They walked on.")])
        write("Walking home")
        assert self.suggest(client, "walk") == [
            ("series", "The long walk"),
            ("post", "Walking home"),
            ("post", "Two"),
            ("post", "Three"),
        ]

    def test_only_the_last_word_is_unfinished(self, client, write):
        write("Garden walls")
        assert self.suggest(client, "garden wa") == [("post", "Garden walls")]
        assert self.suggest(client, "gard walls") == []

    def test_what_is_hidden_is_not_suggested(self, client, write):
        write("Zanzibar", live=False, tags=["Zanzibar"])
        post = write("Zanzibar coast")
        assert self.suggest(client, "zan") == [("post", "Zanzibar coast")]
        type(post).objects.filter(pk=post.pk).update(live=False)
        assert self.suggest(client, "zan") == []

    @pytest.mark.parametrize("query", ["", '"', ".", "a" * 10_000, "\x00", ".*", "a|b", "東"])
    def test_anything_may_be_typed(self, client, write, query):
        write("Wanted")
        self.suggest(client, query)


HOSTILE = [
    "\x00",
    '"',
    "a" * 10_000,
    "the of and",
    "... !!! ---",
    '-"',
    "-a",
    'author: tag: before: after: "',
    'author:x tag:"y" -z before:2015 after:2014-10 "q w" word -"u v"',
    "before:9999-99 after:0000 before:2014-02-30",
    "مرحبا بالعالم",
    "👩‍👩‍👧 emoji",
    "'; DROP TABLE blog_postpage; --",
    "<script>alert(1)</script>",
    "%s %(x)s {} {{ x }} {% x %}",
    "a:b:c OR AND NOT ( ) [ TO ] ^ ~ * ? \\ /",
    "word " * 2_000,
    "\ud800",
]


PARAMETERS = ["q", "page", "year", "tag", "author", "sort", "spelling", "previous", "utm"]
ANY_VALUE = st.one_of(
    st.sampled_from(["wanted", "food", "ann", "date", "as-typed", "2", "2014"]),
    st.sampled_from(HOSTILE).map(lambda text: quote(text, errors="surrogatepass")),
    st.integers().map(str),
    st.text(max_size=12).map(quote),
    st.binary(max_size=12).map(quote),
)


class BadInputTests:
    def test_each_known_trap_is_a_proper_page(self, search_index, client, write):
        write("Wanted", tags=["food"])
        for query in HOSTILE:
            page(client, query.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("page", "0"), ("page", "-1"), ("page", "abc"), ("page", "9" * 50), ("page", "٣"),
            ("year", "abc"), ("year", "0"), ("year", "99999999999999999999"), ("year", "\x00"),
            ("tag", "\x00"), ("tag", "x" * 9999), ("author", "'"), ("sort", "\x00"),
            ("spelling", "?"), ("previous", "\x00" * 300),
        ],
    )  # fmt: skip
    def test_other_parameters_may_be_anything(self, client, write, name, value):
        write("Wanted")
        page(client, "wanted", **{name: value})

    @settings(
        max_examples=12,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        st.lists(
            st.one_of(
                st.sampled_from(['"', "-", "author:", "tag:", "before:", "after:", " ", "wanted"]),
                st.sampled_from(["2014", "the", "'", "’", "\x00", "*", "£1,000", "wnated"]),
                st.text(max_size=8),
            ),
            max_size=20,
        ).map("".join)
    )
    def test_anything_typed_is_a_proper_page(self, search_index, client, write, query):
        self.write_once(write)
        query = query.encode("utf-8", "replace").decode()
        page(client, query)
        # What an answer costs is bounded by how much is asked for, however much was typed.
        asked = Translation(reader_copy().reader(), understood(query * 50))
        assert len(asked.weights) <= 2 * LONGEST_QUERY

    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        path=st.sampled_from(["/search/", "/search/suggest/"]),
        parameters=st.lists(st.tuples(st.sampled_from(PARAMETERS), ANY_VALUE), max_size=10),
    )
    def test_all_parameters_may_be_anything_at_once(self, client, write, path, parameters):
        self.write_once(write)
        # As a browser sends it, and as nobody should: bytes that are no text, and a name twice.
        address = "&".join(f"{quote(name)}={value}" for name, value in parameters)
        begun = time.monotonic()
        response = client.get(path, QUERY_STRING=address)
        assert response.status_code == 200
        # Far more than it needs; what grows with the address without bounds needs longer.
        assert time.monotonic() - begun < 10

    def write_once(self, write):
        if not PostPage.objects.exists():
            write("Wanted", tags=["food"], authors=[AuthorFactory(name="Ann")])

    def test_a_query_is_cut_at_its_longest(self, client, write):
        write("Wanted")
        found = page(client, "wanted " + "x" * 10_000)
        assert "x" * (LONGEST_QUERY + 1) not in found
