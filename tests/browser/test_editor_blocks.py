"""What is removed or pasted by mistake is undone, and nothing else."""

import pytest
from playwright.sync_api import expect

from tests.browser.editor import new_draft, saving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def draft(server):
    return new_draft(server, "blocks", "One.", "Two.", "Three.")


class BlockTests:
    def test_a_removed_correction_comes_back(self, draft, visit):
        page = visit(draft, "editor")
        page.locator("#id_corrections-ADD").click()
        row = page.locator("#inline_child_corrections-0")
        row.locator("[name$=date]").fill("2026-01-02")
        row.locator("[name$=date]").press("Tab")
        with saving(page, "It said seven."):
            row.locator(".public-DraftEditor-content").click()
            page.keyboard.type("It said seven.")
        expect(row.locator("[name$='-id']")).not_to_have_value("")
        with saving(page, ""):
            row.get_by_role("button", name="Delete").click()
        expect(row.locator("[name$='-id']")).to_have_value("")
        with saving(page, "It said seven."):
            page.keyboard.press("Control+z")
        page.reload()
        expect(row.locator(".public-DraftEditor-content")).to_have_text("It said seven.")
