"""What a reader's words must find."""

import pytest
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import PageViewRestriction
from wagtail.search.query import MATCH_ALL, Phrase, PlainText

from blog.models import Author, PostPage, Tag
from search.answers import answer_to
from search.question import Choice
from tests.factories import (
    AuthorFactory,
    SeriesFactory,
    StandardPageFactory,
    moment,
    paragraph,
)


def says(*texts):
    return [paragraph(text) for text in texts]


class WordTests:
    def test_every_word_counts(self, write, find):
        write("Both", body=says("The inspector visited the library."))
        write("One", body=says("The inspector went home."))
        assert find("inspector library")[0] == "Both"

    @pytest.mark.parametrize(
        ("query", "text"),
        [
            ("run", "They were running late."),
            ("visits", "We visited."),
            ("cafe", "A café in town."),
            ("café", "A cafe in town."),
            ("council's plan", "The council’s plan."),
            ("councils", "The council’s plan."),
            ("don't panic", "Don’t panic now."),
            ("WELLBEING", "Their well-being matters."),
            ("well-being", "Their wellbeing matters."),
            ("£340,000", "It cost £340,000 in all."),
            ("340000", "It cost £340,000 in all."),
            ("“quoted words”", "Some quoted words here."),
            ("3.5", "It rose by 3.5 points."),
            ("naïve Straße", "A naive strasse."),
        ],
    )
    def test_spelling_of_the_same_word_does_not_matter(self, write, find, query, text):
        write("Wanted", body=says(text))
        write("Other", body=says("Nothing of the kind."))
        assert find(query)[0] == "Wanted"

    def test_all_words_come_before_some(self, write, find):
        for number in range(3):
            write(f"Some {number}", body=says("library library library library"))
        write("All", body=says("A long text about much else, " * 20 + "with a library and a bus."))
        assert find("library bus")[0] == "All"
        assert len(find("library bus")) == 4

    def test_a_sentence_finds_what_has_some_of_its_words(self, write, find):
        write("Wanted", body=says("Caseloads fell where social workers stayed."))
        assert find("what happens to the caseloads of people who never stay in the job") == [
            "Wanted"
        ]

    def test_only_words_of_grammar_can_be_found(self, write, find):
        write("Wanted", body=says("To be or not to be, that is the question."))
        write("Other", body=says("Something else."))
        assert find("to be or not to be") == ["Wanted"]

    def test_a_title_counts_for_more_than_a_body(self, write, find):
        write("Walking home", body=says("Notes on a stroll with gardens on the way."))
        write("Gardens", body=says("Notes on a stroll and on walking home today."))
        assert find("gardens")[0] == "Gardens"

    def test_of_two_equal_posts_the_newer_comes_first(self, write, find):
        write("Twins", published_at=moment(2010, 1, 1), slug="old")
        write("Twins", published_at=moment(2020, 1, 1), slug="new")
        results = answer_to("twins").results
        assert [result.page.slug for result in results] == ["new", "old"]

    def test_every_part_of_a_post_is_found(self, write, find):
        write(
            "Wanted",
            introduction="Apricots.",
            tags=["bananas"],
            authors=[AuthorFactory(name="Cherry Smith")],
            series=SeriesFactory(title="Damsons"),
            body=[
                {"type": "heading", "value": {"text": "Elderberries", "level": "2"}},
                {"type": "quote", "value": {"text": "<p>Figs</p>", "source": "Grapes"}},
                {"type": "code", "value": {"language": "python", "code": "huckleberry = 1"}},
            ],
        )
        write("Other")
        for word in [
            "apricots",
            "bananas",
            "cherry",
            "damsons",
            "elderberries",
            "figs",
            "grapes",
            "huckleberry",
        ]:
            assert find(word) == ["Wanted"], word

    def test_markup_is_not_found(self, write, find):
        write("Wanted", body=[{"type": "paragraph", "value": "<p><b>bold</b> words</p>"}])
        assert find("strong") == find("paragraph") == []

    def test_standard_pages_are_found(self, home_page, find):
        StandardPageFactory(parent=home_page, title="Contact us")
        assert find("contact") == ["Contact us"]


