"""What is removed or pasted by mistake is undone, and nothing else."""

import pytest
from playwright.sync_api import expect

from tests.browser.editor import end_of, expect_paragraphs, new_draft, paragraphs, paste, saving

pytestmark = [pytest.mark.browser, pytest.mark.once]

PLAIN = "The first of three.\n\nSee https://example.org/rota for more.\r\nWhere a < b and c > d."


@pytest.fixture(scope="module")
def draft(server):
    return new_draft(server, "blocks", "One.", "Two.", "Three.")


def remove(page, block):
    page.locator("[data-streamfield-action=DELETE]:visible").nth(block).click()


class BlockTests:
    def test_a_removed_block_comes_back_and_nothing_else_changes(self, draft, visit):
        page = visit(draft, "editor")
        faults = []
        page.on("pageerror", lambda fault: faults.append(fault))
        for paragraph in (0, 1):
            end_of(page, paragraph)
            page.keyboard.type(" More.")
        with saving(page, "Two. More."):
            pass
        # By the button, by keyboard where the focus was left, and from within another paragraph.
        remove(page, 1)
        expect_paragraphs(page, "One. More.", "Three.")
        with saving(page, "body-1-deleted"):
            pass
        page.get_by_role("button", name="Undo").click()
        expect_paragraphs(page, "One. More.", "Two. More.", "Three.")
        remove(page, 1)
        remove(page, 0)
        expect_paragraphs(page, "Three.")
        page.keyboard.press("Control+z")
        paragraphs(page).last.click()
        page.keyboard.press("Control+z")
        expect_paragraphs(page, "One. More.", "Two. More.", "Three.")
        # Where nothing has the focus, nothing is undone.
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("Control+z")
        expect_paragraphs(page, "One. More.", "Two. More.", "Three.")
        # A copy has no past.
        page.locator("[data-streamfield-action=DUPLICATE]:visible").first.click()
        expect_paragraphs(page, "One. More.", "One. More.", "Two. More.", "Three.")
        paragraphs(page).nth(1).click()
        page.keyboard.press("Control+z")
        with saving(page, "Copied."):
            end_of(page, 1)
            page.keyboard.type(" Copied.")
        page.reload()
        expect_paragraphs(page, "One. More.", "One. More. Copied.", "Two. More.", "Three.")
        assert faults == []

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
        page.keyboard.press("Control+z")
        # Not the answer to an autosave, as that of the removal may still be on its way.
        expect(row.locator("[name$='-id']")).not_to_have_value("")
        page.reload()
        expect(row.locator(".public-DraftEditor-content")).to_have_text("It said seven.")

    def test_a_removed_row_or_column_of_a_table_comes_back(self, server, visit):
        page = visit(new_draft(server, "tables", "One."), "editor")
        page.get_by_role("button", name="Insert a block").last.click()
        page.get_by_role("option", name="Table", exact=True).click()
        page.locator("[data-append-column]").last.click()
        page.get_by_text("Text", exact=True).locator("visible=true").first.click()
        page.get_by_title("Insert row").last.click()
        cells = page.locator("table:visible input[type=text]:visible")
        expect(cells).to_have_count(3)
        for number, words in enumerate(["Team", "North", "South"]):
            cells.nth(number).fill(words)
        for kind, words in (("row", ["Team", "South"]), ("column", [])):
            page.get_by_title(f"Delete {kind}").first.click()
            expect(cells).to_have_count(len(words))
            page.get_by_role("button", name="Undo").click()
            expect(cells).to_have_count(3)
        with saving(page, "South"):
            cells.last.press("End")
            page.keyboard.type(" and East")
        page.reload()
        expect(cells).to_have_count(3)
        values = [cells.nth(number).input_value() for number in range(3)]
        assert values == ["Team", "North", "South and East"]

    def test_plain_text_with_an_address_is_pasted_as_its_paragraphs(self, draft, visit):
        page = visit(draft, "editor")
        page.get_by_role("button", name="Insert a block").last.click()
        page.get_by_role("option", name="Paragraph", exact=True).click()
        paragraphs(page).last.click()
        page.keyboard.type("Typed. ")
        paste(page, PLAIN)
        lines = paragraphs(page).last.locator("[data-block=true]")
        pasted = [
            "Typed. The first of three.",
            "See https://example.org/rota for more.",
            "Where a < b and c > d.",
        ]
        expect(lines).to_have_text(pasted)
        page.keyboard.press("Control+z")
        expect(lines).to_have_text(["Typed."])
        with saving(page, "The first of three"):
            paste(page, PLAIN)
        page.reload()
        expect(lines).to_have_text(pasted)
        expect(lines.locator("a")).to_have_count(1)
