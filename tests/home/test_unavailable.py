"""The disk is full, may not be written to, or a service is away."""

import errno
import os

import pytest
from django.core.files.base import ContentFile
from django.db import InternalError, OperationalError
from django.test import Client
from psycopg import errors as postgresql

from home.page_cache import generation
from home.page_cache.files import PageFiles
from home.page_cache.generation import FileGeneration
from home.storage import MediaStorage
from tests.factories import PhotoFactory
from tests.search.conftest import search_index  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db


def refuse(error):
    def refused(*args, **kwargs):
        raise error

    return refused


def caused(error, cause):
    error.__cause__ = cause
    return error


FULL = OSError(errno.ENOSPC, "No space left on device")
AWAY = OperationalError("connection failed: Connection refused")


class ReasonTests:
    @pytest.mark.parametrize(
        ("error", "sentence"),
        [
            (FULL, "The disk of the site is full."),
            (OSError(errno.EDQUOT, "Quota exceeded"), "The disk of the site is full."),
            (OperationalError("database or disk is full"), "The disk of the site is full."),
            (
                caused(OperationalError("could not extend file"), postgresql.DiskFull()),
                "The disk of the site is full.",
            ),
            (OSError(errno.EROFS, "Read-only file system"), "may not write"),
            (OperationalError("attempt to write a readonly database"), "may not write"),
            (
                caused(InternalError("read-only"), postgresql.ReadOnlySqlTransaction()),
                "may not write",
            ),
            (AWAY, "The database does not answer."),
            (OperationalError("database is locked"), "The database is busy."),
        ],
    )
    def test_readers_and_editors_are_told_what_is_wrong(
        self, blog, editor, monkeypatch, error, sentence
    ):
        monkeypatch.setattr("blog.models.BlogIndexPage.list_posts", refuse(error))
        client = Client(raise_request_exception=False)
        response = client.get("/blog/")
        assert response.status_code == 503
        assert response["Retry-After"]
        assert sentence in response.text
        assert "Please try again" in response.text

    def test_who_writes_is_told_that_nothing_was_saved(self, write, editor, monkeypatch):
        post = write("Bread")
        monkeypatch.setattr(
            "wagtail.admin.views.pages.unpublish.UnpublishPageAction.execute", refuse(FULL)
        )
        client = Client(raise_request_exception=False)
        client.force_login(editor)
        response = client.post(f"/admin/pages/{post.pk}/unpublish/")
        assert response.status_code == 503
        assert "full. Nothing was saved" in response.text
        response = client.post(
            f"/admin/pages/{post.pk}/unpublish/", headers={"accept": "application/json"}
        )
        assert response.status_code == 503
        assert "Nothing was saved" in response.json()["error_message"]

    def test_it_says_so_without_style_sheets_too(self, blog, monkeypatch):
        monkeypatch.setattr("blog.models.BlogIndexPage.list_posts", refuse(AWAY))
        monkeypatch.setattr("home.views.loader.render_to_string", refuse(ValueError()))
        response = Client(raise_request_exception=False).get("/blog/")
        assert (response.status_code, "does not answer" in response.text) == (503, True)


class NothingHalfDoneTests:
    def test_a_file_that_was_cut_off_is_removed(self, tmp_path):
        class Cut(ContentFile):
            def chunks(self, *args):
                yield b"half"
                raise FULL

        storage = MediaStorage(location=tmp_path)
        with pytest.raises(OSError, match="No space"):
            storage.save("documents/a.txt", Cut(b""))
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    def test_unpublishing_stands_when_nothing_else_can_be_written(
        self,
        write,
        editor,
        client,
        monkeypatch,
        search_index,  # noqa: F811
    ):
        post = write("Bread")
        monkeypatch.setattr("search.engine.copy.locked", refuse(FULL))
        monkeypatch.setattr(generation.FileGeneration, "bump", refuse(FULL))
        monkeypatch.setattr("django.core.files.storage.default_storage.save", refuse(FULL))
        client.force_login(editor)
        response = client.post(f"/admin/pages/{post.pk}/unpublish/", follow=True)
        assert response.status_code == 200
        assert "unpublished" in response.text
        assert client.get(post.url).status_code == 404

    def test_nginx_finds_no_file_when_the_link_cannot_be_turned(self, tmp_path, monkeypatch):
        counter = FileGeneration(tmp_path / "generation", PageFiles(tmp_path / "pages"))
        before = counter.current()
        assert (tmp_path / "pages" / "current").is_symlink()
        with monkeypatch.context() as full:
            full.setattr("pathlib.Path.symlink_to", refuse(FULL))
            counter.begin_change()
            counter.bump()
        assert counter.current() == before + 1
        assert not (tmp_path / "pages" / "current").is_symlink()
        assert list((tmp_path / "generation.pending").iterdir()) == []
        counter.bump()
        assert os.readlink(tmp_path / "pages" / "current") == str(before + 2)

    def test_a_photo_without_room_for_its_sizes_is_shown_as_uploaded(
        self, write, client, monkeypatch
    ):
        post = write("Bread", cover=PhotoFactory())
        monkeypatch.setattr(MediaStorage, "_save", refuse(FULL))
        response = client.get(post.url)
        assert response.status_code == 200
        assert post.cover.file.url in response.text


class ReadOnlyTests:
    def test_pages_may_lie_in_memory_where_the_link_can_still_be_changed(self, tmp_path):
        (tmp_path / "memory").mkdir()
        (tmp_path / "disk").mkdir()
        (tmp_path / "disk" / "pages").symlink_to(tmp_path / "memory")
        pages = PageFiles(tmp_path / "disk" / "pages")
        counter = FileGeneration(tmp_path / "disk" / "generation", pages)
        counter.bump()
        assert os.readlink(tmp_path / "memory" / "current") == str(counter.current())

    def test_what_was_kept_is_forgotten_though_the_folder_may_only_be_read(
        self, tmp_path, monkeypatch
    ):
        counter = FileGeneration(tmp_path / "generation", PageFiles(tmp_path / "pages"))
        before = counter.current()
        opened = os.open

        def read_only(path, flags, *args, **kwargs):
            if flags & (os.O_RDWR | os.O_WRONLY | os.O_CREAT):
                raise OSError(errno.EROFS, "Read-only file system")
            return opened(path, flags, *args, **kwargs)

        for name in ("symlink_to", "unlink", "mkdir"):
            monkeypatch.setattr(f"pathlib.Path.{name}", refuse(OSError(errno.EROFS, "Read-only")))
        monkeypatch.setattr(os, "open", read_only)
        counter.bump()
        assert counter.current() == before + 1
        assert counter.files.are_outdated(counter.current())

    def test_a_number_whose_file_is_gone_is_counted_on(self, tmp_path):
        counter = FileGeneration(tmp_path / "generation")
        before = counter.current()
        counter.path.unlink()
        counter.bump()
        assert counter.current() == before + 1