class OperatorTests:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ('"is not"', {"Both", "Apart", "Once"}),
            ('"is not a"', {"Both"}),
            ('"not a"', {"Both", "Apart", "Across"}),
            ('"it is not a"', {"Both"}),
            ('"is not a matter"', {"Both"}),
            ('"a not"', set()),
        ],
    )
    def test_a_phrase_of_words_of_grammar_is_exact(self, write, find, query, found):
        write("Both", body=says("It is not a matter of money."))
        write("Apart", body=says("It is not cheap, and not a matter of money."))
        write("Once", body=says("What is not there: a matter of money."))
        write("Across", introduction="Where it is", body=says("Not a matter of money."))
        answer = answer_to(query)
        told = set() if answer.apart else {result.page.title for result in answer.results}
        assert told == found

    def test_a_phrase_is_exact(self, write, find):
        write("Wanted", body=says("The out of hours service."))
        write("Other", body=says("Hours of service, out there. Our outer service."))
        assert find('"out of hours"') == ["Wanted"]
        assert not answer_to('"out of hours"').apart
        assert answer_to('"services"').apart == ("services",)

    def test_a_phrase_is_not_found_across_a_word_that_is_too_long_to_be_kept(self, write, find):
        write("Across", body=says(f"It is {'long' * 20} not a matter of money."))
        assert answer_to('"is not"').apart

    def test_without_leaves_out(self, write, find):
        write("Wanted", body=says("A library."))
        write("Other", body=says("A library and an office."))
        assert find("library -offices") == ["Wanted"]
        assert find('library -"an office"') == ["Wanted"]

    @pytest.mark.parametrize(
        "operator", ["author:ann", "author:ann-smith", 'author:"Ann Smith"', "AUTHOR:Smith"]
    )
    def test_an_author_is_known_by_name_and_slug(self, write, find, operator):
        write("Wanted", authors=[AuthorFactory(name="Ann Smith", slug="ann-smith")])
        write("Other", authors=[AuthorFactory(name="Bo Jones", slug="bo-jones")])
        assert find(operator) == ["Wanted"]
        assert find(f"says {operator}") == ["Wanted"]
        assert find("author:nobody") == []

    @pytest.mark.parametrize(
        "operator", ["author:zoe", "author:ZOË", 'author:"zoe okonjo"', "tag:cafe", "tag:CAFÉ"]
    )
    def test_names_are_known_without_their_accents(self, write, find, operator):
        zoe = AuthorFactory(name="Zoë Okonjo", slug="zoe-okonjo")
        write("Wanted", authors=[zoe], tags=["Café"])
        write("Other")
        assert find(operator) == ["Wanted"]

    @pytest.mark.parametrize("operator", ["tag:home-care", 'tag:"Home care"', "tag:homecare"])
    def test_a_tag_is_known_by_name_and_slug(self, write, find, operator):
        write("Wanted", tags=["Home care"])
        write("Other", tags=["Food"])
        assert find(operator) == ["Wanted"]

    def test_dates_bound_from_the_first_day_to_the_day_before(self, write, find):
        write("September", published_at=moment(2014, 9, 30, 23, 59))
        write("October", published_at=moment(2014, 10, 1, 0, 0))
        write("December", published_at=moment(2014, 12, 31, 23, 59))
        write("January", published_at=moment(2015, 1, 1, 0, 0))
        assert set(find("after:2014-10 before:2015")) == {"October", "December"}
        assert set(find("says before:2014-10-01")) == {"September"}
        assert set(find("says after:2015")) == {"January"}

    def test_operators_alone_list_the_newest_first(self, write, find):
        write("Old", tags=["food"], published_at=moment(2014, 1, 1))
        write("New", tags=["food"], published_at=moment(2015, 1, 1))
        assert find("tag:food") == ["New", "Old"]


class SpellingTests:
    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("Birmingam", "Birmingham"),
            ("safegaurding", "safeguarding"),
            ("libary", "library"),
            ("comittee", "committee"),
            ("couldnt", "couldn't"),
        ],
    )
    def test_a_typo_is_forgiven_and_told(self, write, find, typed, meant):
        write("Wanted", body=says(f"About {meant} and more."))
        answer = answer_to(typed)
        assert [result.page.title for result in answer.results] == ["Wanted"]
        assert answer.corrected.text == meant.lower()
        as_typed = answer_to(typed, Choice(as_typed=True))
        assert not as_typed.results
        assert as_typed.maybe.text == meant.lower()

    def test_a_word_may_be_unfinished(self, write, find):
        write("Wanted", body=says("A commission on safeguarding."))
        assert find("safeguar") == ["Wanted"]

    def test_a_word_that_is_there_is_not_corrected(self, write, find):
        write("Cat", body=says("One carts it."))
        write("Other", body=says("Many carps swim, carps and carps."))
        assert answer_to("carts").corrected is None


