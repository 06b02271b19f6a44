"""What people bring may be packed, damaged, hostile, or of another kind."""

import gzip
import io
import zipfile
from zipfile import ZipFile

import pytest
import requests
from PIL import Image

from blog.importers import media
from blog.importers.imported import ArchiveError
from blog.importers.pictures import originals
from blog.models import Photo, PostPage

from .conftest import SAMPLES


def png():
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(file, "PNG")
    return file.getvalue()


class PackedTests:
    def test_an_export_may_be_a_file_a_folder_a_zip_or_a_gz(self, tmp_path, posts):
        source = SAMPLES / "takeout_feed.atom"
        (tmp_path / "feed.atom.gz").write_bytes(gzip.compress(source.read_bytes()))
        with ZipFile(tmp_path / "takeout.zip", "w") as archive:
            archive.write(source, "Takeout/Blogger/Blogs/Tidewrack/feed.atom")
            archive.writestr("Takeout/Blogger/Albums/quay.png", png())
        for path in (source, tmp_path / "feed.atom.gz", tmp_path / "takeout.zip"):
            assert "what-tide-left" in posts(path)

    @pytest.mark.parametrize("name", ["../out.md", "/etc/out.md", "a/../../out.md", "..\\out.md"])
    def test_a_name_that_leads_out_of_a_zip_is_refused(self, tmp_path, bring, name):
        with ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr(name, "# Tea")
        with pytest.raises(ArchiveError, match="leads out of"):
            bring(tmp_path / "a.zip")

    def test_a_link_in_a_zip_is_refused(self, tmp_path, bring):
        entry = zipfile.ZipInfo("a.md")
        entry.external_attr = 0o120777 << 16
        with ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr(entry, "/etc/passwd")
        with pytest.raises(ArchiveError, match="is a link"):
            bring(tmp_path / "a.zip")

    @pytest.mark.parametrize("data", [b"PK\x03\x04broken", b"\x1f\x8bbroken", b"\x00\x01", b"{}"])
    def test_a_damaged_file_and_one_of_another_kind_are_refused(self, tmp_path, bring, data):
        (tmp_path / "a.bin").write_bytes(data)
        with pytest.raises(ArchiveError):
            bring(tmp_path / "a.bin")
        assert not PostPage.objects.exists()

    def test_texts_that_nobody_here_reads_are_a_loss(self, tmp_path, bring):
        (tmp_path / "a.md").write_text("# Tea\n\nText.")
        (tmp_path / "b.rst").write_text("Tea\n===\n")
        receipt = bring(tmp_path)
        assert [problem.file for problem in receipt.refused] == ["b.rst"]
        assert not receipt.is_whole

    def test_the_template_of_a_feed_is_no_export_of_blogger(self, tmp_path, posts):
        (tmp_path / "_posts").mkdir()
        (tmp_path / "_posts" / "2014-01-05-tea.md").write_text("---\ntitle: Tea\n---\nText.")
        (tmp_path / "atom.xml").write_text("---\nlayout: null\n---\n<feed><entry/>blogger</feed>")
        assert list(posts(tmp_path)) == ["tea"]


class PictureTests:
    @pytest.fixture
    def web(self, monkeypatch):
        """The pictures of the web by their addresses, and those that were asked for."""
        pictures, asked = {}, []

        def fetch(method, url, **options):
            asked.append(url)
            if url not in pictures:
                raise requests.ConnectionError(url)
            response = requests.Response()
            response.status_code, response._content = 200, pictures[url]
            return response

        monkeypatch.setattr(media, "fetch", fetch)
        monkeypatch.setattr(media.time, "sleep", lambda seconds: None)
        return pictures, asked

    @pytest.fixture
    def library(self, tmp_path, db):
        return lambda **options: media.MediaLibrary([tmp_path], **options)

    @pytest.mark.parametrize(
        ("written", "original"),
        [
            ("https://a.example/wp-content/uploads/q-300x200.png", "wp-content/uploads/q.png"),
            ("https://i0.wp.com/a.example/wp-content/uploads/q.png?w=300", "uploads/q.png"),
            ("https://1.bp.blogspot.com/x/s320/q.png", "/x/s0/q.png"),
        ],
    )
    def test_the_original_is_preferred(self, web, library, written, original):
        pictures, _asked = web
        (best, *_rest) = originals(written)
        assert best.endswith(original)
        pictures[best] = png()
        assert library().photo(media.Picture(tuple(originals(written))))
        assert Photo.objects.get().source_url == best

    def test_each_address_is_asked_once_and_a_later_run_asks_for_what_is_missing(
        self, web, library
    ):
        pictures, asked = web
        there, gone = "https://a.example/there.png", "https://a.example/gone.png"
        pictures[there] = png()
        first = library()
        for _ in range(3):
            assert first.photo(media.Picture((there,)))
            assert first.photo(media.Picture((gone,))) is None
        assert asked == [there, gone, gone]
        pictures[gone] = png()
        asked.clear()
        second = library()
        assert second.photo(media.Picture((there,)))
        assert second.photo(media.Picture((gone,)))
        assert asked == [gone]

    def test_a_host_that_is_silent_is_not_asked_for_ever(self, web, library):
        _pictures, asked = web
        found = library()
        for number in range(30):
            found.photo(media.Picture((f"https://a.example/{number}.png",)))
        assert len(asked) == media.PATIENCE * media.TRIES

    def test_a_picture_whose_ending_lies_gets_the_right_one(self, tmp_path, library):
        (tmp_path / "a.jpg").write_bytes(png())
        assert library().photo(media.Picture(("a.jpg",)))
        assert Photo.objects.get().file.name.endswith(".png")

    def test_a_picture_within_the_text_becomes_a_photo(self, library):
        data = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
        assert library().photo(media.Picture((data,)))

    def test_no_file_outside_of_the_folders_is_taken(self, tmp_path, library):
        (tmp_path / "secret").mkdir()
        (tmp_path / "secret" / "secret.png").write_bytes(png())
        folder = tmp_path / "posts"
        folder.mkdir()
        (folder / "inside.png").write_bytes(png())
        for name, target in {
            "out.png": tmp_path / "secret" / "secret.png",
            "up": tmp_path / "secret",
            "circle.png": "circle.png",
            "in.png": "inside.png",
        }.items():
            (folder / name).symlink_to(target)
        files = media.Files([folder])
        for name, taken in {
            "out.png": False,
            "../secret/secret.png": False,
            "up/secret.png": False,
            "circle.png": False,
            "in.png": True,
            "a" * 300 + ".png": False,
            "%00.png": False,
        }.items():
            assert (files.find(name, folder) is not None) is taken, name
