"""An editor's schedule in a real browser: its dialog, and moving a card by hand and by keyboard."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.browser.editor import blog_key

pytestmark = pytest.mark.browser

MAKE = """
import datetime as dt
from tests.blog.schedule.backlog import make_backlog
noon = dt.datetime.fromisoformat("{noon}")
make_backlog(2, moments=[noon, noon + dt.timedelta(hours=1)], prefix="desk")
"""


@pytest.fixture(scope="module")
def noon(server):
    """Tomorrow's, at which two posts are scheduled: “desk 1”, and “desk 2” an hour later."""
    day = dt.datetime.now(ZoneInfo("Europe/London")).date() + dt.timedelta(days=1)
    noon = dt.datetime.combine(day, dt.time(12), ZoneInfo("Europe/London"))
    server.run(MAKE.format(noon=noon.isoformat()))
    return noon


def column(page, moment):
    return page.locator(f"[data-day='{moment:%Y-%m-%d}']")


class DeskTests:
    def test_a_card_is_dragged_to_another_day(self, server, visit, noon):
        target = noon + dt.timedelta(days=2)
        page = visit(server.address + "/admin/schedule/", "editor")
        card = column(page, noon).locator(".desk-card", has_text="desk 1")
        card.drag_to(column(page, target))
        expect(page.get_by_text("“desk 1” goes live on")).to_be_visible()
        moved = column(page, target).locator(".desk-card", has_text="desk 1")
        expect(moved).to_contain_text("12:00")
        expect(column(page, noon).get_by_text("desk 1")).to_have_count(0)

    def test_a_card_is_moved_by_keyboard(self, server, visit, noon):
        target = noon + dt.timedelta(days=3)
        page = visit(server.address + "/admin/schedule/", "editor")
        card = column(page, noon).locator(".desk-card", has_text="desk 2")
        card.get_by_role("link", name="desk 2").focus()
        page.keyboard.press("Tab")
        expect(card.locator("summary")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(card.locator("[name=moment]")).to_be_focused()
        # In which order its parts are typed is for the browser's language to say.
        card.locator("[name=moment]").fill(f"{target:%Y-%m-%d}T09:30")
        page.keyboard.press("Enter")
        expect(page.get_by_text("“desk 2” goes live on")).to_be_visible()
        moved = column(page, target).locator(".desk-card", has_text="desk 2")
        expect(moved).to_contain_text("09:30")


class DialogTests:
    def test_the_dialog_says_in_which_zone_its_times_are(self, server, visit):
        blog = blog_key(server)
        page = visit(server.address + f"/admin/pages/add/blog/postpage/{blog}/", "editor")
        page.get_by_role("button", name="Toggle status").click()
        page.get_by_role("button", name=re.compile("schedule", re.IGNORECASE)).first.click()
        expect(page.get_by_role("dialog").get_by_text("Europe/London")).to_be_visible()
