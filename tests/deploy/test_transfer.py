"""A whole site leaves as files, and is made of them again elsewhere."""

import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import tarfile

import frontmatter
import pytest

from tests import databases
from tests.browser.server import Server, free_port
from tests.deploy.test_backup import begin, call

# All addresses to which the front page, feeds and searches lead, and what they answer.
ADDRESSES = """
import hashlib, json, re
from django.test import Client
client = Client(HTTP_HOST="{host}")
waiting = ["/", "/sitemap.xml", "/robots.txt", "/llms.txt", "/blog/feed/", "/blog/feed/json/"]
waiting += ["/search/?q=" + words for words in ("care", "assessment", "night+worker", "tag:courts")]
answers = {{}}
while waiting:
    path = waiting.pop()
    if path in answers:
        continue
    answer = client.get(path)
    body = answer.getvalue()
    answers[path] = [answer.status_code, hashlib.sha256(body).hexdigest()]
    found = re.findall(rb'(?:href="|<loc>|url": ?")(?:http://{host})?(/[^"<>#?]*)', body)
    waiting += [
        each.decode() for each in found if not each.startswith((b"/static", b"/media", b"/admin"))
    ]
print(json.dumps(answers))
"""
SCHEDULE = """
from wagtail.models import Page, Revision
print(sorted(Revision.objects.filter(approved_go_live_at__isnull=False).values_list(
    "object_id", "approved_go_live_at")))
print(sorted(Page.objects.filter(expire_at__isnull=False).values_list("slug", "expire_at")))
"""
# A post of the demo is due in a few minutes: before, between or after two looks at the site.
LATER = """
import datetime as dt
from django.db.models import F
from wagtail.models import Revision
Revision.objects.filter(approved_go_live_at__isnull=False).update(
    approved_go_live_at=F("approved_go_live_at") + dt.timedelta(days=1))
"""
SECRETS = """
from django.contrib.auth import get_user_model
from wagtail.models import PageViewRestriction
PageViewRestriction.objects.filter(restriction_type="password").update(password="open sesame")
for user in get_user_model().objects.all():
    print(user.username, user.email, user.password, sep="\\n")
"""
EDIT = """
from blog.models import PostPage
post = PostPage.objects.live().first()
post.title = "Another title"
post.save_revision().publish()
print(post.slug)
"""
POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")


def content(folder):
    """Return the content of each file of an export by its name, but for hidden ones."""
    files = (path for path in folder.rglob("*") if path.is_file())
    names = {str(path.relative_to(folder)): path for path in files}
    return {name: path.read_bytes() for name, path in names.items() if not name.startswith(".")}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = Server(tmp_path_factory.mktemp("leaving"), free_port())
    # The servers of all tests have one Redis, in which photos of another may be.
    site.environment["CACHE_URL"] = "locmemcache://"
    site.load_demo(reduced=8)
    site.run(LATER)
    yield site
    site.shell.communicate()


@pytest.fixture(scope="module")
def secrets(site):
    return site.run(SECRETS).split("\n")


@pytest.fixture(scope="module")
def exported(site, secrets, tmp_path_factory):
    path = tmp_path_factory.mktemp("exported") / "site"
    told = call(site, "export_site", path, "--history")
    assert told.endswith(f"{path} has the whole site.")
    return path


@pytest.fixture
def other(site, tmp_path):
    """A new site that will have the other's address."""
    other = Server(tmp_path / "other", free_port())
    other.environment["BASE_URL"] = site.address
    other.environment["CACHE_URL"] = "locmemcache://"
    yield other
    if other.shell:
        other.shell.communicate()


@pytest.fixture(params=["the same", "SQLite"] if POSTGRES else ["the same"])
def database(request, other, tmp_path):
    if request.param == "SQLite":
        other.environment["DATABASE_URL"] = databases.copy_sqlite(tmp_path / "moved.sqlite3")
    return request.param


class RoundTripTests:
    def test_every_address_answers_as_before(self, site, exported, other, database, tmp_path):
        archive = tmp_path / "site.tar"
        call(site, "export_site", archive, "--history")
        assert "Imported." in call(other, "import_site", archive)
        script = ADDRESSES.format(host=site.address.removeprefix("http://"))
        before, after = (json.loads(each.run(script)) for each in (site, other))
        assert len(before) > 200
        assert before == after
        assert other.run(SCHEDULE) == site.run(SCHEDULE)
        call(other, "export_site", tmp_path / "again", "--history")
        assert content(tmp_path / "again") == content(exported)

    def test_a_site_with_something_in_it_is_left_alone(self, site, exported):
        told = call(site, "import_site", exported)
        assert told.startswith("refused: This site is not empty")


