"""The data classes into which archives of each format are read."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

# A raw block of a StreamField, such as {"type": "paragraph", "value": "<p>…</p>"}. In place of the
# key of a picture, a document or a page, it has an object of one of the classes below.
Block = dict[str, Any]

# The characters that XML 1.0 does not allow (section 2.2).
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class ArchiveError(Exception):
    """An archive cannot be read, and nothing is imported."""


class UnreadableError(Exception):
    """A post cannot be read because of what is on a line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class Status(StrEnum):
    """The state of a post after it is imported."""

    LIVE = "live"
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    IN_REVIEW = "in_review"
    EXPIRED = "expired"
    PRIVATE = "private"


@dataclass(frozen=True)
class Problem:
    """Something that a person should look at. `line` counts from 1; 0 means the whole file."""

    line: int
    message: str
    file: str = ""

    def __str__(self) -> str:
        line = f"line {self.line}" if self.line else ""
        place = ", ".join(filter(None, (self.file, line)))
        return f"{place}: {self.message}" if place else self.message


@dataclass(frozen=True)
class ImportedPhoto:
    """A picture. `path` is None if its file was not found."""

    name: str
    path: Path | None = None
    description: str = ""
    credit: str = ""
    source_url: str = ""


@dataclass(frozen=True)
class ImportedDocument:
    """A file to download. `path` is None if it was not found."""

    name: str
    path: Path | None = None
    title: str = ""


@dataclass(frozen=True)
class ImportedCorrection:
    """A correction of a post. `text` is rich text."""

    date: dt.date
    text: str


@dataclass(frozen=True)
class PostLink:
    """A reference to another post by its slug in the archive or in the blog."""

    slug: str


@dataclass(frozen=True)
class ImportedPost:
    """
    A post of an archive.

    `source_id` identifies it among all imported posts, and is the same each time that the archive
    is read. `published_at` and the other moments are aware. `authors` and `series` are slugs or
    names, and `tags` are names. `updated_at` and `gone` are those of `PostPage`. `line` is the
    first line of the post in its file.
    """

    source_id: str
    title: str
    slug: str
    body: tuple[Block, ...]
    published_at: dt.datetime | None = None
    introduction: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    series: str = ""
    cover: ImportedPhoto | None = None
    status: Status = Status.LIVE
    go_live_at: dt.datetime | None = None
    expire_at: dt.datetime | None = None
    password: str = ""
    updated_at: dt.datetime | None = None
    gone: bool = False
    corrections: tuple[ImportedCorrection, ...] = ()
    file: str = ""
    line: int = 0

    def digest(self) -> str:
        """Return a hash of all that is written into the blog."""
        fields = asdict(self) | {"body": list(self.body), "file": "", "line": 0}
        text = json.dumps(fields, sort_keys=True, default=_plain)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Archive:
    """
    The posts that were read from an archive.

    `undecided` are posts whose beginning or end is uncertain. They are shown and not imported, and
    `problems` say why and what to do.
    """

    posts: tuple[ImportedPost, ...] = ()
    undecided: tuple[ImportedPost, ...] = ()
    problems: tuple[Problem, ...] = field(default=())


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {"kind": type(value).__name__} | {
            name: item for name, item in vars(value).items() if name != "path"
        }
    return str(value)


def leaves(value: object) -> Iterator[object]:
    """Yield what is in nested dicts, lists and tuples, in order."""
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from leaves(item)
    else:
        yield value