class NarrowingTests:
    @pytest.fixture
    def posts(self, write, search_index):
        ann, bo = AuthorFactory(name="Ann", slug="ann"), AuthorFactory(name="Bo", slug="bo")
        write("A", tags=["food"], authors=[ann], published_at=moment(2014, 1, 1))
        write("B", tags=["food", "care"], authors=[ann, bo], published_at=moment(2014, 5, 1))
        write("C", tags=["care"], authors=[bo], published_at=moment(2016, 5, 1))

    def test_facets_count_what_was_found(self, posts):
        facets = answer_to("says").facets
        counts = {
            kind: [(facet.label, facet.count) for facet in found] for kind, found in facets.items()
        }
        assert counts["year"] == [("2016", 1), ("2014", 2)]
        assert sorted(counts["tag"]) == [("care", 2), ("food", 2)]
        assert sorted(counts["author"]) == [("Ann", 2), ("Bo", 2)]

    def test_a_choice_narrows(self, posts, find):
        assert set(find("says", year=2014)) == {"A", "B"}
        assert find("says", year=2014, tag="care") == ["B"]
        assert set(find("says", author="bo")) == {"B", "C"}
        assert find("says", author="nobody") == []

    def test_by_date_the_newest_comes_first(self, posts, find):
        assert find("says", newest_first=True) == ["C", "B", "A"]

    def test_pages_go_on_where_the_last_one_ended(self, write, find):
        for number in range(23):
            write(f"Post number {number}")
        pages = [find("number", page) for page in (1, 2, 3)]
        assert [len(page) for page in pages] == [10, 10, 3]
        assert len({title for page in pages for title in page}) == 23
        assert answer_to("number").total == 23


def expire(post):
    # By no means that an index could hear of.
    PostPage.objects.filter(pk=post.pk).update(expire_at=timezone.now())


WAYS_TO_HIDE = pytest.mark.parametrize(
    "hide",
    [
        lambda post: PageViewRestriction.objects.create(
            page=post, restriction_type=PageViewRestriction.LOGIN
        ),
        lambda post: post.unpublish(),
        lambda post: post.delete(),
        expire,
    ],
    ids=["private", "unpublished", "deleted", "expired"],
)


