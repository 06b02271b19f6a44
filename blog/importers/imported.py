"""The one shape into which every format is read. Nothing here knows of the database."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

# One block of a StreamField in its raw form: {"type": "paragraph", "value": "<p>…</p>"}. Where that
# has the key of a picture, a document or a page, this has one of the names below.
Block = dict[str, Any]

# No page, feed or database can show these (XML 1.0, section 2.2).
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class ArchiveError(Exception):
    """What was given is no archive that can be read; nothing of it is imported."""


class Status(StrEnum):
    """What becomes of a post when it is written into a blog."""

    LIVE = "live"
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    IN_REVIEW = "in_review"
    EXPIRED = "expired"
    PRIVATE = "private"


@dataclass(frozen=True)
class Problem:
    """What a person should look at; `line` counts from 1, and is 0 for a file as a whole."""

    line: int
    message: str
    file: str = ""

    def __str__(self) -> str:
        line = f"line {self.line}" if self.line else ""
        return ": ".join(
            [*filter(None, (", ".join(filter(None, (self.file, line))),)), self.message]
        )


@dataclass(frozen=True)
class ImportedPhoto:
    """A picture: `path` is where it lies here, empty when it was named and not found."""

    name: str
    path: Path | None = None
    description: str = ""
    credit: str = ""
    source_url: str = ""


@dataclass(frozen=True)
class ImportedDocument:
    """A file to download: `path` is where it lies here, None when it was named and not found."""

    name: str
    path: Path | None = None
    title: str = ""


@dataclass(frozen=True)
class ImportedCorrection:
    """What was wrong with a post, and since when it says so; `text` is rich text."""

    date: dt.date
    text: str


@dataclass(frozen=True)
class PostLink:
    """Another post, by the slug that it has in the archive or in the blog."""

    slug: str


@dataclass(frozen=True)
class ImportedPost:
    """
    A post as its archive has it.

    `source_id` names it among all posts that were ever imported, and is the same on every reading.
    `published_at` and the other moments are aware. `authors` and `series` are slugs or names,
    `tags` are names. `updated_at` is the last change that matters to readers, and a post that is
    `gone` says so when it is taken down. `line` is where it begins in its file.
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
        """A fingerprint of all that is written into the blog, and not of where it was read."""
        fields = asdict(self) | {"body": list(self.body), "file": "", "line": 0}
        text = json.dumps(fields, sort_keys=True, default=_plain)
        return hashlib.sha256(text.encode()).hexdigest()

    def references(self) -> Iterator[ImportedPhoto | ImportedDocument | PostLink]:
        """What the post names and does not contain, in the order in which it does."""
        if self.cover:
            yield self.cover
        yield from _references(self.body)


@dataclass(frozen=True)
class Archive:
    """
    What a reader found.

    `posts` are certain. `undecided` are what the reader would make where it is not certain; they
    are shown and not imported, and `problems` say why and how to settle it.
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


def _references(value: object) -> Iterator[ImportedPhoto | ImportedDocument | PostLink]:
    if isinstance(value, ImportedPhoto | ImportedDocument | PostLink):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _references(item)
