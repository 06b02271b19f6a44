"""What readers do in a browser, with scripts and without."""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.error import HTTPError
from urllib.parse import urljoin
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from tests.browser import extremes

pytestmark = [pytest.mark.browser, pytest.mark.once]

BACKGROUND = "getComputedStyle(document.documentElement).backgroundColor"
# One page of each kind.
KINDS = [
    "/",
    "/blog/?page=2",
    "/blog/2023/",
    "/blog/archive/",
    "/blog/tags/",
    "/blog/authors/margaret-ashdown/",
    "/blog/series/the-life-of-a-referral/",
    "/blog/blame-is-not-a-method/",
    "/blog/ask-first/",
    "/about/",
    "/search/?q=child",
    "/there-is-no-such-page/",
    "/blog/a-page-for-foster-carers/",
]
# Everything that Tab should come to, in the order of the page.
STOPS = """() => [...document.querySelectorAll(
        "a[href], button, input, select, textarea, summary, [tabindex='0']"
    )].filter(e => e.type !== "hidden" && e.tabIndex >= 0
        && e.checkVisibility({visibilityProperty: true})
        && !e.closest("dialog:not([open])")).length"""
# Where the focus is, whether it can be seen, and whether it stands in the window.
FOCUS = """() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return {
        name: element.outerHTML.slice(0, 90),
        marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        inWindow: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    };
}"""
SHIFTS = """() => new Promise(done => {
    let moved = 0;
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) moved += entry.value;
    }).observe({type: "layout-shift", buffered: true});
    setTimeout(() => done(moved), 400);
})"""
# Of the window, as `layout-shift` counts it, where 0.1 is held to be good: a line of words may be
# filled while it comes, and nothing larger may move.
STILL = 0.001
# In bytes, as they came over the wire, with their headers; the covers of next posts apart.
WEIGHT = """() => [...performance.getEntriesByType("navigation"),
    ...performance.getEntriesByType("resource")]
    .filter(e => e.initiatorType !== "img")
    .reduce((sum, e) => sum + e.transferSize, 0)"""


@pytest.fixture
def read(demo_server, visit):
    """Open a page of the demo: `read("/blog/")`."""
    return lambda path, **options: visit(demo_server.address + path, **options)


@pytest.fixture
def slowly(demo_server):
    """The address of the demo behind a line on which HTML comes in small pieces."""

    class Line(BaseHTTPRequestHandler):
        def do_GET(self):
            try:
                answer = urlopen(demo_server.address + self.path)
            except HTTPError as error:
                answer = error
            body, kind = answer.read(), answer.headers["Content-Type"]
            self.send_response(answer.status)
            self.send_header("Content-Type", kind)
            self.end_headers()
            piece = 500 if kind.startswith("text/html") else len(body)
            for start in range(0, len(body), piece):
                self.wfile.write(body[start : start + piece])
                time.sleep(0.03)

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Line) as line:
        Thread(target=line.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{line.server_port}"
        line.shutdown()


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
        expect(window.get_by_text("2 / 5")).to_be_visible()
        expect(window.locator("figcaption").nth(1)).to_be_in_viewport()
        page.keyboard.press("ArrowRight")
        expect(window.get_by_text("3 / 5")).to_be_visible()
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
        for name in (".search-form", ".theme-switch", ".share", ".neighbours", ".next-reads"):
            expect(page.locator(name).first).to_be_hidden()


class WithoutScriptTests:
    def test_all_can_be_read_and_found(self, read):
        page = read("/", java_script_enabled=False)
        expect(page.get_by_role("button", name="Dark colours")).to_be_hidden()
        page.get_by_role("link", name="Ask first").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Ask first")
        page.locator("#header-search").fill("threshold")
        page.locator("#find").get_by_role("button", name="Search").click()
        expect(page.get_by_role("link", name="Two: the threshold")).to_be_visible()


class NarrowTests:
    """A window of 320 pixels is also one of 1280 at 400 %."""

    def test_nothing_scrolls_sideways_in_either_direction_of_writing(self, read):
        page = read("/", viewport={"width": 320, "height": 256})
        strange = [path for path in extremes.PATHS.values() if "gone" not in path]
        for path in [*KINDS, *strange, "/blog/how-many-social-workers-does-a-county-need/"]:
            page.goto(urljoin(page.url, path))
            for direction in ("ltr", "rtl"):
                page.evaluate(f"document.documentElement.dir = '{direction}'")
                width = page.evaluate("document.documentElement.scrollWidth")
                assert width <= 320, f"{path}, {direction}"


class KeyboardTests:
    def test_the_skip_link_comes_first_and_leads_to_the_content(self, read):
        page = read("/blog/ask-first/")
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to the content")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport(ratio=1)
        page.keyboard.press("Enter")
        expect(page.get_by_role("main")).to_be_focused()
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")

    @pytest.mark.parametrize("path", KINDS)
    def test_all_is_come_to_seen_and_left_again(self, read, path):
        page = read(path, reduced_motion="reduce")
        stops = page.evaluate(STOPS)
        assert stops > 5
        for _stop in range(stops):
            page.keyboard.press("Tab")
            focus = page.evaluate(FOCUS)
            assert focus, "the focus left the page too early"
            assert focus["marked"], f"no focus to be seen at {focus['name']}"
            assert focus["inWindow"], f"out of the window: {focus['name']}"
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS) is None, "something is come to twice, or traps the focus"


class QuietTests:
    @pytest.mark.parametrize("width", [360, 1440])
    def test_nothing_moves_while_a_page_loads_and_is_scrolled(self, read, width):
        page = read("/", viewport={"width": width, "height": 800})
        for path in ("/", "/blog/two-the-threshold/", "/blog/the-county-leaves-home/"):
            page.goto(urljoin(page.url, path))
            for _screen in range(6):
                page.mouse.wheel(0, 700)
                page.wait_for_timeout(60)
            page.wait_for_load_state("networkidle")
            assert page.evaluate(SHIFTS) < STILL, path

    @pytest.mark.parametrize("width", [360, 1440])
    def test_what_has_come_stays_in_its_place_on_a_slow_line(self, slowly, visit, width):
        page = visit(slowly + "/about/", viewport={"width": width, "height": 2000})
        for path in ("/", "/blog/the-county-leaves-home/", "/blog/blame-is-not-a-method/"):
            page.goto(slowly + path)
            page.wait_for_load_state("networkidle")
            assert page.evaluate(SHIFTS) < STILL, path

    def test_a_post_without_photos_is_light(self, read):
        page = read("/blog/set-the-recorder/")
        page.wait_for_load_state("networkidle")
        assert page.locator(".photo, .post__cover").count() == 0
        assert 5_000 < page.evaluate(WEIGHT) < 60_000

    def test_who_wants_less_motion_has_none(self, read):
        page = read("/blog/ask-first/", reduced_motion="reduce")
        assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
        durations = """[...document.querySelectorAll("a, button")].map(
            e => getComputedStyle(e).transitionDuration)"""
        assert set(page.evaluate(durations)) == {"0s"}

    def test_controls_keep_their_edges_where_the_reader_chooses_the_colours(self, read):
        page = read("/blog/ask-first/", forced_colors="active")
        button = page.get_by_role("button", name="Copy the address")
        style = button.evaluate("e => getComputedStyle(e).borderTopStyle")
        assert style == "solid"


class CodeTests:
    def test_code_is_copied_and_says_so(self, read):
        page = read("/blog/ask-first/", permissions=["clipboard-read", "clipboard-write"])
        page.get_by_role("button", name="Copy", exact=True).click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert "curl" in page.evaluate("navigator.clipboard.readText()")
