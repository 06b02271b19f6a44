"""What is suggested while somebody types: to a mouse, a keyboard and a screen reader."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.once]


@pytest.fixture
def field(demo_server, visit):
    """The search field of the search page, and the page."""
    page = visit(demo_server.address + "/search/")
    field = page.locator("main input[type=search]")
    field.focus()
    expect(field).to_have_attribute("role", "combobox")
    return page, field


class SuggestionTests:
    def test_arrows_choose_and_enter_goes_there(self, field):
        page, field = field
        expect(field).to_have_attribute("aria-expanded", "false")
        field.press_sequentially("thresh", delay=20)
        box = page.locator("main").get_by_role("listbox")
        expect(box).to_be_visible()
        expect(field).to_have_attribute("aria-expanded", "true")
        expect(field).to_have_attribute("aria-controls", box.get_attribute("id"))
        options = box.get_by_role("option")
        count = options.count()
        expect(page.locator("main [role=status]").first).to_have_text(re.compile(rf"^{count} "))
        field.press("ArrowDown")
        expect(options.first).to_have_attribute("aria-selected", "true")
        expect(field).to_have_attribute("aria-activedescendant", options.first.get_attribute("id"))
        field.press("ArrowUp")
        expect(field).not_to_have_attribute("aria-activedescendant", re.compile("."))
        field.press("ArrowUp")
        expect(options.last).to_have_attribute("aria-selected", "true")
        expect(options.last).to_have_text("All results for “thresh”")
        field.press("ArrowUp")
        wanted = urlsplit(options.nth(count - 2).get_attribute("data-url")).path
        field.press("Enter")
        page.wait_for_url(f"**{wanted}")

    def test_escape_closes_and_enter_then_searches(self, field):
        page, field = field
        field.press_sequentially("thresh", delay=20)
        box = page.locator("main").get_by_role("listbox")
        expect(box).to_be_visible()
        field.press("Escape")
        expect(box).to_be_hidden()
        expect(field).to_have_attribute("aria-expanded", "false")
        expect(field).to_have_value("thresh")
        field.press("Enter")
        page.wait_for_url("**/search/?q=thresh*")

    def test_typing_on_cancels_what_was_asked_before(self, field):
        page, field = field
        asked, cancelled = [], []
        page.on("requestfailed", lambda request: cancelled.append(request.url))

        def hold(route):
            query = parse_qs(urlsplit(route.request.url).query)["q"][0]
            asked.append(query)
            if query != "th":
                route.continue_()

        page.route("**/search/suggest/**", hold)
        with page.expect_request("**/search/suggest/?q=th"):
            field.press_sequentially("th")
        field.press_sequentially("reshold")
        expect(page.locator("main").get_by_role("option").first).to_contain_text(
            re.compile("threshold", re.IGNORECASE)
        )
        assert [url.rsplit("=")[-1] for url in cancelled] == ["th"]
        assert asked[0] == "th"
        assert asked[-1] == "threshold"
        assert len(asked) < len("threshold")

    def test_posts_tags_and_authors_are_told_apart(self, demo_server, field):
        page, field = field
        suggested = page.evaluate(
            "Promise.all(['th', 'ch', 'ma', 'an', 'ho', 'life'].map(q =>"
            " fetch('/search/suggest/?q=' + q).then(r => r.json()).then(j => j.suggestions)))"
        )
        kinds = {found["kind"] for answer in suggested for found in answer}
        assert kinds == {"post", "tag", "author", "series", "all"}
        tag = next(found for answer in suggested for found in answer if found["kind"] == "tag")
        field.fill(tag["label"])
        option = page.locator("main").get_by_role("option", name=f"{tag['label']} tag").first
        expect(option).to_be_visible()
        option.click()
        page.wait_for_url(f"**{urlsplit(tag['url']).path}")
