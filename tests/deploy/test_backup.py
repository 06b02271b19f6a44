"""A whole site goes into an archive while it is used, and comes back as it was."""

import random
import resource
import signal
import subprocess
import sys
import tarfile
import time
import urllib.request

import pytest

from tests.browser.server import ROOT, Server, free_port
from tests.deploy.production import wait_until

BEGIN = """
import io
from PIL import Image
from django.core.files.base import ContentFile
from blog.models import BlogIndexPage, Photo, PostPage
blog = BlogIndexPage.objects.get(slug="blog")
blog.add_child(instance=PostPage(title="Kept words", body=[("paragraph", "<p>Quayside.</p>")]))
for number in range(5):
    file = io.BytesIO()
    Image.new("RGB", (40, 30), (number * 50, 0, 0)).save(file, "PNG")
    file = ContentFile(file.getvalue(), name=f"photo-{number}.png")
    Photo.objects.create(title=str(number), file=file)
"""
# One transaction makes both or neither. What is removed was there before the first backup began.
OLDER = 40
WRITE = """
import time
from django.core.files.base import ContentFile
from django.db import transaction
from wagtail.documents import get_document_model
from blog.models import Tag

@transaction.atomic
def make(number):
    document = get_document_model()(title=f"Number {{number}}")
    document.file.save(f"number-{{number}}.txt", ContentFile(b"words" * 1000))
    Tag.objects.create(name=f"Number {{number}}")

@transaction.atomic
def remove(number):
    get_document_model().objects.get(title=f"Number {{number}}").delete()
    Tag.objects.get(name=f"Number {{number}}").delete()

for number in range({older}):
    make(number)
end = time.monotonic() + {seconds}
while time.monotonic() < end:
    number += 1
    make(number)
    if number < 2 * {older}:
        remove(number - {older})
    time.sleep(0.01)
print(number)
"""
NUMBER = "from blog.models import Tag; print(Tag.objects.count())"
STATE = """
from django.core.files.storage import default_storage
from wagtail.documents import get_document_model
from blog.models import Photo, PostPage, Tag
documents = get_document_model().objects
titles = set(documents.values_list("title", flat=True))
assert titles == set(Tag.objects.filter(name__startswith="Number").values_list("name", flat=True))
names = [*documents.values_list("file", flat=True), *Photo.objects.values_list("file", flat=True)]
assert all(default_storage.size(name) for name in names), names
print(PostPage.objects.live().count(), len(titles), Photo.objects.count())
"""
CALL = """
from django.core.management import CommandError, call_command
try:
    call_command({arguments})
except CommandError as error:
    print("refused:", error)
"""


def call(site, *arguments):
    """Run a command in a process of the site that is there already; return what it prints."""
    return site.run(CALL.format(arguments=", ".join(repr(str(each)) for each in arguments)))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = Server(tmp_path_factory.mktemp("backed-up"), free_port())
    site.run(BEGIN)
    yield site
    site.shell.communicate()


@pytest.fixture(scope="module")
def archive(site, tmp_path_factory):
    """An archive of the site with one post."""
    folder = tmp_path_factory.mktemp("archive")
    assert ", verified." in call(site, "backup", folder, "--verify")
    [path] = folder.iterdir()
    return path


@pytest.fixture
def other(tmp_path):
    """Another site, with nothing in it."""
    other = Server(tmp_path / "other", free_port())
    yield other
    if other.shell:
        other.shell.communicate()


