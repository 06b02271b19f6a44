import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# Each room may import itself and those to its right.
ROOMS = ["settings", "home", "search", "blog"]


def imported_rooms(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module]
        else:
            continue
        yield from (name.partition(".")[0] for name in names)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_those_to_its_right(room):
    allowed = ROOMS[ROOMS.index(room) :]
    files = [path for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts]
    assert files
    wrong = {
        (str(path.relative_to(ROOT)), name)
        for path in files
        for name in imported_rooms(path)
        if name in {*ROOMS, "tests"} - set(allowed)
    }
    assert not wrong
