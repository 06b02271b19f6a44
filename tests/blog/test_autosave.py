"""What a writer's typing leaves behind: Wagtail saves it again and again."""

import pytest
from django.apps import apps
from django.contrib.messages import get_messages
from django.urls import reverse
from wagtail.admin.views.pages.edit import EditView
from wagtail.models import PageLogEntry

from blog.models import Attempt, PostPage
from home.page_cache import watch
from search.engine.copy import Copy
from tests.blog.test_editing import form
from tests.factories import AuthorFactory

pytestmark = pytest.mark.django_db

# As many as an hour of writing may have.
TIMES = 200


def rows():
    """How many rows each table has."""
    return {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
    }


# An open page gives each block an id of its own.
BLOCK = {"body-0-id": "3f0a7d6e-52a4-4d3c-9d0e-4f1f0f7c2b11"}


class Editor:
    """An open page with autosave, as far as the server knows of it."""

    def __init__(self, client, address, **fields):
        self.client, self.address, self.known = client, address, fields

    def type(self, title, **fields):
        answer = self.client.post(
            self.address,
            form(title, slug="", **fields) | self.known | BLOCK,
            headers={"Accept": "application/json"},
        ).json()
        assert answer["success"], answer
        self.known |= {"overwrite_revision_id": answer["revision_id"]}
        self.address = reverse("wagtailadmin_pages:edit", args=[answer["pk"]])
        return answer


@pytest.fixture
def add_address(blog):
    return reverse("wagtailadmin_pages:add", args=["blog", "postpage", blog.pk])


class AutosaveTests:
    @pytest.mark.timeout(900)
    def test_it_leaves_no_row_message_rehearsal_or_redirect(
        self, author, client, add_address, monkeypatch, django_capture_on_commit_callbacks
    ):
        AuthorFactory(user=author)
        client.force_login(author)
        page = Editor(client, add_address)
        with django_capture_on_commit_callbacks(execute=True):
            page.type("A")
            page.type("A title", text='<a href="/">here</a>')
            page.type("A title of words", text='<a href="/">here</a>')
            before = rows()
            # Half of the time goes into drawing parts of the page anew.
            monkeypatch.setattr(EditView, "render_partials", lambda view: "")
            for number in range(TIMES):
                page.type(f"A title of {number} words, WHICH SHOUTS", text='<a href="/">here</a>')
        assert rows() == before
        response = client.get(page.address)
        assert not list(get_messages(response.wsgi_request))
        assert not Attempt.objects.exists()

    @pytest.mark.parametrize("live", [True, False])
    def test_readers_notice_nothing_while_somebody_writes(
        self, live, editor, client, write, monkeypatch, django_capture_on_commit_callbacks
    ):
        noticed = []
        monkeypatch.setattr(watch, "bump_on_commit", lambda *args: noticed.append("page cache"))
        monkeypatch.setattr(Copy, "changed", lambda *args: noticed.append("search"))
        client.force_login(editor)
        post = write(live=live)
        page = Editor(client, reverse("wagtailadmin_pages:edit", args=[post.pk]))
        noticed.clear()
        with django_capture_on_commit_callbacks(execute=True):
            page.type("A title")
            page.type("Another title")
        assert noticed == []

    def test_a_post_that_appears_is_noticed(self, write, monkeypatch):
        noticed = []
        monkeypatch.setattr(watch, "bump_on_commit", noticed.append)
        post = write(live=False)
        noticed.clear()
        post.save_revision().publish()
        assert noticed

    def test_one_that_a_program_takes_down_is_noticed(self, write, monkeypatch):
        post = write(first_published_at=None)
        noticed = []
        monkeypatch.setattr(watch, "bump_on_commit", noticed.append)
        post.live = False
        post.save()
        assert noticed

    def test_the_history_tells_of_the_first_and_the_last(self, editor, client, add_address):
        client.force_login(editor)
        page = Editor(client, add_address)
        for title in ("A", "A t", "A ti", "A tit", "A title"):
            page.type(title)
        entries = PageLogEntry.objects.filter(page=PostPage.objects.get(), action="wagtail.edit")
        assert entries.order_by("timestamp").last().label == "A title"
        assert entries.count() <= 2

    def test_what_is_typed_in_two_sittings_is_told_apart(self, editor, client, add_address):
        client.force_login(editor)
        Editor(client, add_address).type("A title")
        post = PostPage.objects.get()
        address = reverse("wagtailadmin_pages:edit", args=[post.pk])
        for title in ("Another", "A third"):
            Editor(client, address).type(title)
        titles = [revision.object_str for revision in post.revisions.order_by("pk")]
        assert titles == ["A title", "Another", "A third"]
        assert PageLogEntry.objects.filter(action="wagtail.edit").count() == 3
