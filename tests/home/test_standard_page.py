import pytest
from django.core.exceptions import ValidationError

from home.models import MenuItem, SiteSettings
from tests.factories import StandardPageFactory

pytestmark = pytest.mark.django_db


class AddressTests:
    @pytest.mark.parametrize("slug", ["search", "admin", "static", "media"])
    def test_a_page_cannot_hide_behind_an_address_of_the_site(self, slug, home_page):
        with pytest.raises(ValidationError, match="The site itself answers"):
            StandardPageFactory(parent=home_page, slug=slug)

    def test_a_page_stands_at_its_slug(self, home_page, client):
        StandardPageFactory(parent=home_page, slug="about", title="About us")
        assert "About us" in client.get("/about/").text


class MenuTests:
    def test_the_menu_shows_public_pages_in_order(self, home_page, site, client):
        settings = SiteSettings.for_site(site)
        pages = [
            StandardPageFactory(parent=home_page, title="Contact"),
            StandardPageFactory(parent=home_page, title="About"),
            StandardPageFactory(parent=home_page, title="Unfinished", live=False),
        ]
        for number, page in enumerate(pages):
            settings.menu_items.add(MenuItem(page=page, sort_order=number))
        settings.save()
        html = client.get("/").text
        assert html.index(">Contact<") < html.index(">About<")
        assert "Unfinished" not in html
