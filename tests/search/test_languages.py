"""The language of a site decides which words are the same and which say nothing."""

import pytest

from search.analysis import Analyser
from search.answers import answer_to

pytestmark = pytest.mark.once

POSTS = {
    "Zwei Häuser": "Die alten Häuser der Gemeinde wurden verkauft.",
    "Ein Amt": "Das Jugendamt prüfte die Entscheidungen nicht.",
    "Straße": "Auf der Straße spielten Kinder.",
}


@pytest.fixture
def find(db, settings, write):
    """The titles that a query finds on a German site with three posts."""
    backends = {name: dict(params) for name, params in settings.WAGTAILSEARCH_BACKENDS.items()}
    backends["reader"] |= {"LANGUAGE": "german", "STOP_WORDS": ["gemeinde"]}
    settings.WAGTAILSEARCH_BACKENDS = backends
    for title, text in POSTS.items():
        write(title, body=[{"type": "paragraph", "value": f"<p>{text}</p>"}])
    return lambda query: [result.page.title for result in answer_to(query).results]


class GermanTests:
    @pytest.mark.parametrize(
        ("query", "title"),
        [
            ("Haus", "Zwei Häuser"),
            ("hauses verkaufen", "Zwei Häuser"),
            ("Entscheidung", "Ein Amt"),
            ("Jugendmat", "Ein Amt"),
            ("strasse", "Straße"),
            ("Kind", "Straße"),
        ],
    )
    def test_forms_of_a_word_and_slips_of_the_keyboard_are_found(self, find, query, title):
        assert find(query) == [title]

    def test_words_of_grammar_do_not_count(self, find):
        # All three have "die", "das" or "der"; one has what was asked for.
        assert find("die Entscheidung der das") == ["Ein Amt"]

    def test_a_site_adds_its_own_stop_words(self, find):
        assert find("Gemeinde Kinder") == ["Straße"]

    def test_english_stays_english(self):
        assert Analyser("german").stems("Häuser und Haus") == ["haus", "haus"]
        assert Analyser("english").stems("houses and House") == ["hous", "hous"]
