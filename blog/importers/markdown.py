"""Reads posts in Markdown, one a file, with their metadata in YAML on top; see docs/markdown.md."""

import contextlib
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup
from django.utils.text import slugify
from frontmatter.default_handlers import YAMLHandler
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.footnote import footnote_plugin

from blog import slugs

from . import body
from .imported import (
    CONTROL_CHARACTERS,
    Archive,
    ArchiveError,
    Block,
    ImportedCorrection,
    ImportedDocument,
    ImportedPhoto,
    ImportedPost,
    PostLink,
    Problem,
    Status,
)

SUFFIXES = {".md", ".markdown"}
DATED_NAME = re.compile(r"(?P<date>[12]\d{3}-\d\d-\d\d)-(?P<slug>.+)")
FENCE = re.compile(r"(?P<name>[\w-]+)\s*(?P<rest>.*)", re.DOTALL)
PAIR = re.compile(
    r"""\s*(?P<key>[\w-]+)=(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>\S+))"""
)
CAPTION = re.compile(r"Table:\s*(?P<caption>.+)", re.DOTALL)
CALLOUTS = {"note", "key", "warning"}

# A field → the keys under which programs keep it, the first one that is there is taken.
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


class UnreadableError(Exception):
    """A post cannot be made; says why, and on which line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass
class Text:
    """The blocks of a text, and its first heading where that is the title."""

    blocks: list[Block] = field(default_factory=list)
    title: str = ""


def read(folder: Path, zone: dt.tzinfo, *, folders: Sequence[Path] = ()) -> Archive:
    """
    The posts of a folder's Markdown files, by file name.

    `zone` is that of times which name none; pictures and documents are looked for beside a post and
    in `folders`. Raises ArchiveError if there is no such folder or nothing in it.
    """
    if not folder.is_dir():
        raise ArchiveError(f"{folder} is no folder.")
    named = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    files = sorted(path for path in named if not path.is_dir())
    if not files:
        raise ArchiveError(f"{folder} has no file that ends in .md or .markdown.")
    posts: dict[str, ImportedPost] = {}
    problems: list[Problem] = []
    for path in files:
        name = str(path.relative_to(folder))
        try:
            if not (within(folder, path) and path.is_file()):
                problems.append(Problem(0, "No file of this folder; not imported.", name))
                continue
            text = path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            problems.append(Problem(0, f"{error.strerror}; not imported.", name))
            continue
        except UnicodeDecodeError as error:
            problems.append(Problem(0, f"Not UTF-8 at byte {error.start}; not imported.", name))
            continue
        post, found = read_post(text, zone, file=name, folders=[path.parent, *folders])
        problems += found
        if post and post.source_id in posts:
            other = posts[post.source_id].file
            problems.append(Problem(1, f"{other} has the same slug; not imported.", name))
        elif post:
            posts[post.source_id] = post
    return Archive(tuple(posts.values()), (), tuple(problems))


def within(folder: Path, path: Path) -> bool:
    """Whether a path leads to a place in the folder, also when it is a symbolic link."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):
        # Links that lead in a circle, and names that no file can have.
        return False


def read_post(
    text: str, zone: dt.tzinfo, *, file: str = "", folders: Sequence[Path] = ()
) -> tuple[ImportedPost | None, list[Problem]]:
    """
    The post of one file's text, and what a person should look at.

    Without a post, a problem says why. `file` is the file's name, of which the slug and the date
    are made when the metadata have none.
    """
    reader = _Reader(zone, file, folders)
    try:
        return reader.post(text), reader.problems
    except UnreadableError as error:
        return None, [*reader.problems, Problem(error.line, f"{error} Not imported.", file)]


