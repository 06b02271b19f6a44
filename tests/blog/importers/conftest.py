"""Archives of other platforms: samples beside this file, and the blogs they become."""

import datetime as dt
from pathlib import Path

import pytest

from blog.importers.imported import ImportedComment, ImportedPost, Options
from blog.importers.run import run
from blog.importers.sources import opened
from blog.models import PostPage

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture
def items():
    """Return what a reader finds in an archive, in its order."""

    def items(path, **options):
        with opened([path], Options(dt.UTC, **options)) as archive:
            return list(archive.items())

    return items


@pytest.fixture
def posts(items):
    """Return the posts of an archive by the ends of their addresses."""

    def posts(path, **options):
        found = items(path, **options)
        return {post.slug: post for post in found if isinstance(post, ImportedPost)}

    return posts


@pytest.fixture
def comments(items):
    def comments(path):
        return [item for item in items(path) if isinstance(item, ImportedComment)]

    return comments


@pytest.fixture
def bring(blog):
    """Import archives into the blog, without the network; returns the receipt."""

    def bring(*paths, **options):
        how = Options(dt.UTC, old_site=options.pop("old_site", ""))
        return run(paths, blog, how, fetches=False, **options)

    return bring


@pytest.fixture
def body(bring):
    """Import one post of WordPress; returns the kinds and values of its blocks, and its losses."""

    def body(path):
        receipt = bring(path)
        (entry,) = receipt.entries
        assert not entry.missing
        blocks = PostPage.objects.get().body.get_prep_value()
        return [(block["type"], block["value"]) for block in blocks], entry.losses

    return body
