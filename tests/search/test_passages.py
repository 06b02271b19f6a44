"""The piece of a text that a result shows."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from blog.body.reading import NOTE_MARK
from search.analysis import NO_TOKEN, Analyser
from search.passages import PASSAGE_LENGTH, Wanted, best_window, places_of
from search.passages import passage as passage_of

ANALYSER = Analyser()
# Analysers learn from what they meet: this one only from what is looked at word by word.
THOROUGH = Analyser()
# As writers have them: inflected, in quotes, with accents, in numbers, too long to be a word.
WORDS = (
    *("run", "running,", "ran", "“Run!”", "runs—walks", "trunk", "café", "cafe\u0301s"),
    *("child’s", "child", "children", "co\xadoperate", "cooperation", "well-being", "of", "the"),
    *("340,000", "340\u00a0000", "3.5", "x" * 70, "https://example.org/" + "child/" * 12),
)
LINES = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
TEXTS = st.lists(st.lists(LINES, max_size=5).map("\n".join), max_size=3)
ASKED = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)


def passage(texts, asked, analyser=ANALYSER, is_seen=True):
    texts = [unicodedata.normalize("NFC", text) for text in texts]
    return passage_of([(t, analyser.line_stems(t), is_seen) for t in texts], asked, analyser)


def wanted(words, quoted):
    exact = tuple(ANALYSER.exact(quoted))
    phrases = (exact,) if exact and NO_TOKEN not in exact else ()
    return Wanted(frozenset(ANALYSER.stems(f"{words} {quoted}")), phrases)


class PassageTests:
    @given(TEXTS, ASKED, ASKED)
    @example(["café\nof cafe\u0301s"], "", "of cafe")
    @example(["The letter of a child.\nThe child and a letter."], "", "child and a letter")
    def test_it_is_of_the_first_line_with_the_most_of_what_is_asked(self, texts, words, quoted):
        asked = wanted(words, quoted)
        most, first = 0, ""
        for line in unicodedata.normalize("NFC", "\n".join(texts)).split("\n"):
            count, _places = best_window(places_of(line, asked, THOROUGH), PASSAGE_LENGTH)
            if count > most:
                most, first = count, line
        found = passage(texts, asked, ANALYSER)
        assert ("<mark>" in found.html) == bool(most)
        assert not most or found == passage([first], asked, ANALYSER)

    def test_a_quotation_counts_for_more_than_its_words_elsewhere(self):
        asked = wanted("", "the whistleblower of the month")
        text = "A whistleblower, this month.\nHe is the whistleblower of the month."
        assert (
            "<mark>the whistleblower of the month</mark>" in passage([text], asked, ANALYSER).html
        )

    @pytest.mark.parametrize(
        ("text", "asked", "shown"),
        [
            ("Look at https://example.org/" + "section/" * 40 + "child now.", "child", 1),
            ("x " * 45 + "child " + "y " * 85 + "letter " + "z " * 100, "child letter", 2),
            (
                "Before. " * 40 + "A child and, " + "y " * 100 + "letter" + " z" * 100,
                "child letter",
                2,
            ),
            ("A child." + " After." * 40, "child", 1),
        ],
    )
    def test_all_that_it_was_chosen_for_is_in_it(self, text, asked, shown):
        found = passage([text], wanted(asked, ""), ANALYSER)
        assert found.html.count("<mark>") == shown
        assert len(found.html) < PASSAGE_LENGTH + 80

    def test_a_text_without_spaces_is_looked_through(self):
        text = "A line.\n" + "児童福祉" * 300 + "。" + "長" * 100_000
        assert "A <mark>line</mark>." in passage([text], wanted("line", ""), ANALYSER).html

    def test_a_text_of_many_addresses_is_read_at_once(self):
        text = " ".join(f"https://doi.org/10.{number}/a{number}" for number in range(3_000))
        assert "<mark>doi</mark>" in passage([text], wanted("doi", ""), Analyser()).html

    def test_words_are_found_after_many_other_texts(self, monkeypatch):
        monkeypatch.setattr("search.analysis.MOST_KEPT", 20)
        analyser = Analyser()
        for number in range(40):
            text = f"Nothing here.\nword{number} and running{number} and children."
            found = passage([text], Wanted(frozenset(analyser.stems("children"))), analyser)
            assert "<mark>children</mark>" in found.html

    @pytest.mark.parametrize(
        ("text", "asked", "shown"),
        [
            ("東京都に行きました。", "京都", "東<mark>京都</mark>に"),
            ("東京都に行きました。", "た", "行きまし<mark>た</mark>。"),
            ("東京都に行きました。", "東京都", "<mark>東京都</mark>に"),
            ("वे हिन्दी में लिखते हैं", "हिन्दी", "वे <mark>हिन्दी</mark> में"),
            ("قال مُحَمَّد ذلك", "محمد", "قال <mark>مُحَمَّد</mark> ذلك"),
            ("Made of H₂O only", "h2o", "of <mark>H₂O</mark> only"),
            ("In their covid-19 ward", "covid19", "their <mark>covid-19</mark> ward"),
            ("Ring 0121 496 0000 now", "01214960000", "Ring <mark>0121 496 0000</mark> now"),
            ("The N.H.S. pays", "NHS", "The <mark>N.H.S.</mark> pays"),
            ("He organised it", "organize", "He <mark>organised</mark> it"),
        ],
    )
    def test_what_is_found_in_another_form_is_marked(self, text, asked, shown):
        words = [word for part in asked.split() for word in ANALYSER.words(part)]
        stems = frozenset(stem for word in words for stem in (*word.stems, *word.whole))
        assert shown in passage([text], Wanted(stems)).html


class FragmentTests:
    def test_it_leads_into_one_cell_of_a_table(self):
        found = passage(["Town | Beds in use | Staff"], wanted("beds", ""))
        assert found.fragment == "#:~:text=Beds%20in%20use"

    def test_it_ends_before_the_number_of_a_note(self):
        text = f"Some beds were empty{NOTE_MARK} that night."
        assert passage([text], wanted("beds", "")).fragment == "#:~:text=beds%20were"
        assert passage([text], wanted("empty", "")).fragment == ""

    def test_nothing_leads_to_what_the_page_does_not_show(self):
        found = passage(["A bed by a window"], wanted("bed", ""), is_seen=False)
        assert "<mark>bed</mark>" in found.html
        assert not found.fragment
