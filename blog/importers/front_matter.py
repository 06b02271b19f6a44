"""Reads the metadata in YAML at the beginning of a Markdown file."""

import datetime as dt
import re
from typing import Any

import yaml
from frontmatter.default_handlers import YAMLHandler

from .imported import Status, UnreadableError

# The fields of a post, and their keys in the metadata of several programs. The first one is used.
KEYS = {
    "title": ("title",),
    "slug": ("slug",),
    "published_at": ("published_at", "date"),
    "introduction": ("introduction", "description", "summary", "excerpt"),
    "authors": ("authors", "author"),
    "tags": ("tags",),
    "series": ("series",),
    "cover": ("cover", "image"),
    "status": ("status",),
    "draft": ("draft",),
    "published": ("published",),
    "go_live_at": ("go_live_at",),
    "expire_at": ("expire_at",),
    "password": ("password",),
    "source_id": ("source_id",),
    "updated_at": ("updated_at", "updated", "lastmod", "last_modified_at"),
    "gone": ("gone",),
    "corrections": ("corrections",),
}


class FrontMatter:
    """The metadata of a post, and the `text` below them, which starts after `offset` lines."""

    def __init__(self, text: str, zone: dt.tzinfo) -> None:
        self.zone = zone
        self.offset = 0
        self.lines: list[str] = []
        self.values: dict[str, Any] = {}
        self.text = self._split(text)

    def _split(self, text: str) -> str:
        """Read the metadata, and return the text below them."""
        handler = YAMLHandler()
        if not handler.detect(text):
            if text.startswith("+++"):
                raise UnreadableError(
                    1, "The metadata are in TOML; write them in YAML, between lines of ---."
                )
            return text
        try:
            top, content = handler.split(text)
        except ValueError as error:
            raise UnreadableError(
                1, "The metadata do not end: a second line of --- is missing."
            ) from error
        self.lines = text[: len(text) - len(content)].split("\n")
        self.offset = len(self.lines) - 1
        try:
            # Each value is read as a string: a title may look like a number, or a date have a zone.
            metadata = handler.load(top, Loader=yaml.BaseLoader)
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            reason = getattr(error, "problem", None) or "they are no YAML"
            raise UnreadableError(
                mark.line + 1 if mark else 1,
                f"The metadata cannot be read: {reason}. A value with a colon needs quotes.",
            ) from error
        if metadata and not isinstance(metadata, dict):
            raise UnreadableError(2, "The metadata are not lines of “key: value”.")
        self.values = {str(key): value for key, value in (metadata or {}).items()}
        return content

    def unknown_keys(self) -> list[str]:
        return sorted(self.values.keys() - {key for keys in KEYS.values() for key in keys})

    def line(self, key: str) -> int:
        """Return the number of the line that has a key of the metadata."""
        lines = enumerate(self.lines, start=1)
        return next((number for number, line in lines if line.startswith(f"{key}:")), 1)

    def value(self, name: str) -> tuple[str, Any]:
        for key in KEYS[name]:
            if self.values.get(key):
                return key, self.values[key]
        return KEYS[name][0], ""

    def string(self, name: str) -> str:
        key, value = self.value(name)
        if not isinstance(value, str):
            raise UnreadableError(self.line(key), f"“{key}” should be one value.")
        return " ".join(value.split())

    def strings(self, name: str) -> tuple[str, ...]:
        key, value = self.value(name)
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) for item in values):
            raise UnreadableError(self.line(key), f"“{key}” should be a list: [one, two].")
        return tuple(dict.fromkeys(" ".join(item.split()) for item in values if item.strip()))

    def moment(self, name: str) -> dt.datetime | None:
        key, _value = self.value(name)
        value = self.string(name)
        return self.parse(self.line(key), key, value) if value else None

    def parse(self, line: int, key: str, value: str) -> dt.datetime:
        try:
            if len(value) == len("2014-10-18"):
                moment = dt.datetime.combine(dt.date.fromisoformat(value), dt.time(12))
            else:
                moment = dt.datetime.fromisoformat(re.sub(r" (?=[+-]\d\d)", "", value))
        except ValueError as error:
            raise UnreadableError(
                line, f"“{key}: {value}” is no date such as 2014-10-18 or 2014-10-18 19:20."
            ) from error
        if not 1000 <= moment.year < 3000:
            raise UnreadableError(line, f"“{key}: {value}” is not a year between 1000 and 2999.")
        return moment if moment.tzinfo else moment.replace(tzinfo=self.zone)

    def status(self) -> Status:
        key, _value = self.value("status")
        written = self.string("status").lower().replace("-", "_").replace(" ", "_")
        is_draft = self.string("draft").lower() == "true"
        is_draft = is_draft or self.string("published").lower() == "false"
        try:
            status = Status(written or (Status.DRAFT if is_draft else Status.LIVE))
        except ValueError as error:
            raise UnreadableError(
                self.line(key), f"“status: {written}” is none of {', '.join(Status)}."
            ) from error
        needed = {Status.SCHEDULED: "go_live_at", Status.EXPIRED: "expire_at"}.get(status)
        if needed and not self.string(needed):
            raise UnreadableError(self.line(key), f"A post that is {status} needs “{needed}”.")
        return status
