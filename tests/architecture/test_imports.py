import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# Each room may import itself and those to its right.
ROOMS = ["settings", "home", "search", "blog"]


def name_of(path):
    """Return the dotted name of a module: `blog/outgoing/feeds.py` is `blog.outgoing.feeds`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {
    name_of(path): path
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
    if "migrations" not in path.parts
}


def imports(node, module):
    """Yield what an import statement of a module names: a module where it is one, or its parent."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    base = ".".join([*above, *([node.module] if node.module else [])])
    for alias in node.names:
        below = f"{base}.{alias.name}"
        yield below if below in MODULES else base


def statements(tree):
    return (node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))


def graph():
    """Each module of ours → the modules of ours that it imports."""
    return {
        module: {
            name
            for node in statements(ast.parse(path.read_text()))
            for name in imports(node, module)
            if name in MODULES and name != module
        }
        for module, path in MODULES.items()
    }


def circle(edges):
    """Return the modules of a circle, each importing the next; an empty list without one."""
    done = set()

    def walk(module, way):
        if module in way:
            return [*way[way.index(module) :], module]
        if module in done:
            return []
        for name in sorted(edges[module]):
            if found := walk(name, [*way, module]):
                return found
        done.add(module)
        return []

    return next((found for module in edges if (found := walk(module, []))), [])


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_those_to_its_right(room):
    allowed = ROOMS[ROOMS.index(room) :]
    modules = [module for module in MODULES if module.partition(".")[0] == room]
    assert modules
    wrong = {
        (module, name)
        for module in modules
        for node in statements(ast.parse(MODULES[module].read_text()))
        for name in imports(node, module)
        if name.partition(".")[0] in {*ROOMS, "tests"} - set(allowed)
    }
    assert not wrong


def test_no_modules_import_each_other_in_a_circle():
    assert circle(graph()) == []


def test_a_circle_would_be_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]


def test_nothing_is_imported_inside_a_function():
    inside = {
        (module, function.name)
        for module, path in MODULES.items()
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef)
        # Models are there to be imported only once all applications are ready.
        and not (module.endswith(".apps") and function.name == "ready")
        and any(statements(function))
    }
    assert not inside
