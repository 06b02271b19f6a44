"""What is written is saved or, where it cannot be, kept and offered again."""

import pytest
from playwright.sync_api import expect

from tests.browser.editor import end_of, is_save, is_unsaved, new_draft, paragraphs, saving

pytestmark = [pytest.mark.browser, pytest.mark.once]


@pytest.fixture(scope="module")
def draft(server):
    return new_draft(server, "words", "At first.")


def sign_in(page):
    page.locator("[name=username]").fill("editor")
    page.locator("[name=password]").fill("password")
    page.get_by_role("button", name="Sign in").click()


class WordsTests:
    def test_what_is_typed_during_an_autosave_is_saved_by_the_next(self, draft, visit):
        page = visit(draft, "editor")
        held = []
        page.route("**/edit/", lambda route: held.append(route), times=1)
        # As soon as it can be typed in: Wagtail looks at the form two seconds later.
        end_of(page, 0)
        with page.expect_request(lambda request: is_save(request, "early")):
            page.keyboard.type(" early")
        page.keyboard.type(" during")
        page.locator("#id_title").fill("Words during")
        with saving(page, "Words during"):
            held.pop().continue_()
        page.reload()
        expect(paragraphs(page)).to_have_text(["At first. early during"])
        expect(page.locator("#id_title")).to_have_value("Words during")

    def test_who_leaves_at_once_is_warned_and_offered_the_words(self, draft, visit):
        page = visit(draft, "editor")
        warnings = []
        page.on("dialog", lambda dialog: (warnings.append(dialog.type), dialog.accept()))
        end_of(page, 0)
        page.keyboard.type(" leaving")
        page.goto(draft)
        assert warnings == ["beforeunload"]
        expect(paragraphs(page)).not_to_contain_text("leaving")
        page.get_by_role("button", name="Restore").click()
        expect(page.get_by_text("has been updated")).to_be_visible()
        expect(paragraphs(page)).to_contain_text("leaving")
        page.reload()
        expect(paragraphs(page)).to_contain_text("leaving")
        expect(page.get_by_role("button", name="Restore")).to_have_count(0)

    def test_who_is_signed_out_signs_in_elsewhere_and_loses_nothing(self, draft, visit):
        page = visit(draft, "editor")
        page.context.clear_cookies(name="sessionid")
        end_of(page, 0)
        page.keyboard.type(" unheard")
        link = page.get_by_role("link", name="Sign in again")
        expect(page.get_by_text("You are signed out.")).to_be_visible()
        with page.context.expect_page() as opened:
            link.click()
        sign_in(opened.value)
        opened.value.wait_for_url("**/admin/")
        # Its token is another one now.
        opened.value.close()
        page.evaluate("dispatchEvent(new Event('focus'))")
        expect(page.get_by_text("You are signed out.")).to_be_hidden()
        assert not is_unsaved(page)

        # Nor does who presses "Save draft" then, and is sent to the form for signing in.
        page.context.clear_cookies(name="sessionid")
        end_of(page, 0)
        page.keyboard.type(" last")
        page.keyboard.press("Control+s")
        page.wait_for_url("**/login/**")
        sign_in(page)
        page.wait_for_url("**/edit/")
        page.get_by_role("button", name="Restore").click()
        expect(page.get_by_text("has been updated")).to_be_visible()
        expect(paragraphs(page)).to_contain_text("unheard last")

    def test_what_is_written_without_a_network_is_saved_when_it_is_back(self, draft, visit):
        page = visit(draft, "editor")
        page.context.set_offline(True)
        end_of(page, 0)
        page.keyboard.type(" offline")
        expect(page.get_by_text("What you wrote is kept in this browser")).to_be_visible()
        assert is_unsaved(page)
        page.context.set_offline(False)
        expect(page.get_by_text("What you wrote is kept in this browser")).to_be_hidden()
        page.reload()
        expect(paragraphs(page)).to_contain_text("offline")
        expect(page.get_by_role("button", name="Restore")).to_have_count(0)