class _Reader:
    def __init__(self, zone: dt.tzinfo, file: str, folders: Sequence[Path]) -> None:
        self.zone = zone
        self.file = file
        self.folders = folders
        self.problems: list[Problem] = []
        # The lines of the file above its text.
        self.offset = 0
        self.metadata: dict[str, Any] = {}
        self.markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
        self.markdown.use(container_plugin, "fence", validate=lambda *_: True)
        # In the text of a post a note is named as here, whatever it was called in the file.
        self.markdown.use(footnote_plugin)
        self.markdown.add_render_rule(
            "footnote_ref", lambda _self, tokens, index, *_: f"[^{tokens[index].meta['id'] + 1}]"
        )
        self.markdown.add_render_rule("footnote_anchor", lambda *_: "")

    def report(self, line: int, message: str) -> None:
        self.problems.append(Problem(line, message, self.file))

    def post(self, text: str) -> ImportedPost:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if found := CONTROL_CHARACTERS.search(text):
            line = text.count("\n", 0, found.start()) + 1
            raise UnreadableError(line, f"No page can show the character U+{ord(found[0]):04X}.")
        content = self._split(text)
        written = self._read_text(content)
        name = Path(self.file).stem
        dated = DATED_NAME.fullmatch(name)
        title = self._string("title") or written.title
        if not title:
            raise UnreadableError(
                1, "There is no title, neither among the metadata nor as a “# Heading”."
            )
        slug = slugify(
            self._string("slug") or (dated["slug"] if dated else name), allow_unicode=True
        )
        slug = slug or slugs.slug_from(title, "post")
        published_at = self._moment("published_at")
        if published_at is None and dated:
            published_at = self._parse(1, "date", dated["date"])
        status = self._status()
        cover = self._string("cover")
        unknown = self.metadata.keys() - {key for keys in KEYS.values() for key in keys}
        for key in sorted(unknown):
            self.report(self._line(key), f"“{key}” means nothing here.")
        return ImportedPost(
            source_id=self._string("source_id") or f"markdown:{slug}",
            title=title,
            slug=slug,
            body=tuple(written.blocks),
            published_at=published_at,
            introduction=self._string("introduction"),
            authors=self._list("authors"),
            tags=self._list("tags"),
            series=self._string("series"),
            cover=self._photo(cover) if cover else None,
            status=status,
            go_live_at=self._moment("go_live_at"),
            expire_at=self._moment("expire_at"),
            password=self._string("password"),
            updated_at=self._moment("updated_at"),
            gone=self._string("gone").lower() == "true",
            corrections=self._corrections(),
            file=self.file,
            line=1,
        )

    # The metadata

    def _split(self, text: str) -> str:
        """Read the metadata; returns the text below them."""
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
        self.top = text[: len(text) - len(content)].split("\n")
        self.offset = len(self.top) - 1
        try:
            # Every value as it is written: no title becomes a number, and no date a moment in UTC.
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
        self.metadata = {str(key): value for key, value in (metadata or {}).items()}
        return content

    def _line(self, key: str) -> int:
        """On which line of the file a key stands."""
        lines = enumerate(getattr(self, "top", ()), start=1)
        return next((number for number, line in lines if line.startswith(f"{key}:")), 1)

    def _value(self, name: str) -> tuple[str, Any]:
        for key in KEYS[name]:
            if self.metadata.get(key):
                return key, self.metadata[key]
        return KEYS[name][0], ""

    def _string(self, name: str) -> str:
        key, value = self._value(name)
        if not isinstance(value, str):
            raise UnreadableError(self._line(key), f"“{key}” should be one value.")
        return " ".join(value.split())

    def _list(self, name: str) -> tuple[str, ...]:
        key, value = self._value(name)
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) for item in values):
            raise UnreadableError(self._line(key), f"“{key}” should be a list: [one, two].")
        return tuple(dict.fromkeys(" ".join(item.split()) for item in values if item.strip()))

    def _moment(self, name: str) -> dt.datetime | None:
        key, _value = self._value(name)
        value = self._string(name)
        return self._parse(self._line(key), key, value) if value else None

    def _parse(self, line: int, key: str, value: str) -> dt.datetime:
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

    def _status(self) -> Status:
        key, _value = self._value("status")
        written = self._string("status").lower().replace("-", "_").replace(" ", "_")
        is_draft = self._string("draft").lower() == "true"
        is_draft = is_draft or self._string("published").lower() == "false"
        try:
            status = Status(written or (Status.DRAFT if is_draft else Status.LIVE))
        except ValueError as error:
            raise UnreadableError(
                self._line(key), f"“status: {written}” is none of {', '.join(Status)}."
            ) from error
        needed = {Status.SCHEDULED: "go_live_at", Status.EXPIRED: "expire_at"}.get(status)
        if needed and not self._string(needed):
            raise UnreadableError(self._line(key), f"A post that is {status} needs “{needed}”.")
        return status

    def _corrections(self) -> tuple[ImportedCorrection, ...]:
        key, value = self._value("corrections")
        line = self._line(key)
        corrections = []
        for item in value or []:
            if not isinstance(item, dict) or not item.get("date") or not item.get("text"):
                raise UnreadableError(line, f"Each of “{key}” needs a date and a text.")
            date = self._parse(line, "date", str(item["date"])).date()
            text = body.clean(self.markdown.render(str(item["text"])), body.PLAIN_TAGS)
            corrections.append(ImportedCorrection(date, text))
        return tuple(corrections)

    # The text

    def _read_text(self, content: str) -> Text:
        references: dict[str, Any] = {}
        tree = SyntaxTreeNode(self.markdown.parse(content, references))
        self.content = content.split("\n")
        for label, number in references.get("footnotes", {}).get("refs", {}).items():
            if number < 0:
                self.report(
                    self._line_of(f"[^{label[1:]}]:"),
                    f"The note [^{label[1:]}] is named nowhere in the text; it was not kept.",
                )
        text = Text()
        nodes = tree.children
        caption = ""
        for index, node in enumerate(nodes):
            if node.type == "heading" and node.tag == "h1" and not text.blocks and not text.title:
                text.title = BeautifulSoup(self._render([node]), "html.parser").get_text().strip()
                if self._string("title") in ("", text.title):
                    continue
            found = self._caption(node)
            neighbour = nodes[index + 1].type if index + 1 < len(nodes) else ""
            if found and text.blocks and text.blocks[-1]["type"] == "table":
                text.blocks[-1]["value"]["caption"] = found
            elif found and neighbour == "table":
                caption = found
            else:
                blocks = self._blocks(node)
                if node.type == "table" and blocks:
                    blocks[0]["value"]["caption"] = caption
                    caption = ""
                text.blocks += blocks
        text.blocks = body.merge(text.blocks)
        return text

    def _line_of(self, beginning: str) -> int:
        """The first line of the file's text with that beginning; the text's first if none has."""
        numbers = (n for n, line in enumerate(self.content) if line.lstrip().startswith(beginning))
        return self.offset + next(numbers, 0) + 1

    def _at(self, node: SyntaxTreeNode) -> int:
        """The line of the file on which a node begins."""
        return self.offset + (node.map[0] if node.map else 0) + 1

    def _render(self, nodes: Sequence[SyntaxTreeNode]) -> str:
        tokens = [token for node in nodes for token in node.to_tokens()]
        return str(self.markdown.renderer.render(tokens, self.markdown.options, {}))

    def _caption(self, node: SyntaxTreeNode) -> str:
        if node.type != "paragraph":
            return ""
        text = BeautifulSoup(self._render([node]), "html.parser").get_text()
        found = CAPTION.match(text)
        return " ".join(found["caption"].split()) if found else ""

    def _blocks(self, node: SyntaxTreeNode) -> list[Block]:
        if node.type == "container_fence":
            return self._fence(node)
        if node.type == "footnote_block":
            notes = [
                body.clean(self._render(note.children), body.PLAIN_TAGS) for note in node.children
            ]
            return [{"type": "notes", "value": notes}]
        if any(child.type == "container_fence" for child in node.walk()):
            raise UnreadableError(
                self._at(node), "A ::: fence stands within a list or a quotation."
            )
        found = body.read(self._render([node]), lambda src, alt: self._photo_at(src, alt))
        for message in found.losses:
            self.report(self._at(node), message)
        return found.blocks

    def _fence(self, node: SyntaxTreeNode) -> list[Block]:
        line = self._at(node)
        last = node.map[1] if node.map else 0
        if not "".join(self.content[last : last + 1]).strip().startswith(":::"):
            raise UnreadableError(line, "This ::: fence is not closed by a line of :::.")
        match = FENCE.fullmatch(node.info.strip())
        name = match["name"] if match else ""
        make = getattr(self, f"_fence_{name}", None)
        if make is None:
            raise UnreadableError(
                line,
                f"“::: {node.info.strip()}” is none of callout, gallery, embed, document and"
                " related.",
            )
        values, end = {}, 0
        rest = match["rest"].strip() if match else ""
        for pair in PAIR.finditer(rest):
            if rest[end : pair.start()].strip():
                break
            values[pair["key"]] = next(filter(None, pair.group("double", "single", "bare")), "")
            end = pair.end()
        if rest[end:].strip():
            raise UnreadableError(line, f'“{rest[end:].strip()}” is not of the form key="value".')
        block, known = make(node, values)
        for key in sorted(values.keys() - known):
            self.report(line, f"“{key}” means nothing in “::: {name}”.")
        return [block]

    def _fence_callout(
        self, node: SyntaxTreeNode, values: dict[str, str]
    ) -> tuple[Block, set[str]]:
        kind = values.get("kind", "note")
        if kind not in CALLOUTS:
            raise UnreadableError(
                self._at(node), f"“kind={kind}” is none of note, key and warning."
            )
        source = self._render(node.children)
        found = body.read(source, lambda src, alt: self._photo_at(src, alt))
        if any(block["type"] != "paragraph" for block in found.blocks):
            raise UnreadableError(self._at(node), "A call-out holds paragraphs and lists only.")
        value = {"kind": kind, "title": values.get("title", ""), "text": body.clean(source)}
        return {"type": "callout", "value": value}, {"kind", "title"}

    def _fence_gallery(
        self, node: SyntaxTreeNode, values: dict[str, str]
    ) -> tuple[Block, set[str]]:
        source = self._render(node.children)
        found = body.read(source, lambda src, alt: self._photo_at(src, alt))
        if any(block["type"] != "photo" for block in found.blocks):
            raise UnreadableError(
                self._at(node), "A gallery holds pictures only, from files beside it."
            )
        photos = [block["value"] for block in found.blocks]
        value = {"title": values.get("title", ""), "photos": photos}
        return {"type": "gallery", "value": value}, {"title"}

    def _fence_embed(self, node: SyntaxTreeNode, values: dict[str, str]) -> tuple[Block, set[str]]:
        self._need(node, values, "url", "title")
        value = {
            "embed": values["url"],
            "title": values["title"],
            "caption": values.get("caption", ""),
        }
        return {"type": "embed", "value": value}, {"url", "title", "caption"}

    def _fence_document(
        self, node: SyntaxTreeNode, values: dict[str, str]
    ) -> tuple[Block, set[str]]:
        self._need(node, values, "file")
        name = values["file"]
        document = ImportedDocument(name, self._find(name), values.get("title", ""))
        value = {"document": document, "title": values.get("title", "")}
        return {"type": "document", "value": value}, {"file", "title"}

    def _fence_related(
        self, node: SyntaxTreeNode, values: dict[str, str]
    ) -> tuple[Block, set[str]]:
        items = BeautifulSoup(self._render(node.children), "html.parser").find_all("li")
        slugs = [item.get_text().strip() for item in items]
        if not slugs or len(node.children) != 1:
            raise UnreadableError(
                self._at(node), "“::: related” holds one list of the slugs of posts."
            )
        posts = [PostLink(slug) for slug in slugs]
        value = {"title": values.get("title", ""), "posts": posts}
        return {"type": "related", "value": value}, {"title"}

    def _need(self, node: SyntaxTreeNode, values: dict[str, str], *keys: str) -> None:
        for key in keys:
            if not values.get(key):
                raise UnreadableError(self._at(node), f"“::: {node.info.strip()}” needs {key}=….")
        if inside := [child for child in node.children if self._render([child]).strip()]:
            raise UnreadableError(self._at(inside[0]), "Nothing stands within this ::: fence.")

    # Files

    def _find(self, name: str) -> Path | None:
        """Where a file lies; never outside the folders."""
        for folder in self.folders:
            path = folder / name
            # In this order: a name that is too long is found out by `is_file` alone.
            with contextlib.suppress(OSError):
                if within(folder, path) and path.is_file():
                    return path
        return None

    def _photo(self, name: str, description: str = "") -> ImportedPhoto:
        return ImportedPhoto(name, self._find(name), description)

    def _photo_at(self, source: str, description: str) -> ImportedPhoto | None:
        """The picture of an address in the text; None for one on the web, which is not fetched."""
        if urlsplit(source).scheme or source.startswith("//"):
            return None
        return self._photo(unquote(source), description)
