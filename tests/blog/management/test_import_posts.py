import io
import json
import re

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
        out, _err = run(*(archive, "--blog", "blog", "--author", "ada", "--title", "24"))
        assert out.endswith("Posts: 4 created.\n")
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
        assert "Posts: 4 unchanged.\n" in run(archive, "--blog", "blog", "--title", "24")[0]

    def test_a_dry_run_shows_what_there_is_and_changes_nothing(self, run, archive):
        out, _err = run(archive, "--blog", "blog", "--title", "24", "--dry-run")
        assert re.search(r"characters +\d+ +\d+", out)
        assert "Posts that would be imported: 4. Nothing was changed." in out
        assert not PostPage.objects.exists()

    def test_what_is_held_back_is_an_error_and_the_rest_is_imported(self, run, archive):
        with pytest.raises(CommandError, match=r"1 created\. Not everything"):
            run(archive, "--blog", "blog")
        assert PostPage.objects.get().title == "The kettle, reconsidered"

    def test_the_receipt_accounts_for_every_letter(self, run, archive, tmp_path):
        path = tmp_path / "receipt.json"
        run(archive, "--blog", "blog", "--title", "24", "--report", path)
        receipt = json.loads(path.read_text())
        assert receipt["whole"]
        assert (
            receipt["totals"]["characters"]["source"] == receipt["totals"]["characters"]["written"]
        )
        assert [entry["outcome"] for entry in receipt["entries"]] == ["created"] * 4

    def test_a_blog_or_author_that_is_not_there_names_those_that_are(self, run, archive):
        AuthorFactory(slug="ada")
        with pytest.raises(CommandError, match=r"--blog diary: .*There are: blog\."):
            run(archive, "--blog", "diary")
        with pytest.raises(CommandError, match=r"--author bo: .*There are: ada\."):
            run(archive, "--blog", "blog", "--author", "bo")

    @pytest.mark.parametrize("data", [b"", b"No archive.", b"Friday, 3 May 2013\n\n\xff\n"])
    def test_a_file_that_is_no_archive_is_a_clear_error(self, run, tmp_path, data):
        path = tmp_path / "archive.txt"
        path.write_bytes(data)
        with pytest.raises(CommandError, match="Nothing was imported"):
            run(path, "--blog", "blog")
        with pytest.raises(CommandError, match=r"does not exist.* Nothing was imported"):
            run(tmp_path / "nowhere.txt", "--blog", "blog")
        assert not PostPage.objects.exists()

    def test_a_folder_of_markdown_becomes_posts(self, run, tmp_path):
        (tmp_path / "2014-10-18-tea.md").write_text("# Tea\n\nTwo cups.", encoding="utf-8")
        assert "Posts: 1 created.\n" in run(tmp_path, "--blog", "blog")[0]
        post = PostPage.objects.get()
        assert (post.title, str(post.published_on)) == ("Tea", "2014-10-18")
