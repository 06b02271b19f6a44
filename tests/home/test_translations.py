"""What readers see in German, French and Arabic."""

import re
from pathlib import Path

import pytest
from django.utils import translation
from jinja2 import Environment

from tests.factories import moment, paragraph

LANGUAGES = ["de", "fr", "ar"]
# The same in one of these languages as in English.
SAME = {"Code: %(language)s", "Notes", "Corrections", "Suggestions", "suggestions", "Pages"}
SAME |= {"Archives", "Photos", "j F Y", "Page %(number)s"}


def messages():
    """Yield the messages of the templates for readers; a plural is a tuple."""
    environment = Environment(extensions=["jinja2.ext.i18n"])  # noqa: S701  renders nothing
    for path in Path().glob("*/jinja2/**/*.html"):
        source = re.sub(r"{% (include_block) (\w+) %}", r"{{ \2 }}", path.read_text())
        for _line, _function, message in environment.extract_translations(source):
            yield message


@pytest.mark.parametrize("language", LANGUAGES)
class CatalogueTests:
    def test_every_message_of_the_templates_is_translated(self, language):
        missing = set()
        with translation.override(language):
            for message in messages():
                if isinstance(message, tuple):
                    one, many = message[:2]
                    if translation.ngettext(one, many, 7) == many:
                        missing.add(many)
                elif translation.gettext(message) == message and message not in SAME:
                    missing.add(message)
        assert missing == set(), "Add them to home/locale/, and run manage.py compilemessages."

    def test_a_translation_has_the_places_that_are_filled(self, language):
        with translation.override(language):
            for message in messages():
                if isinstance(message, str):
                    wanted = set(re.findall(r"%\(\w+\)\w", message))
                    assert set(re.findall(r"%\(\w+\)\w", translation.gettext(message))) == wanted


class PageTests:
    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("de", ["1 Ergebnis", "Neueste zuerst", "18. Oktober 2014"]),
            ("fr", ["1 résultat", "Les plus récents d’abord", "18 octobre 2014"]),
            ("ar", ["نتيجة واحدة", "الأحدث أولًا", "18 أكتوبر 2014"]),
        ],
    )
    def test_results_are_told_in_the_language_of_the_site(
        self, write, client, settings, language, words
    ):
        write("Bananas", body=[paragraph("Ripe.")], published_at=moment(2014, 10, 18))
        settings.LANGUAGE_CODE = language
        with translation.override(language):
            text = client.get("/search/?q=bananas").text
        for word in words:
            assert word in text

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("path", ["/", "/blog/", "/blog/follow/", "/blog/soup/", "/nothing/"])
    def test_no_english_words_are_left_around_a_page(self, write, client, language, path):
        write("Soup", slug="soup", tags=["food"])
        with translation.override(language):
            text = client.get(path).text
        for word in ("Follow", "Skip to the content", "All months", "There is no", "minute to"):
            assert word not in text
