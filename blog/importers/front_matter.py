"""Reads the metadata at the beginning of a post: YAML, TOML, or lines of `Key: value`."""

import datetime as dt
import re
import tomllib
from email.utils import parsedate_to_datetime
from typing import Any

import yaml
from frontmatter.default_handlers import YAMLHandler

from .imported import Status, UnreadableError, merged

# The fields of a post, and their keys in the metadata of several programs. The first one is used.
KEYS = {
    "title": ("title",),
    "slug": ("slug",),
    "published_at": ("published_at", "date", "publishdate", "pubdate", "created"),
    "introduction": ("introduction", "description", "summary", "excerpt", "subtitle"),
    "authors": ("authors", "author"),
    "tags": ("tags", "tag"),
    "categories": ("categories", "category"),
    "series": ("series",),
    "cover": ("cover", "image", "featured_image", "feature_image", "thumbnail"),
    "status": ("status",),
    "draft": ("draft", "private", "hidden", "headless", "unlisted"),
    "published": ("published", "publish", "public"),
    "visibility": ("visibility",),
    "go_live_at": ("go_live_at", "publishdate"),
    "expire_at": ("expire_at", "expirydate", "unpublishdate"),
    "password": ("password",),
    "source_id": ("source_id",),
    "updated_at": ("updated_at", "updated", "lastmod", "last_modified_at", "modified"),
    "gone": ("gone",),
    "corrections": ("corrections",),
    "addresses": ("aliases", "alias", "redirect_from", "permalink", "url", "save_as"),
    "layout": ("layout", "type", "template"),
}
# What readers of metadata take for no (YAML 1.1, and Go's strconv.ParseBool).
NO = {"", "false", "no", "off", "0", "n", "f", "null", "~", "none"}
YES = {"true", "yes", "on", "1", "y", "t"}
LIVE = {"", "live", "publish", "published", "public"}
FIELD = re.compile(r"([A-Za-z][\w -]{0,40}?)\s*:[ \t]*(.*)")
DATE_FORMATS = (
    *("%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y", "%d.%m.%Y", "%Y %B %d", "%Y %b %d"),
)
NUMBERS = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?=\D|$)")
TIME = re.compile(
    r"(?P<date>.*?)[T ,]+(?P<hour>\d{1,2})[:.](?P<rest>\d\d(?::\d\d)?)(?:\.\d+)?\s*(?P<half>[ap]m)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?(?:\s*\(?[A-Z]{2,5}\)?)?",
    re.IGNORECASE,
)


def moment_of(text: str, zone: dt.tzinfo) -> dt.datetime:
    """
    Return the moment that a person or a program wrote, noon for a day alone.

    Raise ValueError if it is none, or not in a year between 1000 and 2999.
    """
    text = " ".join(text.split())
    try:
        moment = dt.datetime.fromisoformat(re.sub(r" (?=[+-]\d\d)", "", text))
        is_day = len(text) <= len("2014-10-18")
        moment = moment.replace(hour=12) if is_day else moment
    except ValueError:
        moment = _moment_in_words(text)
    if not 1000 <= moment.year < 3000:
        raise ValueError(f"{moment.year} is not a year between 1000 and 2999")
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _moment_in_words(text: str) -> dt.datetime:
    found = TIME.fullmatch(text)
    day = NUMBERS.sub(r"\1-\2-\3", (found["date"] if found else text).strip())
    day = re.sub(
        r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b[ ,.]*",
        "",
        day,
        flags=re.I,
    )
    day = (
        re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", day).replace(",", " ").replace(".", " ")
        if not NUMBERS.search(day)
        else day
    )
    day = " ".join(day.split()).strip(" .")
    for form in ("%Y-%m-%d", "%d %m %Y", *DATE_FORMATS):
        try:
            date = dt.datetime.strptime(day, form)
            break
        except ValueError:
            continue
    else:
        return parsedate_to_datetime(text)
    if not found:
        return date.replace(hour=12)
    hour = (
        int(found["hour"]) % 12 + 12 * (found["half"].lower() == "pm")
        if found["half"]
        else int(found["hour"])
    )
    zone = (found["zone"] or "").upper()
    zone = "+0000" if zone in {"Z", "UTC", "GMT"} else zone.replace(":", "")
    minutes = [int(part) for part in found["rest"].split(":")]
    date = date.replace(hour=hour, minute=minutes[0], second=(minutes[1:] or [0])[0])
    return (
        dt.datetime.strptime(f"{date:%Y-%m-%d %H:%M:%S} {zone}", "%Y-%m-%d %H:%M:%S %z")
        if zone
        else date
    )


