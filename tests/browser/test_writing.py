"""A writer's ten minutes in a real browser, with autosave on."""

import re

import pytest
from playwright.sync_api import TimeoutError, expect

from tests.browser.editor import blog_key

pytestmark = pytest.mark.browser

FACTS = """
from wagtail.contrib.redirects.models import Redirect
from blog.models import Author, PostPage
guest, _ = Author.objects.get_or_create(name="Bea Guest", slug="bea-guest")
post = PostPage.objects.filter(draft_title="Soup for everybody").first()
print(Redirect.objects.count(), [str(a) for a in post.authors] if post else "", post and post.slug)
"""
REFUSED = {
    "01.12.2026 09:00": "This is no day and time that can be read.",
    "2027-03-28 01:30": "there is no 01:30 on that day",
}


def expect_saved(page):
    expect(page.locator("#w-autosave-indicator")).to_contain_text("Saved")


def open_schedule(page):
    """Open the dialog whose button may be hidden, or not be listened to yet; returns its field."""
    field = page.locator("#id_go_live_at")
    opener = page.locator("[data-a11y-dialog-show='schedule-publishing-dialog']").first
    for _ in range(20):
        opener.dispatch_event("click")
        try:
            field.wait_for(timeout=3_000)
            return field
        except TimeoutError:
            continue
    raise AssertionError("The dialog did not open.")


class WritingTests:
    def test_a_writers_ten_minutes(self, server, visit):
        # Makes the second author as well.
        redirects = server.run(FACTS).split()[0]
        blog = blog_key(server)
        page = visit(server.address + f"/admin/pages/add/blog/postpage/{blog}/", "author")

        # The form names its writer from the start.
        authors = page.locator("#id_bylines-FORMS")
        expect(authors).to_contain_text("Ada Quill")

        # A title as it is typed, which is saved several times, each time under another address.
        page.locator("#id_title").click()
        page.keyboard.type("Soup for everybody", delay=350)
        page.wait_for_url(re.compile(r"/edit/$"))
        expect_saved(page)

        # A second author stands beside the writer, in the form and in the preview.
        page.get_by_role("button", name="Add author").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Bea Guest").check()
        with page.expect_response(re.compile(r"/edit/$")):
            dialog.get_by_role("button", name="Confirm selection").click()
        expect(authors).to_contain_text("Bea Guest")
        expect_saved(page)
        page.get_by_role("button", name="Toggle preview").click()
        preview = page.frame_locator("#w-preview-iframe")
        expect(preview.locator(".p-author")).to_have_text(["Ada Quill", "Bea Guest"])

        # A moment that is none stays as it was typed, and says why when it is saved.
        for typed, reason in REFUSED.items():
            field = open_schedule(page)
            field.fill(typed)
            field.press("Tab")
            expect(field).to_have_value(typed)
            page.get_by_role("button", name="Save schedule").press("Enter")
            expect(page.get_by_text("could not be saved due to validation errors")).to_be_visible()
            field = open_schedule(page)
            expect(field).to_have_value(typed)
            expect(page.get_by_role("dialog").get_by_text(reason)).to_be_visible()
            page.goto(page.url)

        # An editor's button says what it will do as soon as the moment is saved.
        address = page.url
        page = visit(address, "editor")
        field = open_schedule(page)
        field.press_sequentially("2040-12-01 09:00", delay=350)
        field.press("Tab")
        label = page.locator("[name=action-publish] em")
        expect(label).to_have_text("Schedule for Saturday 1 December 2040, 09:00")

        # The next page has nothing to say of all that, and nothing else was left behind.
        page.goto(server.address + "/admin/pages/")
        expect(page.locator(".messages li")).to_have_count(0)
        assert server.run(FACTS) == (f"{redirects} ['Ada Quill', 'Bea Guest'] soup-for-everybody")
