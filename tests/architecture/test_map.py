"""The map of docs/architecture.md names each file of the rooms, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("blog", "search", "home", "settings")


def files():
    """Return the Python files of the rooms that say something, migrations apart."""
    return {
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts and path.read_text().strip()
    }


def mapped():
    text = (ROOT / "docs/architecture.md").read_text()
    return re.findall(r"^\| `([\w/]+\.py)` \| \S", text, re.MULTILINE)


def test_each_file_is_on_the_map_once():
    assert sorted(mapped()) == sorted(files())
