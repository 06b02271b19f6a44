"""An administrator imports a blog in the admin, and reads its receipt."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from blog.importers import views
from blog.models import ArchivedComment, ArchiveImport, PostPage
from tests.factories import UserFactory

from .conftest import SAMPLES

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_once(monkeypatch, tmp_path, settings):
    """Import within the request, and keep uploads in a folder of the test."""
    settings.DATA_DIR = tmp_path
    start = lambda record: call_command("import_posts", record=record.pk)  # noqa: E731
    monkeypatch.setattr(views, "start", start)


@pytest.fixture
def administrator(client):
    user = UserFactory(roles=["Administrators"])
    client.force_login(user)
    return user


def upload(client, blog, data):
    file = SimpleUploadedFile("old.xml", data)
    return client.post("/admin/import/", {"file": file, "blog": blog.pk}, follow=True)


@pytest.mark.usefixtures("at_once", "administrator")
class ImportTests:
    def test_it_is_tried_first_and_imported_on_a_second_word(self, client, blog):
        page = upload(client, blog, (SAMPLES / "blogger_classic.xml").read_bytes())
        text = page.content.decode()
        assert "Every word is accounted for." in text
        assert "Nothing was changed." in text
        assert not PostPage.objects.exists()
        page = client.post(page.redirect_chain[0][0], follow=True)
        text = page.content.decode()
        assert "This was a trial" not in text
        post = PostPage.objects.get(slug="what-tide-left")
        assert f"/admin/pages/{post.pk}/edit/" in text
        assert not ArchiveImport.objects.get().file

    def test_a_file_of_another_kind_says_why(self, client, blog):
        page = upload(client, blog, b"<html>")
        assert "is no archive that can be read" in page.content.decode()

    def test_one_that_was_killed_can_go_on(self, client, blog):
        data = (SAMPLES / "takeout_feed.atom").read_bytes()
        record = ArchiveImport(blog=blog, is_trial=False)
        record.file.save("feed.atom", ContentFile(data))
        ArchiveImport.objects.update(seen_at="2020-01-01T00:00:00Z")
        address = f"/admin/import/{record.pk}/"
        assert "stopped in its middle" in client.get(address).content.decode()
        client.post(address)
        assert PostPage.objects.count() == 2

    def test_one_that_runs_is_followed(self, client, blog):
        record = ArchiveImport.objects.create(blog=blog, file="x.xml", done=3, total=9)
        page = client.get(f"/admin/import/{record.pk}/")
        assert page["Refresh"] == "3"
        assert "3 of 9 posts" in page.content.decode()

    def test_a_comment_can_be_erased(self, client, blog):
        upload(client, blog, (SAMPLES / "blogger_classic.xml").read_bytes())
        client.post(f"/admin/import/{ArchiveImport.objects.get().pk}/")
        comment = ArchivedComment.objects.first()
        client.post(f"/admin/snippets/blog/archivedcomment/delete/{comment.pk}/")
        comment.refresh_from_db()
        assert (comment.erased, comment.text) == (True, "")


@pytest.mark.parametrize("role", ["Authors", "Editors"])
def test_nobody_else_may(client, role, blog):
    client.force_login(UserFactory(roles=[role]))
    assert client.get("/admin/import/")["Location"] == "/admin/"
    assert "/admin/import/" not in client.get("/admin/").content.decode()
