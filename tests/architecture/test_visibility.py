"""What anyone may read is spelled in blog/visibility.py; other places ask it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SPELLINGS = re.compile(
    r"\.(?:live|public|private|not_public|not_live|private_q)\(\)|\blive=|expire_at"
    r"|(?:\.|_)view_restrictions|PageViewRestriction"
)
# What is not about who may read, but about making or ending it.
ALLOWED = {
    "blog/visibility.py": "the one place",
    "blog/schedule/due.py": "unpublishes at the moment of expiry",
    "blog/schedule/publisher.py": "unpublishes at the moment of expiry",
    "blog/schedule/desk/queries.py": "shows editors what is going to expire",
    "blog/schedule/desk/rescheduling.py": "refuses to go live after the expiry",
    "blog/editing/copying.py": "keeps copies and former aliases as private",
    "blog/editing/drafts.py": "publishes the drafts below a page",
    "blog/editing/broken_links.py": "shows editors links to what is not live",
    "blog/editing/listing.py": "shows editors the state of posts",
    "blog/editing/moments.py": "reads moments of expiry that editors type",
    "blog/models/base_page.py": "names what a copy does not take over",
    "blog/redirects.py": "leads on from what was live, also for few",
    "home/transfer/markdown.py": "writes down the moment of expiry",
    "home/transfer/records.py": "takes restrictions to another site",
    "blog/importers/imported.py": "carries the moment of expiry from an archive",
    "blog/importers/front_matter.py": "reads the moment of expiry from an archive",
    "blog/importers/readers/markdown.py": "reads the moment of expiry from an archive",
    "blog/importers/writer.py": "writes drafts, moments of expiry and restrictions",
    "home/page_cache/watch.py": "hears of changed restrictions",
    "search/signals.py": "hears of changed restrictions",
}


def sources():
    for room in ("blog", "home", "search", "settings"):
        for path in (ROOT / room).rglob("*.py"):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_text()


def test_visibility_is_spelled_in_one_place():
    spelled = {
        f"{name}:{number}: {line.strip()}"
        for name, text in sources()
        if name not in ALLOWED
        for number, line in enumerate(text.splitlines(), start=1)
        if SPELLINGS.search(line) and "index.FilterField" not in line
    }
    assert not spelled


@pytest.mark.parametrize(
    "line",
    [
        "posts.live()",
        "Page.objects.filter(live=True)",
        "posts.public()",
        "Q(expire_at__gt=now)",
        "page.get_view_restrictions()",
    ],
)
def test_another_spelling_would_be_found(line):
    assert SPELLINGS.search(line)
