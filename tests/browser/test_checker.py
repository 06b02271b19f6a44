"""What the checker tells an editor, on the page and beside the editor."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.once]

POST = """
from blog.models import BlogIndexPage, PostPage
from tests.factories import PhotoFactory
def photo(alt, decorative=False):
    image = {"image": PhotoFactory(description="").pk, "alt_text": alt, "decorative": decorative}
    return ("photo", {"image": image, "caption": ""})
post = PostPage(title="To be mended", slug="to-be-mended")
blocks = [
    photo("DSC0042"),
    photo(""),
    photo("", decorative=True),
    ("paragraph", '<p>For more, <a href="https://example.org/">click here</a>.</p>'),
    ("paragraph", "<p>NOBODY EVER LISTENS TO ALL THAT.</p>"),
    ("paragraph", "<p>" + "word " * 201 + "</p>"),
    ("heading", {"text": "Too deep", "level": "3", "anchor": ""}),
]
post.body = [{"type": name, "value": value} for name, value in blocks]
BlogIndexPage.objects.get(slug="blog").add_child(instance=post)
post.save_revision().publish()
print(post.pk)
"""
FOUND = [
    "A link does not say where it leads",
    "Paragraph in capitals",
    "Very long paragraph",
    "A heading skips a level",
    "No introduction",
    "Photo without a description",
    "Description is the name of a file",
]


@pytest.fixture(scope="module")
def post(server):
    return server.run(POST)


class CheckerTests:
    def test_an_editor_is_told_on_the_page(self, server, post, visit):
        page = visit(f"{server.address}/blog/to-be-mended/", "editor")
        page.get_by_role("button", name="View Wagtail quick actions").click()
        page.locator("#checker-trigger").click()
        for name in FOUND:
            expect(page.get_by_text(name).first).to_be_visible()
        expect(page.get_by_text("Divide it where the thought turns").first).to_be_visible()

    def test_an_editor_is_told_beside_the_editor(self, server, post, visit):
        page = visit(f"{server.address}/admin/pages/{post}/edit/", "editor")
        page.get_by_role("button", name="Toggle checks").click()
        for name in FOUND:
            expect(page.get_by_text(name).first).to_be_visible()
