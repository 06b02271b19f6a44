import pytest
from wagtail.models import Comment
from wagtail.test.utils.form_data import inline_formset

from blog.models import BlogIndexPage
from home.models import HomePage, StandardPage
from tests.blog.test_editing import form
from tests.factories import StandardPageFactory

pytestmark = pytest.mark.django_db


class CommentsPanelTests:
    """What an editor says beside a text, to whoever writes it."""

    def test_each_kind_of_page_has_it(self, administrator, client, write, home_page):
        client.force_login(administrator)
        write()
        StandardPageFactory(parent=home_page)
        for page in (
            write(),
            HomePage.objects.get(),
            BlogIndexPage.objects.get(),
            StandardPage.objects.get(),
        ):
            response = client.get(f"/admin/pages/{page.pk}/edit/")
            assert "comments" in response.context["form"].formsets
            assert 'data-side-panel="comments"' in response.content.decode()

    def test_a_comment_is_kept_with_the_draft(self, editor, client, write):
        client.force_login(editor)
        post = write()
        comment = {
            "text": "Who says so?",
            "contentpath": "title",
            "id": "",
            "position": "",
            "replies": inline_formset([]),
        }
        data = form(comments=inline_formset([comment]), slug=post.slug)
        response = client.post(f"/admin/pages/{post.pk}/edit/", data)
        assert response.status_code == 302
        assert Comment.objects.get(page=post).text == "Who says so?"
        html = client.get(f"/admin/pages/{post.pk}/edit/").content.decode()
        assert "Who says so?" in html