class VisibilityTests:
    def test_a_draft_is_not_found(self, write, find):
        write("Zanzibar", live=False)
        assert find("zanzibar") == []

    def test_what_becomes_private_is_gone_at_once(self, write, find):
        post = write("Zanzibar")
        assert find("zanzibar") == ["Zanzibar"]
        PageViewRestriction.objects.create(
            page=post, restriction_type=PageViewRestriction.PASSWORD, password="open sesame"
        )
        answer = answer_to("zanzibar")
        assert not answer.results
        assert not answer.total

    def test_what_has_expired_is_gone_at_once(self, write, find):
        post = write("Zanzibar")
        assert find("zanzibar") == ["Zanzibar"]
        # By no means that an index could hear of.
        PostPage.objects.filter(pk=post.pk).update(expire_at=timezone.now())
        assert find("zanzibar") == []

    def test_what_is_unpublished_is_gone_at_once(self, write, find):
        write("Zanzibar").unpublish()
        assert find("zanzibar") == []

    def test_what_the_index_does_not_know_to_be_hidden_is_not_shown(
        self, write, find, search_index
    ):
        hidden = [write(f"Zanzibar {number}") for number in range(12)]
        PostPage.objects.filter(pk__in=[post.pk for post in hidden[:4]]).update(live=False)
        answer = answer_to("zanzibar")
        assert len(answer.results) == answer.total == 8

    @WAYS_TO_HIDE
    def test_no_spelling_tells_the_words_of_what_is_hidden(self, search_index, write, hide, client):
        write("Other", body=says("Bananas."))
        post = write("Hidden", tags=["Uranium"], body=says("We met at Flabbergast."))
        assert answer_to("flabergast").corrected.text == "flabbergast"
        hide(post)
        for typed in ("flabergast", "flab", "uraniun"):
            for as_typed in (False, True):
                answer = answer_to(typed, Choice(as_typed=as_typed))
                assert (answer.corrected, answer.maybe) == (None, None)
            found = client.get("/search/", {"q": typed}).text.casefold()
            assert "flabbergast" not in found
            assert "uranium" not in found

    @WAYS_TO_HIDE
    def test_no_suggestion_tells_the_tags_and_authors_of_what_is_hidden(
        self, search_index, write, hide, client
    ):
        write("Other")
        ann = AuthorFactory(name="Ann Zander")
        post = write("Zanzibar", tags=["Zanzibar coast"], authors=[ann])
        suggested = client.get("/search/suggest/", {"q": "zan"}).json()["suggestions"]
        assert [found["kind"] for found in suggested] == ["tag", "author", "post", "all"]
        hide(post)
        assert client.get("/search/suggest/", {"q": "zan"}).json()["suggestions"] == []

    def test_a_word_that_was_mended_is_a_typo_again(self, search_index, write):
        post = write("Mended", body=says("They spoke of housng."))
        write("Wanted", body=says("Of housing."))
        assert answer_to("housng").total == 1
        post.body = says("They spoke of nothing.")
        post.save()
        answer = answer_to("housng")
        assert answer.corrected.text == "housing"
        assert [result.page.title for result in answer.results] == ["Wanted"]

    def test_what_is_deleted_is_gone(self, write, find, search_index):
        write("Zanzibar").delete()
        assert find("zanzibar") == []
        assert search_index.reader().size() == 0


class KeepingInStepTests:
    def test_an_edited_post_is_found_by_its_new_words_only(self, write, find):
        post = write("Apples")
        post.title = "Pears"
        post.save_revision().publish()
        assert find("pears") == ["Pears"]
        assert find("apples") == []

    def test_renamed_authors_and_tags_are_found_by_their_new_names(self, write, find):
        write("Wanted", tags=["Apples"], authors=[AuthorFactory(name="Ann")])
        Author.objects.get(name="Ann").delete()
        tag = Tag.objects.get(name="Apples")
        tag.name = "Pears"
        tag.save()
        assert find("pears") == ["Wanted"]
        assert find("apples") == find("ann") == []

    def test_update_index_rebuilds_from_what_is_there(self, write, find, search_index, settings):
        kept = write("Kept apples")
        PostPage.objects.filter(pk=kept.pk).update(title="Kept pears")
        call_command("update_index", backend_name="reader", verbosity=0)
        assert find("pears") == ["Kept pears"]
        assert search_index.reader().size() == 1

    def test_an_empty_site_has_an_empty_index(self, find, search_index):
        assert find("anything") == []
        assert search_index.reader().size() == 0


class WagtailTests:
    """The way in that Wagtail's own code takes."""

    @pytest.fixture
    def posts(self, write, search_index):
        write("Running", body=says("They were running to the library."))
        write("Library", body=says("A library, library, library."))
        write("Draft", live=False)

    def titles(self, query, queryset=None, **options):
        queryset = PostPage.objects.all() if queryset is None else queryset
        return [post.title for post in queryset.search(query, backend="reader", **options)]

    def test_querysets_search(self, posts):
        assert self.titles("library") == ["Library", "Running"]
        assert self.titles("run library") == ["Running"]
        assert set(self.titles("run library", operator="or")) == {"Running", "Library"}
        assert self.titles("library", PostPage.objects.filter(title="Running")) == ["Running"]

    def test_queries_combine(self, posts):
        assert self.titles(PlainText("library") & ~PlainText("run")) == ["Library"]
        assert self.titles(Phrase("the library")) == ["Running"]
        assert set(self.titles(MATCH_ALL)) == {"Running", "Library"}

    def test_results_can_be_cut_counted_and_sorted(self, posts):
        found = PostPage.objects.search("library", backend="reader")
        assert found.count() == 2
        assert [post.title for post in found[1:]] == ["Running"]
        by_title = PostPage.objects.order_by("-title").search(
            "library", backend="reader", order_by_relevance=False
        )
        assert [post.title for post in by_title] == ["Running", "Library"]
