"""From an author's first word to a reader's search, in a real browser."""

import datetime as dt
import re
import time
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import TimeoutError, expect

from tests.browser.conftest import PATIENCE
from tests.browser.editor import blog_key

pytestmark = pytest.mark.browser

TITLE = "What the night rota taught us"
LONDON = ZoneInfo("Europe/London")
# The editor's clock counts in minutes; this spares the test a minute's wait.
BRING_FORWARD = f"""
import datetime as dt
from django.contrib.auth import get_user_model
from django.utils import timezone
from wagtail.models import Revision
from blog.schedule.desk.rescheduling import reschedule
revision = Revision.objects.get(object_str={TITLE!r}, approved_go_live_at__isnull=False)
moment = timezone.now() + dt.timedelta(seconds=1)
reschedule(revision.pk, moment, get_user_model().objects.get(username="editor"))
print(moment.isoformat())
"""


def places(day):
    """Where readers come upon a post: by its day, tag and words, and in the feed."""
    return [
        "/blog/",
        f"/blog/{day:%Y/%m/%d}/",
        "/blog/tags/rotas/",
        "/blog/feed/",
        "/search/?q=night+rota",
    ]


def add_block(page, label):
    page.get_by_role("button", name="Insert a block").last.click()
    page.get_by_role("option", name=label, exact=True).click()


def write(page):
    page.locator("#id_title").fill(TITLE)
    add_block(page, "Paragraph")
    page.locator("[data-streamfield-child] .public-DraftEditor-content").last.fill(
        "The night staff kept a book of every call that came after midnight."
    )
    add_block(page, "Heading")
    page.locator("input[name^=body][name$='-text']").last.fill("A book by the telephone")
    add_block(page, "Quotation")
    page.locator("[data-streamfield-child] .public-DraftEditor-content").last.fill(
        "Nobody rings at three unless they must."
    )
    page.locator("input[name^=body][name$='-source']").last.fill("A duty manager")
    tags = page.locator("#id_tags").locator("xpath=..").get_by_role("textbox")
    tags.fill("rotas")
    tags.press("Enter")


def choose(page, action):
    """
    Take an action of the editor's foot, and see that it is sent.

    What the editor saves and previews by itself puts other parts in the place of these ones, and
    a click just then is lost. Who sees that nothing happens clicks again.
    """
    button = page.get_by_role("button", name=action)
    for patience in (10_000, 20_000, PATIENCE):
        try:
            with page.expect_request(is_submission, timeout=patience):
                if not button.is_visible():
                    page.get_by_role("button", name="More actions").click()
                button.click()
            return
        except TimeoutError:
            continue
    raise AssertionError(f"The editor did not send its form: {page.locator('main').inner_text()}")


def is_submission(request):
    return request.method == "POST" and request.is_navigation_request()


def words(response):
    """What an answer says; the search marks the words that it found."""
    return re.sub(r"</?mark[^>]*>", "", response.text())


class WholeJobTests:
    def test_a_draft_becomes_a_post_that_readers_find(self, server, visit):
        reader = visit(server.address + "/")

        # An author writes and submits.
        blog = blog_key(server)
        desk = visit(server.address + f"/admin/pages/add/blog/postpage/{blog}/", "author")
        write(desk)
        expect(desk.locator("#w-autosave-indicator")).to_contain_text("Saved")
        desk.wait_for_url(re.compile(r"/edit/$"))
        desk.get_by_role("button", name="Toggle preview").click()
        preview = desk.frame_locator("#w-preview-iframe")
        expect(preview.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
        choose(desk, re.compile("Submit to"))
        desk.wait_for_url(f"**/admin/pages/{blog}/")

        # An editor sets the moment and approves.
        editor = visit(server.address + "/admin/", "editor")
        editor.get_by_role("link", name=TITLE).first.click()
        editor.get_by_role("button", name="Toggle status").click()
        editor.get_by_role("button", name=re.compile("schedule", re.IGNORECASE)).first.click()
        moment = dt.datetime.now(LONDON) + dt.timedelta(days=1)
        editor.locator("#id_go_live_at").fill(f"{moment:%Y-%m-%d %H:%M}")
        # By keyboard, as the calendar may cover the button.
        editor.get_by_role("button", name="Save schedule").press("Enter")
        expect(editor.get_by_text("Once scheduled:")).to_be_visible()
        choose(editor, re.compile("^Approve and schedule for"))
        editor.wait_for_url(f"**/admin/pages/{blog}/")

        # Readers find it nowhere before its moment …
        for place in places(moment):
            assert TITLE not in words(reader.request.get(server.address + place)), place

        # … and everywhere after it.
        told = server.run(BRING_FORWARD)
        moment = dt.datetime.fromisoformat(told).astimezone(LONDON)
        time.sleep(max(0, (moment - dt.datetime.now(LONDON)).total_seconds()) + 2)
        for place in places(moment):
            assert TITLE in words(reader.request.get(server.address + place)), place
        reader.goto(server.address + "/blog/")
        day = reader.locator(".day").filter(has_text=f"{moment:%A}, {moment.day} {moment:%B %Y}")
        day.get_by_role("link", name=TITLE).click()
        expect(reader.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
        expect(reader.get_by_text("Nobody rings at three unless they must.")).to_be_visible()
        expect(reader.get_by_role("link", name="Ada Quill").first).to_be_visible()
        reader.locator("header input[type=search]").fill("telephone")
        reader.locator("header input[type=search]").press("Enter")
        expect(reader.get_by_role("link", name=TITLE)).to_be_visible()
