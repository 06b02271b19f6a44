"""The picture that social networks show for a post without a photo."""

import io

import pytest
from django.utils import translation
from PIL import Image, ImageFont

from blog.outgoing import share_card
from home.models import SiteSettings
from tests.factories import AuthorFactory, moment


def colours(png):
    return {colour for _count, colour in Image.open(io.BytesIO(png)).getcolors(100_000)}


class AccentTests:
    def test_it_has_the_accent_that_the_site_chose(self, write, client, site):
        post = write("Soup", slug="soup")
        assert (0x1D, 0x4F, 0x91) not in colours(client.get(f"{post.url.rstrip('/')}.png").content)
        SiteSettings.objects.create(site=site, accent="#1d4f91")
        assert (0x1D, 0x4F, 0x91) in colours(client.get(f"{post.url.rstrip('/')}.png").content)


class LetterTests:
    # The last is a script that none of the fonts has.
    @pytest.mark.parametrize("title", ["東京の図書館", "يوم في المكتب", "\U00012000\U00012001"])
    def test_letters_are_drawn_or_left_out_and_never_boxes(self, monkeypatch, title):
        missing = []
        write = share_card.write

        def watched(pen, text, top, face, colour):
            if not share_card.has_letters(face, text):
                missing.append(text)
            write(pen, text, top, face, colour)

        monkeypatch.setattr(share_card, "write", watched)
        png = share_card.draw(title, "The Duty Desk", "1 May 2019")
        assert missing == []
        assert png != share_card.draw("", "", "")

    def test_a_title_without_a_font_leaves_the_sites_name_alone(self):
        title = "\U00012000"
        assert share_card.draw(title, "Desk") == share_card.draw("Desk", "")

    def test_a_font_of_latin_letters_has_no_others(self):
        face = ImageFont.load_default(40)
        assert share_card.has_letters(face, "Soup")
        assert not share_card.has_letters(face, "漢")


class FactTests:
    def test_the_date_and_the_authors_are_in_the_language_of_the_site(
        self, write, client, monkeypatch
    ):
        facts = []
        monkeypatch.setattr(
            share_card, "draw", lambda title, name, said, accent: facts.append(said) or b""
        )
        post = write(authors=[AuthorFactory(name="Ada")], published_at=moment(2019, 5, 17))
        with translation.override("de"):
            client.get(f"{post.url.rstrip('/')}.png")
        assert facts == ["17. Mai 2019 · Ada"]
