"""pyproject.toml declares each package that is imported, once and with a reason."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ["settings", "home", "search", "blog"]
OURS = {*ROOMS, "tests"}
TEXT = (ROOT / "pyproject.toml").read_text()
PROJECT = tomllib.loads(TEXT)
SITE = PROJECT["project"]["dependencies"]
TEST = PROJECT["dependency-groups"]["test"]
# A checkout of Wagtail's example site, which the benchmarks are given.
NOT_INSTALLED = {"bakerydemo"}


def name_of(requirement):
    name = re.match(r"[\w.-]+", requirement)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(folder):
    """Return the top-level packages that the modules of a folder import."""
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield node.module.partition(".")[0]


@pytest.mark.parametrize(
    ("folders", "requirements"), [(ROOMS, SITE), (["tests"], SITE + TEST)], ids=["site", "tests"]
)
def test_each_imported_package_is_declared(folders, requirements):
    declared = {name_of(requirement) for requirement in requirements}
    distributions = packages_distributions()
    packages = {package for folder in folders for package in imported(folder)}
    undeclared = {
        package
        for package in packages - OURS - NOT_INSTALLED - set(sys.stdlib_module_names)
        if not declared & {name_of(name) for name in distributions.get(package, ())}
    }
    assert not undeclared


def test_each_package_is_declared_once():
    names = [name_of(requirement) for requirement in SITE + TEST]
    assert sorted(names) == sorted(set(names))


def test_each_package_has_a_reason_above_it():
    lines = [line.strip() for line in TEXT.splitlines()]
    for requirement in SITE + TEST:
        assert lines[lines.index(f'"{requirement}",') - 1].startswith("# "), requirement
