"""What readers see of the design, and what answers their fingers."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.once]

PHONE = {"width": 390, "height": 844}
ESSAY = "/blog/blame-is-not-a-method/"
GALLERY = "/blog/the-county-leaves-home/"
# Controls that are smaller than 24 pixels and nearer than that to another one. A link within a
# sentence may be as small as its text (WCAG 2.2, 2.5.8).
SMALL = """() => [...document.querySelectorAll("a[href], button, input, summary")]
    .filter(e => e.checkVisibility({visibilityProperty: true}) && e.tabIndex >= 0
        && !e.closest("p:not([class]), .skip-link, .footer__text, .search__help p"))
    .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
    .filter(([, box]) => Math.min(box.width, box.height) < 23.5)
    .map(([name, box]) => `${name} ${box.width} x ${box.height}`)"""
MARKED = ".contents [aria-current]"


@pytest.fixture
def read(demo_server, visit):
    """Open a page of the demo: `read("/blog/")`."""
    return lambda path, **options: visit(demo_server.address + path, **options)


def place(locator):
    return locator.bounding_box()


class FeedTests:
    @pytest.mark.parametrize("path", ["/blog/feed/", "/blog/feed/rss/"])
    def test_a_feed_is_a_page_whose_titles_can_be_followed(self, read, path):
        page = read(path)
        page.locator("a", has_text="Ask first").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Ask first")

    def test_the_address_of_the_feed_is_copied(self, read):
        page = read("/blog/follow/", permissions=["clipboard-read", "clipboard-write"])
        page.get_by_role("button", name="Copy the address").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()").endswith("/blog/feed/")


class ListTests:
    def test_the_picture_of_a_card_is_sharp_and_leads_to_its_post(self, read):
        page = read("/blog/", viewport=PHONE, device_scale_factor=3)
        picture = page.locator(".card__cover img").first
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert "960x640" in picture.evaluate("image => image.currentSrc")
        title = page.locator(".card--cover .card__title").first.inner_text()
        picture.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)

    def test_what_is_newer_is_always_on_the_right(self, read):
        page = read("/blog/?page=2")
        older, newer = (page.get_by_role("link", name=name) for name in ("Older", "Newer"))
        assert place(older)["x"] < place(newer)["x"]
        expect(page.get_by_role("heading", level=1)).to_have_text("Page 2")
        page.goto(page.url.replace("?page=2", "two-the-threshold/"))
        links = page.get_by_role("navigation", name="Neighbouring posts").get_by_role("link")
        assert place(links.first)["x"] < place(links.last)["x"]
        expect(links.first).to_contain_text("Older")

    def test_a_page_of_one_day_says_its_date_once(self, read):
        page = read("/blog/2014/10/18/")
        assert page.locator("main").inner_text().count("18 October 2014") == 1

    def test_portraits_stand_beside_names(self, read):
        page = read("/blog/authors/")
        for item in page.locator(".subjects li").all():
            image, name = place(item.locator("img")), place(item.locator("a"))
            middles = [box["y"] + box["height"] / 2 for box in (image, name)]
            assert abs(middles[0] - middles[1]) < 3

    @pytest.mark.parametrize("width", [700, 800, 980])
    def test_the_column_stands_in_the_middle_of_a_tablet(self, read, width):
        page = read("/blog/", viewport={"width": width, "height": 900})
        box = place(page.locator(".days"))
        assert abs(box["x"] - (width - box["x"] - box["width"])) < 2


class DirectionTests:
    def test_an_arabic_post_on_an_english_site_is_read_from_the_right(self, read):
        page = read("/blog/arabic/")
        for name in ("h1", ".body", ".post__introduction"):
            direction = page.locator(name).evaluate("e => getComputedStyle(e).direction")
            assert direction == "rtl", name
        assert page.locator(".post__meta").evaluate("e => getComputedStyle(e).direction") == "ltr"

    @pytest.mark.parametrize(
        ("path", "names"),
        [
            ("/blog/", [".lead", ".tags a"]),
            (ESSAY, [".contents a", ".post__cover figcaption", ".author p", ".tags a"]),
        ],
    )
    def test_whatever_is_typed_is_read_as_its_letters_are(self, read, path, names):
        page = read(path)
        for name in names:
            for part in page.locator(name).all():
                assert part.evaluate("e => getComputedStyle(e).unicodeBidi") == "plaintext", name

    def test_an_item_of_a_list_stands_beside_its_bullet(self, read):
        page = read("/blog/follow/")
        page.evaluate("document.documentElement.dir = 'rtl'")
        item = page.locator(".body li").first
        words = place(item.locator("a"))
        box = place(item)
        assert abs(words["x"] + words["width"] - box["x"] - box["width"]) < 2

    def test_code_is_read_from_the_left_everywhere(self, read):
        page = read("/blog/ask-first/")
        page.evaluate("document.documentElement.dir = 'rtl'")
        for code in page.locator("code").all():
            assert code.evaluate("e => getComputedStyle(e).direction") == "ltr"


class OpeningTests:
    @pytest.mark.parametrize("path", [ESSAY, "/blog/two-the-threshold/", GALLERY])
    def test_the_first_paragraph_is_in_sight_on_a_phone(self, read, path):
        page = read(path, viewport=PHONE)
        paragraph = place(page.locator(".body > p").first)
        assert paragraph["y"] + 60 < PHONE["height"]

    def test_the_header_is_one_row_whose_field_opens(self, read):
        page = read(ESSAY, viewport=PHONE)
        field = page.locator("#header-search")
        expect(field).to_be_hidden()
        expect(page.locator(".header__tagline")).to_have_count(0)
        page.get_by_role("button", name="Search").click()
        expect(field).to_be_focused()

    def test_a_slash_leads_to_the_search(self, read):
        page = read("/about/")
        page.keyboard.press("/")
        expect(page.locator("#header-search")).to_be_focused()
        page.keyboard.type("a/b")
        expect(page.locator("#header-search")).to_have_value("a/b")


class ContentsTests:
    def test_the_section_that_is_read_is_marked_in_both_directions(self, read):
        page = read(ESSAY, reduced_motion="reduce")
        headings = page.locator(".body > h2")
        expect(page.locator(MARKED)).to_have_count(0)
        last = headings.last.inner_text()
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        expect(page.locator(MARKED)).to_have_text(last)
        # Upward into the middle of the section before.
        headings.nth(2).evaluate("e => scrollTo(0, e.offsetTop - innerHeight * 0.9)")
        page.evaluate("document.querySelectorAll('.body > h2')[2].scrollIntoView({block: 'end'})")
        expect(page.locator(MARKED)).not_to_have_text(headings.nth(2).inner_text())
        expect(page.locator(MARKED)).to_have_count(1)
        weight = page.locator(MARKED).evaluate("e => getComputedStyle(e).fontWeight")
        assert int(weight) >= 700

    def test_who_arrives_in_the_middle_sees_where(self, read):
        page = read(ESSAY)
        link = page.locator(".contents a").nth(3)
        arrived = read(ESSAY + link.get_attribute("href"))
        expect(arrived.locator(MARKED)).to_have_text(link.inner_text())


class PhotoTests:
    def test_every_photo_is_enlarged_with_its_caption_and_the_page_rests(self, read):
        page = read(GALLERY)
        page.locator(".post__cover a").click()
        window = page.get_by_role("dialog")
        expect(window.locator("img").first).to_be_in_viewport()
        expect(window.locator("figcaption").first).to_be_in_viewport()
        # The next one is there before it is wanted, and those after it are not.
        assert window.locator("img[src]").count() == 2
        overflow = page.evaluate("getComputedStyle(document.documentElement).overflowY")
        assert overflow == "hidden"
        window.get_by_role("button", name="Close").click()
        expect(page.locator(".post__cover a")).to_be_focused()


class NoteTests:
    def test_a_note_stands_beside_its_number(self, read):
        page = read(ESSAY)
        number = page.locator("sup a").first
        box = place(number)
        assert min(box["width"], box["height"]) >= 24
        number.click()
        note = page.locator(".note")
        expect(note).to_be_in_viewport()
        assert "↩" not in note.inner_text()
        page.keyboard.press("Escape")
        expect(note).to_be_hidden()

    def test_without_scripts_the_number_leads_to_the_note(self, read):
        page = read(ESSAY, java_script_enabled=False)
        page.locator("sup a").first.click()
        assert page.url.endswith("#note-1")
        expect(page.locator("#note-1")).to_be_in_viewport()


class ThemeTests:
    def test_the_switch_leads_back_to_the_theme_of_the_system(self, read):
        page = read("/", color_scheme="light")
        bar = page.locator("meta[name=theme-color]").first
        switch = page.get_by_role("button", name="Dark colours")
        light = bar.get_attribute("content")
        switch.click()
        expect(bar).not_to_have_attribute("content", light)
        switch.click()
        expect(bar).to_have_attribute("content", light)
        assert page.evaluate("localStorage.getItem('theme')") is None
        page.emulate_media(color_scheme="dark")
        expect(switch).to_have_attribute("aria-pressed", "true")

    def test_the_page_of_the_menu_is_marked_where_the_reader_chooses_the_colours(self, read):
        page = read("/about/", forced_colors="active")
        here = page.locator(".header__menu [aria-current]")
        line = here.evaluate("e => getComputedStyle(e).textDecorationLine")
        assert line == "underline"


class SearchPageTests:
    def test_titles_are_larger_than_passages_and_targets_are_large(self, read):
        page = read("/search/?q=child", viewport=PHONE)
        size = "e => parseFloat(getComputedStyle(e).fontSize)"
        title = page.locator(".result__title").first.evaluate(size)
        assert title > page.locator(".result__passage").first.evaluate(size)
        expect(page.locator(".facet").first).to_be_hidden()
        page.get_by_text("Narrow the results").click()
        expect(page.locator(".facet").first).to_be_visible()
        assert page.evaluate(SMALL) == []

    def test_small_print_is_not_too_small(self, read):
        page = read(ESSAY, viewport=PHONE)
        sizes = page.evaluate(
            """[...document.querySelectorAll(".post__meta, .label, .kicker, figcaption, .share")]
                .map(e => parseFloat(getComputedStyle(e).fontSize))"""
        )
        assert min(sizes) > 14

    def test_a_printed_search_has_its_results_alone(self, read):
        page = read("/search/?q=child")
        page.emulate_media(media="print")
        expect(page.locator(".result").first).to_be_visible()
        expect(page.locator(".search__facets")).to_be_hidden()


class EndingTests:
    def test_a_part_of_a_series_leads_to_the_next_one(self, read):
        page = read("/blog/two-the-threshold/")
        page.locator(".next-reads").get_by_role("link").last.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Three: the visit")

    def test_after_the_last_word_come_two_posts_and_ways_to_follow_and_reply(self, read):
        page = read("/blog/set-the-recorder/")
        assert page.locator(".next-reads .card").count() == 2
        share = page.locator(".share")
        expect(share.get_by_role("link", name="Follow")).to_be_visible()
        expect(share.get_by_role("link", name="Reply by e-mail")).to_have_attribute(
            "href", re.compile("^mailto:letters@")
        )


class EdgeTests:
    @pytest.mark.parametrize("path", ["/favicon.ico", "/apple-touch-icon.png"])
    def test_icons_are_where_browsers_ask_for_them(self, read, path):
        page = read("/")
        answer = page.request.get(page.url + path.lstrip("/"))
        assert answer.ok
        assert answer.headers["content-type"].startswith("image/")

    def test_a_page_is_fetched_ahead_when_the_pointer_rests_on_its_link(self, read):
        page = read("/search/?q=child")
        watched = page.context.new_cdp_session(page)
        fetched = []
        watched.on(
            "Preload.prefetchStatusUpdated",
            lambda event: fetched.append(urlsplit(event["prefetchUrl"]).path),
        )
        watched.send("Preload.enable")
        # Answers of the search are left alone.
        page.get_by_role("link", name="Newest first").hover()
        page.wait_for_timeout(1000)
        title = page.locator(".result__title a").first
        title.hover()
        wanted = urlsplit(title.get_attribute("href")).path
        for _attempt in range(100):
            if fetched:
                break
            page.wait_for_timeout(100)
        assert set(fetched) == {wanted}