class ExportTests:
    def test_nothing_that_opens_a_door_leaves(self, exported, secrets):
        everything = b"\n".join(content(exported).values())
        assert len(secrets) >= 9
        for secret in (*secrets[1::3], *secrets[2::3], "open sesame"):
            assert secret.encode() not in everything

    def test_other_programs_read_what_readers_must_not_see_as_a_draft(self, exported):
        states = {}
        for path in exported.rglob("index.md"):
            post = frontmatter.load(path)
            states.setdefault(post["state"], set()).add(post["draft"])
            if post["state"] == "live" and post.content:
                assert post["title"]
                assert post["url"].startswith("/")
        assert states.pop("live") == {False}
        assert set(states) == {"draft", "scheduled", "expired", "private"}
        assert all(drafts == {True} for drafts in states.values())

    def test_photos_are_named_as_the_files_beside_them(self, exported):
        text = b"\n".join(path.read_bytes() for path in exported.rglob("index.md"))
        names = set(map(bytes.decode, re.findall(rb"\]\((/media/[^) ]+)", text)))
        assert len(names) > 5
        assert all((exported / name.lstrip("/")).is_file() for name in names)

    def test_an_edit_changes_the_files_of_its_page(self, site, exported, tmp_path):
        folder = tmp_path / "site"
        shutil.copytree(exported, folder)
        (folder / ".git").mkdir()
        (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
        call(site, "export_site", folder, "--history")
        before = content(exported)
        assert content(folder) == before
        slug = site.run(EDIT)
        call(site, "export_site", folder, "--history")
        after = content(folder)
        changed = {
            name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
        }
        assert (folder / ".git" / "HEAD").read_text() == "ref: refs/heads/main\n"
        log = {"manifest.json", "records/wagtailcore.PageLogEntry.jsonl"}
        page = {f"pages/home/blog/{slug}/{name}" for name in ("index.md", "page.json")}
        assert changed == log | page

    def test_a_folder_that_is_no_export_is_left_alone(self, site, tmp_path):
        (tmp_path / "letter.txt").write_text("Dear all")
        assert f"refused: {tmp_path} is no export" in call(site, "export_site", tmp_path)
        assert (tmp_path / "letter.txt").read_text() == "Dear all"

    def test_a_full_disk_is_told_and_leaves_what_was_there(self, site, tmp_path):
        for name in ("site", "site.tar"):
            process = begin(
                site,
                "export_site",
                tmp_path / name,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
            )
            told, _ = process.communicate()
            assert process.returncode == 1
            assert "The export could not be written" in told
            assert list(tmp_path.iterdir()) == []

    def test_one_that_is_killed_leaves_the_old_or_the_new(self, site, exported, tmp_path):
        folder = tmp_path / "site"
        shutil.copytree(exported, folder)
        call(site, "export_site", tmp_path / "new")
        states = [content(exported), content(tmp_path / "new")]
        for seconds in (2.0, 3.0):
            process = begin(site, "export_site", folder)
            try:
                process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                assert content(folder) in states
        call(site, "export_site", folder)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "site"]


class ImportTests:
    def test_what_is_damaged_is_refused_by_its_name(self, exported, other, tmp_path):
        chance = random.Random(1)
        folder = tmp_path / "damaged"
        shutil.copytree(exported, folder)
        names = sorted(content(folder))
        for name in (*chance.sample(names, 30), "manifest.json"):
            path = folder / name
            whole = path.read_bytes()
            if not whole:
                continue
            place = chance.randrange(len(whole))
            flipped = bytes([whole[place] ^ 1 << chance.randrange(8)])
            path.write_bytes(whole[:place] + flipped + whole[place + 1 :])
            told = call(other, "import_site", folder)
            assert told.startswith(f"refused: {folder} is ")
            assert name in told
            path.unlink()
            assert name in call(other, "import_site", folder)
            path.write_bytes(whole)
        assert "Imported." in call(other, "import_site", folder)

    def test_a_part_of_an_archive_is_refused(self, site, other, tmp_path):
        archive = tmp_path / "site.tar"
        call(site, "export_site", archive)
        whole = archive.read_bytes()
        for length in (0, 100, len(whole) // 2, len(whole) - 11_000):
            archive.write_bytes(whole[:length])
            assert call(other, "import_site", archive).startswith(f"refused: {archive} is ")

    def test_one_of_a_newer_daybook_is_refused(self, site, other, tmp_path):
        for change in ({"format": 2}, {"migrations": ["blog.9999_write_letters"]}):
            folder = tmp_path / "newer"
            call(site, "export_site", folder)
            path = folder / "manifest.json"
            script = (
                "import json; from pathlib import Path; from home.transfer import places\n"
                f"path = Path({str(path)!r}); manifest = json.loads(path.read_text())\n"
                f"del manifest['seal']; manifest.update({change!r})\n"
                "manifest['seal'] = places.seal_of(manifest)\n"
                "path.write_text(json.dumps(manifest))"
            )
            site.run(script)
            assert "was made by" in call(other, "import_site", folder)

    def test_an_archive_does_not_reach_out_of_its_place(self, exported, other, tmp_path):
        folder = tmp_path / "links"
        shutil.copytree(exported, folder)
        (folder / "media" / "passwd").symlink_to("/etc/passwd")
        assert "media/passwd is a link" in call(other, "import_site", folder)
        archive = tmp_path / "links.tar"
        with tarfile.open(archive, "w") as files:
            files.add(folder, arcname="")
        assert f"refused: {archive} is no export" in call(other, "import_site", archive)

    def test_one_that_is_refused_half_way_leaves_no_file(self, exported, other):
        media = other.log.parent / "media"
        last = sorted((exported / "media" / "original_images").iterdir())[-1]
        mine = media / "original_images" / last.name
        mine.parent.mkdir(parents=True)
        mine.write_bytes(b"of somebody else")
        assert f"There is another original_images/{last.name}" in call(
            other, "import_site", exported
        )
        assert [path for path in media.rglob("*") if path.is_file()] == [mine]
        assert mine.read_bytes() == b"of somebody else"

    def test_one_that_is_killed_leaves_an_empty_site_or_the_whole(self, exported, other):
        count = "from blog.models import PostPage, Photo; print(PostPage.objects.count())"
        seen = set()
        for seconds in (2.0, 2.5, 3.0, 60):
            process = begin(other, "import_site", exported)
            try:
                process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.communicate()
            seen.add(other.run(count))
        whole = other.run(count)
        assert int(whole) > 40
        assert seen <= {"0", whole}
