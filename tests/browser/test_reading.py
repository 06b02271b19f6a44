"""What readers do in a browser, with scripts and without."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]

BACKGROUND = "getComputedStyle(document.documentElement).backgroundColor"


@pytest.fixture
def read(demo_server, visit):
    """Open a page of the demo: `read("/blog/")`."""
    return lambda path, **options: visit(demo_server.address + path, **options)


class ThemeTests:
    def test_the_chosen_theme_is_remembered(self, read):
        page = read("/", color_scheme="light")
        switch = page.get_by_role("button", name="Dark colours")
        expect(switch).to_have_attribute("aria-pressed", "false")
        light = page.evaluate(BACKGROUND)
        switch.click()
        page.get_by_role("link", name="Ask first").click()
        expect(switch).to_have_attribute("aria-pressed", "true")
        assert page.evaluate(BACKGROUND) != light
        assert page.context.cookies() == []


class ContentsTests:
    def test_the_contents_list_leads_to_its_sections(self, read):
        page = read("/blog/blame-is-not-a-method/")
        link = page.get_by_role("navigation", name="Contents").get_by_role("link").last
        name = link.inner_text()
        link.click()
        expect(page.get_by_role("heading", name=name)).to_be_in_viewport()
        assert "#" in page.url


class GalleryTests:
    def test_photos_are_looked_at_one_by_one_by_keyboard(self, read):
        page = read("/blog/the-county-leaves-home/")
        photos = page.locator(".gallery .photo a")
        photos.first.focus()
        page.keyboard.press("Enter")
        window = page.get_by_role("dialog")
        expect(window.get_by_text("1 / 4")).to_be_visible()
        page.keyboard.press("ArrowRight")
        expect(window.get_by_text("2 / 4")).to_be_visible()
        page.keyboard.press("Escape")
        expect(window).to_be_hidden()
        expect(photos.nth(1)).to_be_focused()


class EmbedTests:
    def test_nothing_is_loaded_from_elsewhere_before_the_reader_agrees(self, read):
        page = read("/about/")
        asked = []
        page.route("https://**", lambda route: (asked.append(route.request.url), route.abort()))
        page.goto(page.url.replace("/about/", "/blog/ask-first/"))
        assert asked == []
        with page.expect_request("https://www.youtube-nocookie.com/**"):
            page.get_by_role("button", name="Load it here").click()
        expect(page.locator(".embed iframe")).to_be_visible()


class PrintTests:
    def test_a_printed_post_is_an_article_with_its_address(self, read):
        page = read("/blog/two-the-threshold/")
        page.emulate_media(media="print")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator(".post__address")).to_be_visible()
        for name in (".search-form", ".theme-switch", ".share", ".neighbours"):
            expect(page.locator(name).first).to_be_hidden()


class WithoutScriptTests:
    def test_all_can_be_read_and_found(self, read):
        page = read("/", java_script_enabled=False)
        expect(page.get_by_role("button", name="Dark colours")).to_be_hidden()
        page.get_by_role("link", name="Ask first").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Ask first")
        page.get_by_label("Search").first.fill("threshold")
        page.get_by_role("button", name="Search").first.click()
        expect(page.get_by_role("link", name="Two: the threshold")).to_be_visible()


class NarrowTests:
    @pytest.mark.parametrize(
        "path",
        ["/", "/blog/", "/blog/what-340000-pounds-buys/", "/blog/archive/", "/search/?q=child"],
    )
    def test_nothing_scrolls_sideways_at_320_pixels(self, read, path):
        page = read(path, viewport={"width": 320, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
