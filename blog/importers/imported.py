"""The data classes into which archives of each format are read."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

# A raw block of a StreamField, such as {"type": "paragraph", "value": "<p>…</p>"}.
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
    """
    Something that a person should look at. `line` counts from 1; 0 means the whole file.

    `is_loss` says that a post or its words are missing for it.
    """

    line: int
    message: str
    file: str = ""
    is_loss: bool = False

    def __str__(self) -> str:
        line = f"line {self.line}" if self.line else ""
        place = ", ".join(filter(None, (self.file, line)))
        return f"{place}: {self.message}" if place else self.message


@dataclass(frozen=True)
class LeftOut:
    """Something of an archive that is no writing, such as a revision or a setting."""

    kind: str


@dataclass(frozen=True)
class Subject:
    """A tag, a category or an author of an archive, and the end of its old address."""

    name: str
    slug: str


@dataclass(frozen=True)
class Attachment:
    """
    A file of an archive's library. `id` is what posts call it, and `url` where it was.

    `parent` is the source id of the post that it was added to, and `addresses` are those of the
    page that showed it.
    """

    id: str
    url: str
    description: str = ""
    caption: str = ""
    parent: str = ""
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportedComment:
    """A reader's comment. `post` and `parent` are source ids, and `html` its text."""

    source_id: str
    post: str
    html: str
    name: str = ""
    link: str = ""
    moment: dt.datetime | None = None
    parent: str = ""
    is_public: bool = True


@dataclass(frozen=True)
class ImportedCorrection:
    """A correction of a post. `text` is HTML."""

    date: dt.date
    text: str


@dataclass(frozen=True)
class ImportedPost:
    """
    A post or a page of an archive.

    `source_id` identifies it among all that was imported, and is the same each time that the
    archive is read. `html` is its text in the dialect of its format, with the elements of our own
    that `body` describes. `notes` are footnotes: their ids and HTML. `published_at` and the other
    moments are aware. `authors` and `series` are slugs or names, and `tags` are names. `cover` is
    the address of a picture, and `cover_id` the id of an attachment. `addresses` are those at which
    the post was. `updated_at` and `gone` are those of `PostPage`. `folder` is where
    its pictures are, and `line` its first line in its file.
    """

    source_id: str
    title: str
    slug: str
    html: str = ""
    dialect: str = ""
    notes: tuple[tuple[str, str], ...] = ()
    is_page: bool = False
    published_at: dt.datetime | None = None
    introduction: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    series: str = ""
    cover: str = ""
    cover_id: str = ""
    status: Status = Status.LIVE
    go_live_at: dt.datetime | None = None
    expire_at: dt.datetime | None = None
    password: str = ""
    updated_at: dt.datetime | None = None
    gone: bool = False
    corrections: tuple[ImportedCorrection, ...] = ()
    addresses: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    folder: Path | None = None
    file: str = ""
    line: int = 0

    def digest(self) -> str:
        """Return a hash of all that is written into the blog."""
        fields = asdict(self) | {"file": "", "line": 0, "folder": ""}
        text = json.dumps(fields, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


# What a reader yields, in the order of the archive.
Item = ImportedPost | ImportedComment | Attachment | Subject | LeftOut | Problem


@dataclass(frozen=True)
class Options:
    """How an archive is read: the zone of times without one, and what a person decided."""

    zone: dt.tzinfo
    titles: tuple[int, ...] = ()
    paragraphs: tuple[int, ...] = ()
    old_site: str = ""


def merged(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return metadata with the keys in small letters, the first of equal ones."""
    found: dict[str, Any] = {}
    for key, value in metadata.items():
        found.setdefault(str(key).lower(), value)
    return found
