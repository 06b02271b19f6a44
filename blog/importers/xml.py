"""Reads large files of XML element by element: strictly, or after three repairs that are named."""

import codecs
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError  # nosec B405

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from .imported import ArchiveError

CHUNK = 1024 * 1024
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
PREFIX = re.compile(r"</?([A-Za-z_][\w.-]*):[A-Za-z_]|\s([A-Za-z_][\w.-]*):[\w.-]+\s*=\s*[\"']")
DECLARED = re.compile(r"xmlns:([\w.-]+)\s*=")
ROOT = re.compile(r"<(?:rss|feed|\w+:feed|rdf:RDF)\b")
NAMESPACES = {
    "wp": "http://wordpress.org/export/1.2/",
    "excerpt": "http://wordpress.org/export/1.2/excerpt/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
}
MESSAGES = {
    "prefix": "{} prefixes of names that were not declared were declared.",
    "control": "{} control characters were removed, which no XML may have.",
    "cp1252": "{} bytes were no UTF-8 and were read as Windows-1252.",
}
# The folder of repaired copies, which goes with the process.
REPAIRED = tempfile.TemporaryDirectory(prefix="import-xml-")


def elements(path: Path, names: frozenset[str], parents: frozenset[str]) -> Iterator[Element]:
    """
    Yield the elements of a file with these names, as `name_of` returns them, whole.

    What is read is forgotten: of the elements `parents`, which may be as large as the file, only
    the beginning of the tree stays in memory.
    """
    path, _messages = checked(path)
    opened: list[Element] = []
    for event, element in iterparse(path, events=("start", "end"), forbid_dtd=True):
        if event == "start":
            opened.append(element)
            continue
        opened.pop()
        parent = name_of(opened[-1]) if opened else ""
        if parent in parents:
            if name_of(element) in names:
                yield element
            opened[-1].clear()


@lru_cache(maxsize=64)
def checked(path: Path) -> tuple[Path, tuple[str, ...]]:
    """
    Return a file that can be parsed, and what was repaired in it.

    Raise ArchiveError with line and column if it cannot be parsed after that either.
    """
    try:
        _parse(path)
        return path, ()
    except (ParseError, ValueError):
        repaired, messages = _repair(path)
    try:
        _parse(repaired)
    except DefusedXmlException as error:
        raise ArchiveError(
            f"{path.name} has a document type or entities of its own, which no export needs."
        ) from error
    except (ParseError, ValueError) as error:
        line, column = getattr(error, "position", (0, 0))
        reason = str(error).partition(":")[0]
        place = f"line {line}, column {column + 1}"
        raise ArchiveError(f"{path.name} is no whole XML: {place}: {reason}.") from error
    return repaired, messages


def _parse(path: Path) -> None:
    depth = 0
    for event, element in iterparse(path, events=("start", "end"), forbid_dtd=True):
        depth += 1 if event == "start" else -1
        if event == "end" and depth <= 3:
            element.clear()


def _repair(path: Path) -> tuple[Path, tuple[str, ...]]:
    counts: Counter[str] = Counter()

    def as_windows(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        data = error.object[error.start : error.end]
        counts["cp1252"] += len(data)
        return data.decode("cp1252", errors="replace"), error.end

    codecs.register_error("daybook.windows", as_windows)
    prefixes: set[str] = set()
    with path.open(encoding="utf-8-sig", errors="daybook.windows", newline="") as file:
        tail = ""
        while chunk := file.read(CHUNK):
            found = PREFIX.findall(tail + chunk)
            prefixes.update(name for pair in found for name in pair if name)
            tail = chunk[-200:]
    counts.clear()
    target = Path(REPAIRED.name, f"{abs(hash(path))}.xml")
    with (
        path.open(encoding="utf-8-sig", errors="daybook.windows", newline="") as file,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        first = file.read(CHUNK)
        if root := ROOT.search(first):
            end = first.find(">", root.end())
            declared = set(DECLARED.findall(first[root.end() : end])) | {"xml", "xmlns"}
            missing = sorted(prefixes - declared)
            names = "".join(
                f' xmlns:{name}="{NAMESPACES.get(name, f"urn:undeclared:{name}")}"'
                for name in missing
            )
            counts["prefix"] = len(missing)
            first = first[: root.end()] + names + first[root.end() :]
        if first.startswith("<?xml"):
            first = re.sub(r"encoding=[\"'][^\"']*[\"']", 'encoding="UTF-8"', first, count=1)
        while first:
            text, removed = CONTROL.subn("", first)
            counts["control"] += removed
            out.write(text)
            first = file.read(CHUNK)
    return target, tuple(MESSAGES[kind].format(n) for kind, n in counts.items() if n)


def name_of(element: Any) -> str:
    """Return the name of an element, with `wp:`, `content:`, `excerpt:` or `dc:` before it."""
    space, _, name = element.tag.rpartition("}")
    if not space:
        return name
    for prefix, sign in (
        ("excerpt", "/excerpt"),
        ("content", "modules/content"),
        ("wp", "wordpress.org/export"),
        ("dc", "purl.org/dc"),
        ("blogger", "schemas.google.com/blogger"),
        ("thr", "syndication/thread"),
        ("app", "www.w3.org/2007/app"),
        ("app", "purl.org/atom/app"),
    ):
        if sign in space:
            return f"{prefix}:{name}"
    return name
