"""What is written is saved or, where it cannot be, kept and offered again."""

import pytest
from playwright.sync_api import expect

from tests.browser.editor import end_of, is_save, new_draft, paragraphs, saving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def draft(server):
    return new_draft(server, "words", "At first.")


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
