"""What a writer does in Wagtail's editor, with autosave on."""

from playwright.sync_api import expect

BLOG = "from blog.models import BlogIndexPage; print(BlogIndexPage.objects.get().pk)"
SCRIPT = """
from blog.models import BlogIndexPage, PostPage
post = PostPage(title={title!r}, slug={slug!r}, live=False, body={body!r})
BlogIndexPage.objects.get(slug="blog").add_child(instance=post)
post.save_revision()
print(post.pk)
"""


def blog_key(server):
    """The primary key of the site's only blog."""
    return server.run(BLOG)


def new_draft(server, slug, *texts):
    """Make a draft of some paragraphs; returns the address where it is edited."""
    body = [("paragraph", f"<p>{text}</p>") for text in texts]
    script = SCRIPT.format(title=slug.capitalize(), slug=slug, body=body)
    key = server.run(script)
    return f"{server.address}/admin/pages/{key}/edit/"


def paragraphs(page):
    return page.locator("#panel-child-content-body-content .public-DraftEditor-content:visible")


def expect_paragraphs(page, *texts):
    expect(paragraphs(page)).to_have_text(list(texts))


def end_of(page, paragraph):
    """Put the cursor behind the last letter of a paragraph."""
    paragraphs(page).nth(paragraph).click()
    page.keyboard.press("Control+End")


def is_save(request, words=""):
    return (
        request.method == "POST"
        and request.url.endswith("/edit/")
        and words in (request.post_data or "")
    )


def saving(page, words):
    """Wait, at the end of the block, for the answer to an autosave that has the words."""
    return page.expect_response(lambda answer: is_save(answer.request, words) and answer.ok)


def is_unsaved(page):
    """Whether the editor would warn who leaves."""
    form = page.locator("form[data-edit-form]")
    return form.get_attribute("data-w-unsaved-has-edits-value") == "true"


def paste(page, text):
    page.evaluate(
        """text => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
        }""",
        text,
    )
