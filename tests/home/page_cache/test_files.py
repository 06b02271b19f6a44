"""What is written to files, for nginx."""

import time

import pytest
from django.conf import settings

from home.page_cache.files import HEADERS, PageFiles
from home.page_cache.key import Key
from home.page_cache.store import make_entry

pytestmark = pytest.mark.once

DATE = "Sat, 18 Oct 2014 09:00:00 GMT"


@pytest.fixture
def write(tmp_path):
    def write(kind, **others):
        """Write what has the headers of a kind and others; return its files."""
        headers = {**HEADERS[kind], **settings.PAGE_HEADERS, **others}
        entry = make_entry(1, time.time() + 60, "200 OK", list(headers.items()), b"words")
        PageFiles(tmp_path).write(Key("https", "daybook.example", "/blog/feed/", ""), entry)
        return list(tmp_path.rglob("index*"))

    return write


@pytest.mark.parametrize("kind", ["xml", "json"])
def test_the_file_of_a_feed_is_as_old_as_the_feed(kind, write):
    [file] = write(kind, **{"last-modified": DATE})
    assert (file.name, file.stat().st_mtime) == (f"index.{kind}", 1413622800)


@pytest.mark.parametrize(
    ("kind", "others"),
    [
        ("html", {"last-modified": DATE}),
        ("html", {"x-robots-tag": "noindex"}),
        ("xml", {}),
        # nginx has no times before 1970.
        ("xml", {"last-modified": "Wed, 31 Dec 1969 09:00:00 GMT"}),
    ],
)
def test_nothing_is_written_that_nginx_would_send_with_other_headers(kind, others, write):
    assert write(kind, **others) == []
