"""The accent colour that a site chooses."""

import re
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text

from home import colour
from home.models import SiteSettings

SHEET = Path("home/static/css/site.css")
COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


class ContrastTests:
    @pytest.mark.parametrize(
        ("one", "other", "ratio"),
        # The second and third are WebAIM's well-known neighbours of the limit.
        [("#000000", "#ffffff", 21), ("#767676", "#ffffff", 4.54), ("#777777", "#ffffff", 4.48)],
    )
    def test_it_is_measured_as_wcag_says(self, one, other, ratio):
        assert round(colour.contrast(one, other), 2) == ratio
        assert colour.contrast(other, one) == colour.contrast(one, other)

    @given(COLOURS)
    def test_any_colour_has_a_readable_neighbour_on_both_papers(self, chosen):
        for papers in (colour.LIGHT_PAPERS, colour.DARK_PAPERS):
            found = colour.readable(chosen, papers)
            assert colour.least_contrast(found, papers) >= colour.READABLE
            if colour.least_contrast(chosen, papers) >= colour.READABLE:
                assert found == chosen

    def test_the_papers_are_those_of_the_style_sheet(self):
        css = SHEET.read_text()
        found = re.findall(r"--paper(?:-raised)?: light-dark\((#\w{6}), (#\w{6})\)", css)
        assert tuple(zip(*found, strict=True)) == (colour.LIGHT_PAPERS, colour.DARK_PAPERS)

    def test_the_designs_own_accent_is_readable(self):
        light, dark = re.search(
            r"--accent-on-light, (#\w{6})\), var\(--accent-on-dark, (#\w{6})", SHEET.read_text()
        ).groups()
        assert colour.least_contrast(light, colour.LIGHT_PAPERS) >= colour.READABLE
        assert colour.least_contrast(dark, colour.DARK_PAPERS) >= colour.READABLE


class ChoosingTests:
    def test_a_pale_colour_is_refused_with_its_ratio_and_a_better_one(self, site):
        with pytest.raises(ValidationError) as error:
            SiteSettings(site=site, accent="#ff9900").clean()
        [message] = error.value.message_dict["accent"]
        ratio = colour.least_contrast("#ff9900", colour.LIGHT_PAPERS)
        assert f"it has {ratio:.2f} : 1, and 4.5 : 1 is needed" in message
        SiteSettings(site=site, accent=re.search(r"#\w{6}", message)[0]).clean()

    def test_a_dim_colour_is_refused_on_dark_paper(self, site):
        with pytest.raises(ValidationError) as error:
            SiteSettings(site=site, accent="#005a9c", accent_on_dark="#005a9c").clean()
        assert "dark paper" in error.value.message_dict["accent_on_dark"][0]

    def test_what_is_no_colour_is_refused(self, site):
        with pytest.raises(ValidationError, match="six digits"):
            SiteSettings(site=site, accent="red;}").clean()

    def test_one_colour_is_enough(self, site):
        settings = SiteSettings(site=site, accent="#005A9C")
        settings.clean()
        on_light, on_dark = settings.accents
        assert on_light == "005a9c"
        assert colour.least_contrast(f"#{on_dark}", colour.DARK_PAPERS) >= colour.READABLE

    def test_an_administrator_hears_it_in_the_form(self, site, administrator, client):
        client.force_login(administrator)
        data = nested_form_data(
            {
                "name": "Daybook",
                "accent": "#ffff00",
                "footer": rich_text(""),
                "menu_items": inline_formset([]),
                "social_links": inline_formset([]),
            }
        )
        path = reverse("wagtailsettings:edit", args=["home", "sitesettings", site.pk])
        assert "Too little contrast" in client.post(path, data).text
        client.post(path, data | {"accent": "#005a9c"})
        assert SiteSettings.for_site(site).accent == "#005a9c"


class ShowingTests:
    def test_pages_of_a_site_that_chose_none_ask_for_none(self, blog, client):
        assert "accent-" not in client.get("/").text

    def test_pages_lead_to_the_chosen_colours_without_holding_styles(self, blog, site, client):
        SiteSettings.objects.update_or_create(site=site, defaults={"accent": "#005a9c"})
        text = client.get("/").text
        path = re.search(r'href="(/accent-005a9c-\w{6}\.css)"', text)[1]
        response = client.get(path)
        assert response["Content-Type"].startswith("text/css")
        assert "--accent-on-light: #005a9c" in response.text
        assert "immutable" in response["Cache-Control"]
        assert not re.search(r"<style|\bstyle=", text)

    def test_colours_that_the_site_did_not_choose_are_not_found(self, blog, site, client):
        assert client.get("/accent-005a9c-123456.css").status_code == 404
        SiteSettings.objects.update_or_create(site=site, defaults={"accent": "#005a9c"})
        on_light, on_dark = SiteSettings.for_site(site).accents
        assert client.get(f"/accent-{on_light}-123456.css").status_code == 404
        assert client.get(f"/accent-123456-{on_dark}.css").status_code == 404
        assert client.get(f"/accent-{on_light}-{on_dark}.css").status_code == 200

    def test_what_is_no_colour_is_not_found(self, db, client):
        assert client.get("/accent-red;}-005a9c.css").status_code == 404