class FrontMatter:
    """The metadata of a post, and the `text` below them, which starts after `offset` lines."""

    def __init__(self, text: str, zone: dt.tzinfo) -> None:
        self.zone = zone
        self.offset = 0
        self.lines: list[str] = []
        self.values: dict[str, Any] = {}
        self.problems: list[tuple[int, str]] = []
        self.is_fenced = True
        self.text = self._split(text)

    def _split(self, text: str) -> str:
        """Read the metadata, and return the text below them."""
        handler = YAMLHandler()
        if text.startswith("+++"):
            parts = re.split(r"^\+\+\+[ \t]*$", text, maxsplit=2, flags=re.MULTILINE)
            if len(parts) < 3:
                raise UnreadableError(
                    1, "The metadata do not end: a second line of +++ is missing."
                )
            top, content = parts[1:]
            values = self._toml(top)
        elif handler.detect(text):
            try:
                top, content = handler.split(text)
            except ValueError as error:
                raise UnreadableError(
                    1, "The metadata do not end: a second line of --- is missing."
                ) from error
            values = self._yaml(top, handler)
        else:
            self.is_fenced = False
            top, content = self._bare(text)
            values = _fields(top)
        self.lines = text[: len(text) - len(content)].split("\n")
        self.offset = len(self.lines) - 1
        self.values = merged(values)
        if isinstance(taxonomies := self.values.pop("taxonomies", None), dict):
            self.values = {**taxonomies, **self.values}
        return content

    def _bare(self, text: str) -> tuple[str, str]:
        """Split off metadata without a fence, which begin with a key that is known."""
        top, gap, content = text.lstrip("\n").partition("\n\n")
        found = FIELD.match(top)
        known = {key for keys in KEYS.values() for key in keys}
        lines = all(FIELD.match(line) or line[:1] in " \t" for line in top.split("\n"))
        if found and found[1].lower() in known and lines and (gap or "\n" in top):
            return top, content
        return "", text

    def _toml(self, top: str) -> dict[str, Any]:
        try:
            return {key: _as_text(value) for key, value in tomllib.loads(top).items()}
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"line (\d+)", str(error))
            raise UnreadableError(
                int(line[1]) if line else 1, f"The metadata are no TOML: {error}."
            ) from error

    def _yaml(self, top: str, handler: YAMLHandler) -> dict[str, Any]:
        try:
            # Each value is read as a string: a title may look like a number, or a date have a zone.
            metadata = handler.load(top, Loader=yaml.BaseLoader)
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            reason = getattr(error, "problem", None) or "it is none"
            line = mark.line + 1 if mark else 1
            self.problems.append(
                (line, f"The metadata are no YAML ({reason}); they were read line by line.")
            )
            return _fields(top)
        if metadata and not isinstance(metadata, dict):
            raise UnreadableError(2, "The metadata are not lines of “key: value”.")
        return metadata or {}

    def unknown_keys(self) -> list[str]:
        return sorted(self.values.keys() - {key for keys in KEYS.values() for key in keys})

    def line(self, key: str) -> int:
        """Return the number of the line that has a key of the metadata."""
        lines = enumerate(self.lines, start=1)
        return next((n for n, line in lines if line.lower().lstrip().startswith(key)), 1)

    def value(self, name: str) -> tuple[str, Any]:
        for key in KEYS[name]:
            if self.values.get(key):
                return key, self.values[key]
        return KEYS[name][0], ""

    def string(self, name: str) -> str:
        """Return a value as text on one line. Of a list, the first; of a mapping, its address."""
        _key, value = self.value(name)
        if isinstance(value, list):
            value = value[0] if value else ""
        if isinstance(value, dict):
            found = (value.get(key) for key in ("src", "url", "path", "image", "feature", "name"))
            value = next(filter(None, found), "")
        return " ".join(str(value).split())

    def addresses(self) -> tuple[str, ...]:
        """Return the old addresses of the post, of all keys. Those with variables are patterns."""
        found: list[str] = []
        for key in KEYS["addresses"]:
            value = self.values.get(key, "")
            found += value if isinstance(value, list) else str(value).split()
        return tuple(
            dict.fromkeys(
                a
                for a in map(str, found)
                if "/" in a and ":" not in a.partition("://")[2] + a[:2] and "{" not in a
            )
        )

    def strings(self, name: str) -> tuple[str, ...]:
        """Return a list, which may be written with commas, or as Jekyll does with spaces."""
        _key, value = self.value(name)
        if isinstance(value, dict):
            value = [value.get("name") or next(iter(value.values()), "")]
        if not isinstance(value, list):
            text = str(value)
            divides = self.is_fenced and name in {"tags", "categories"} and "," not in text
            value = (
                text.split()
                if divides
                else re.split(r"[,;\n]", text)
                if name != "addresses"
                else text.split()
            )
        names = (item.get("name", "") if isinstance(item, dict) else str(item) for item in value)
        return tuple(dict.fromkeys(" ".join(item.split()) for item in names if item.strip()))

    def moment(self, name: str) -> dt.datetime | None:
        key, _value = self.value(name)
        value = self.string(name)
        if not value:
            return None
        try:
            return moment_of(value, self.zone)
        except (ValueError, TypeError, OverflowError):
            self.problems.append(
                (self.line(key), f"“{key}: {value}” is no date such as 2014-10-18 19:20.")
            )
            return None

    def status(self) -> Status:
        """Return the state of the post. What its writer may have held back is a draft."""
        key, _value = self.value("status")
        written = self.string("status").lower().replace("-", "_").replace(" ", "_")
        published = self.string("published").lower()
        held = any(str(self.values.get(name, "")).lower() not in NO for name in KEYS["draft"])
        held |= any(
            str(self.values[name]).strip().lower() in NO
            for name in KEYS["published"]
            if name in self.values
        )
        held |= self.string("visibility").lower() not in {"", "public"}
        if published and published not in YES | NO and not held:
            # A date, as some programs keep it here.
            self.values.setdefault("date", published)
        if held or written in LIVE:
            return Status.DRAFT if held else Status.LIVE
        if written not in set(Status):
            self.problems.append(
                (self.line(key), f"“status: {written}” is not known here; the post is a draft.")
            )
            return Status.DRAFT
        status = Status(written)
        needed = {Status.SCHEDULED: "go_live_at", Status.EXPIRED: "expire_at"}.get(status)
        if needed and not self.string(needed):
            self.problems.append(
                (self.line(key), f"A post that is {status} needs “{needed}”; it is a draft.")
            )
            return Status.DRAFT
        return status


def _fields(top: str) -> dict[str, Any]:
    """Return lines of `key: value`, each with the lines below it that are indented."""
    values: dict[str, Any] = {}
    key = ""
    for line in top.split("\n"):
        found = None if line[:1] in " \t-" else FIELD.match(line)
        if found:
            key = found[1]
            value = found[2].strip()
            is_list = value.startswith("[") and value.endswith("]")
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
            values.setdefault(key, value[1:-1].replace('"', "") if is_list or quoted else value)
            if is_list:
                values[key] = [part.strip(" '") for part in values[key].split(",")]
        elif key and line.strip().startswith("- "):
            before = values[key] if isinstance(values[key], list) else []
            values[key] = [*before, line.strip()[2:].strip(" '\"")]
        elif key and line.strip() and isinstance(values[key], str):
            values[key] += f"\n{line.strip()}"
    return values


def _as_text(value: Any) -> Any:
    """Return a value of TOML as YAML's BaseLoader would: texts in lists and mappings."""
    if isinstance(value, dict):
        return {key: _as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)
