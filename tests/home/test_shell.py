"""What stands around every page."""

import pytest
from django.utils import translation


class LanguageTests:
    @pytest.mark.parametrize(
        ("language", "start"), [("ar", '<html lang="ar" dir="rtl">'), ("fr", '<html lang="fr">')]
    )
    def test_a_page_says_in_which_direction_it_is_read(self, blog, client, language, start):
        with translation.override(language):
            assert start in client.get("/").text


class LandmarkTests:
    def test_the_skip_link_comes_before_all_and_leads_to_the_one_main(self, blog, client):
        html = client.get("/").text
        assert html.index('href="#main"') < html.index("<header")
        assert html.count('<main id="main"') == 1