def begin(site, *arguments, **options):
    return subprocess.Popen(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=ROOT,
        env=site.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


class BackupTests:
    def test_what_is_written_meanwhile_is_there_whole_or_not_at_all(self, site, other, tmp_path):
        script = WRITE.format(older=OLDER, seconds=8)
        writer = begin(site, "shell", "-v0", "-c", script)
        wait_until(lambda: int(site.run(NUMBER)) >= OLDER)
        for _ in range(3):
            told = call(site, "backup", tmp_path / "archives", "--verify")
            assert ", verified." in told
            time.sleep(1)
        written, _ = writer.communicate()
        assert int(written) > OLDER, written
        counts = []
        for path in sorted((tmp_path / "archives").iterdir()):
            assert call(other, "restore", path, "--overwrite").startswith("Restored")
            posts, documents, photos = map(int, other.run(STATE).split())
            assert (posts, photos) == (1, 5)
            counts.append(documents)
        assert all(counts)

    def test_the_newest_stay(self, site, tmp_path):
        for _ in range(3):
            call(site, "backup", tmp_path, "--keep", 2)
            # Their names have seconds.
            time.sleep(1)
        assert len(list(tmp_path.iterdir())) == 2

    def test_one_that_is_killed_leaves_no_archive(self, site, tmp_path):
        for seconds in (1.5, 2.5):
            process = begin(site, "backup", tmp_path, "--verify")
            time.sleep(seconds)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            for path in tmp_path.glob("*.tar"):
                with tarfile.open(path) as archive:
                    archive.getmember("manifest.json")
        call(site, "backup", tmp_path)
        assert not list(tmp_path.glob("*.part"))

    def test_a_full_disk_is_told_and_leaves_nothing(self, site, tmp_path):
        process = begin(
            site,
            "backup",
            tmp_path,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
        )
        told, _ = process.communicate()
        assert process.returncode == 1
        assert "The backup could not be written" in told
        assert list(tmp_path.iterdir()) == []


class RestoreTests:
    def test_a_site_is_not_replaced_unasked(self, site, archive):
        told = call(site, "restore", archive)
        assert told == "refused: There is a site in this database: --overwrite replaces it."

    def test_readers_and_searchers_see_what_was_brought_back(self, site, archive, other):
        other.run(BEGIN.replace("Kept words", "Lost words").replace("Quayside", "Harbour"))
        other.start()

        def page(path):
            return urllib.request.urlopen(other.address + path).read().decode()

        try:
            assert "Lost words" in page("/blog/")
            assert "Lost words" in page("/search/?q=harbour")
            assert call(other, "restore", archive, "--overwrite").startswith("Restored")
            assert "Lost words" not in page("/blog/")
            assert "Kept words" in page("/blog/")
            deadline = time.monotonic() + 30
            while "Kept words" not in page("/search/?q=quayside"):
                assert time.monotonic() < deadline
                time.sleep(0.2)
            assert "Lost words" not in page("/search/?q=harbour")
        finally:
            other.stop()
            other.shell = None

    def test_what_is_damaged_is_refused_before_anything_is_written(self, archive, other, tmp_path):
        whole = archive.read_bytes()
        with tarfile.open(archive) as members:
            places = [(m.offset_data, m.size) for m in members if m.size]
        chance = random.Random(1)
        damaged = tmp_path / "damaged.tar"
        before = other.run(STATE)
        for _ in range(40):
            offset, size = chance.choice(places)
            place = offset + chance.randrange(size)
            flipped = bytes([whole[place] ^ 1 << chance.randrange(8)])
            damaged.write_bytes(whole[:place] + flipped + whole[place + 1 :])
            told = call(other, "restore", damaged, "--overwrite")
            assert told.startswith(f"refused: {damaged} "), told
        for length in (0, 100, len(whole) // 2, len(whole) - 11_000):
            damaged.write_bytes(whole[:length])
            assert f"refused: {damaged} is" in call(other, "restore", damaged, "--overwrite")
        assert other.run(STATE) == before

    def test_one_that_is_killed_leaves_the_old_or_the_new(self, site, archive, other):
        old, new = other.run(STATE), site.run(STATE)
        seen = set()
        for seconds in (2.0, 2.6, 3.2, 60):
            process = begin(other, "restore", archive, "--overwrite")
            try:
                process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.communicate()
            seen.add(other.run(STATE))
        assert seen <= {old, new}
        assert other.run(STATE) == new
