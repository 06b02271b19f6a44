"""A scheduled post is edited without being taken off the schedule."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from blog.editing.moments import format_moment
from blog.models import PostPage
from tests.blog.test_editing import form
from tests.blog.test_moments import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def later():
    return timezone.now().replace(second=0, microsecond=0) + dt.timedelta(days=3)


@pytest.fixture
def edit(client, editor, write, later):
    """Send the form of a scheduled post; `edit.address` is its address."""
    client.force_login(editor)

    def edit(title, action="", autosave=False, **fields):
        data = form(title, slug="soup", go_live_at=text(later)) | fields
        data |= {f"action-{action}": "1"} if action else {}
        headers = {"Accept": "application/json"} if autosave else {}
        return client.post(edit.address, data, headers=headers)

    post = write("Soup", slug="soup", live=False, published_at=None)
    edit.address = reverse("wagtailadmin_pages:edit", args=[post.pk])
    edit("Soup", "publish")
    return edit


def planned():
    """Return the title and the moment of what is scheduled."""
    revision = PostPage.objects.get().scheduled_revision
    return revision.as_object().title, revision.approved_go_live_at


class EditingTests:
    def test_a_draft_changes_neither_the_moment_nor_what_goes_live(self, edit, later, client):
        edit("A better soup")
        assert planned() == ("Soup", later)
        assert PostPage.objects.get().get_latest_revision_as_object().title == "A better soup"
        page = client.get(edit.address).text
        assert f"“Soup” goes live on {format_moment(later)}, as it was scheduled." in page
        assert "Cancel the schedule" in page

    def test_an_autosave_does_not_overwrite_what_is_scheduled(self, edit, later):
        revision = PostPage.objects.get().scheduled_revision
        answer = edit("Soups", autosave=True, overwrite_revision_id=revision.pk).json()
        assert answer["success"]
        assert planned() == ("Soup", later)

    def test_the_button_updates_what_goes_live(self, edit, later, client):
        label = f"Update what goes live on {format_moment(later)}"
        assert label in " ".join(client.get(edit.address).text.split())
        edit("A better soup", "publish")
        assert planned() == ("A better soup", later)
        assert not PostPage.objects.get().live

    def test_a_locked_post_stays_locked(self, edit, client, administrator):
        PostPage.objects.update(locked=True, locked_by=administrator, locked_at=timezone.now())
        edit("A better soup", "publish")
        assert planned()[0] == "Soup"
