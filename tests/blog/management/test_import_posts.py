import io

import pytest
from django.core.management import CommandError, call_command

from blog.models import PostPage
from tests.blog.importers.test_plain_text import ARCHIVE
from tests.factories import AuthorFactory


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "archive.txt"
    path.write_text(ARCHIVE, encoding="utf-8")
    return path


@pytest.fixture
def run(blog):
    """Run the command; returns what it printed, on standard output and on standard error."""

    def run(*arguments):
        out, err = io.StringIO(), io.StringIO()
        call_command("import_posts", *map(str, arguments), stdout=out, stderr=err, no_color=True)
        return out.getvalue(), err.getvalue()

    return run


class ImportPostsTests:
    def test_an_archive_of_plain_text_becomes_posts_under_their_days(self, run, archive, client):
        author = AuthorFactory(slug="ada")
        out, _err = run(
            *("plain_text", archive, "--blog", "blog", "--author", "ada", "--title", "24")
        )
        assert out == "Posts: 4 created.\n"
        page = client.get("/blog/").content.decode()
        places = [
            page.index(text)
            for text in (
                'datetime="2013-05-05"',
                "The kettle, reconsidered",
                'datetime="2013-05-03"',
                "A week&#39;s wait … ?",
                "Signs of a thaw in the north?",
                "You can’t plan for ducks…",
            )
        ]
        assert places == sorted(places)
        assert PostPage.objects.by(author).count() == 4
        assert run("plain_text", archive, "--blog", "blog", "--title", "24")[0] == (
            "Posts: 4 unchanged.\n"
        )

    def test_a_dry_run_shows_the_posts_and_problems_and_changes_nothing(self, run, archive):
        out, err = run("plain_text", archive, "--blog", "blog", "--dry-run")
        assert out == (
            "Sunday, 5 May 2013\n"
            "  The kettle, reconsidered (2 paragraphs, 31 words)\n"
            "Friday, 3 May 2013\n"
            "? A week's wait … ? (2 paragraphs, 12 words)\n"
            "? Signs of a thaw in the north? (4 paragraphs, 39 words)\n"
            "1 post would be imported, and 2 marked ? would not; 1 problem. Nothing was changed.\n"
        )
        assert err.startswith("line 24: “You can’t plan for ducks…” may be the title")
        assert not PostPage.objects.exists()

    def test_what_is_held_back_is_an_error_and_the_rest_is_imported(self, run, archive):
        with pytest.raises(CommandError, match="1 created, 2 held back"):
            run("plain_text", archive, "--blog", "blog")
        assert PostPage.objects.get().title == "The kettle, reconsidered"

    def test_a_blog_or_author_that_is_not_there_names_those_that_are(self, run, archive):
        AuthorFactory(slug="ada")
        with pytest.raises(CommandError, match=r"--blog diary: .*There are: blog\."):
            run("plain_text", archive, "--blog", "diary")
        with pytest.raises(CommandError, match=r"--author bo: .*There are: ada\."):
            run("plain_text", archive, "--blog", "blog", "--author", "bo")

    @pytest.mark.parametrize("data", [b"", b"No archive.", b"Friday, 3 May 2013\n\n\xff\n"])
    def test_a_file_that_is_no_archive_is_a_clear_error(self, run, tmp_path, data):
        path = tmp_path / "archive.txt"
        path.write_bytes(data)
        with pytest.raises(CommandError, match=r"archive\.txt: The file is .*Nothing was imported"):
            run("plain_text", path, "--blog", "blog")
        with pytest.raises(CommandError, match="Nothing was imported"):
            run("plain_text", tmp_path / "nowhere.txt", "--blog", "blog")
        assert not PostPage.objects.exists()

    def test_a_folder_of_markdown_becomes_posts(self, run, tmp_path):
        (tmp_path / "2014-10-18-tea.md").write_text("# Tea\n\nTwo cups.", encoding="utf-8")
        assert run("markdown", tmp_path, "--blog", "blog")[0] == "Posts: 1 created.\n"
        post = PostPage.objects.get()
        assert (post.title, str(post.published_on)) == ("Tea", "2014-10-18")

    def test_a_post_that_cannot_be_written_is_an_error_that_names_its_file(self, run, tmp_path):
        (tmp_path / "tea.md").write_text("# Tea\n\n![Cup](cup.png)", encoding="utf-8")
        with pytest.raises(CommandError, match="1 failed"):
            run("markdown", tmp_path, "--blog", "blog")
        assert not PostPage.objects.exists()
