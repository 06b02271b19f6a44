"""Reads Markdown files with metadata in YAML, each of which is a post; see docs/markdown.md."""

import contextlib
import datetime as dt
import re
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.footnote import footnote_plugin

from blog import slugs

from . import body
from .front_matter import FrontMatter
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
    UnreadableError,
)

SUFFIXES = {".md", ".markdown"}
DATED_NAME = re.compile(r"(?P<date>[12]\d{3}-\d\d-\d\d)-(?P<slug>.+)")
FENCE = re.compile(r"(?P<name>[\w-]+)\s*(?P<rest>.*)", re.DOTALL)
PAIR = re.compile(
    r"""\s*(?P<key>[\w-]+)=(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>\S+))"""
)
CAPTION = re.compile(r"Table:\s*(?P<caption>.+)", re.DOTALL)
CALLOUTS = {"note", "key", "warning"}
# The keys that each ::: fence may have, and those that it needs.
FENCES = {
    "callout": {"kind", "title"},
    "gallery": {"title"},
    "embed": {"url", "title", "caption"},
    "document": {"file", "title"},
    "related": {"title"},
}
NEEDED = {"embed": ("url", "title"), "document": ("file",)}


def read(folder: Path, zone: dt.tzinfo, *, folders: Sequence[Path] = ()) -> Archive:
    """
    Return the posts of the Markdown files in a folder, in the order of their names.

    `zone` is used for times without one. Pictures and documents are searched beside a post and in
    `folders`. Raise ArchiveError if there is no such folder or no file in it.
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
    """Return whether a path is in a folder after its symbolic links are resolved."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):
        # Links may form a loop, and names may be invalid.
        return False


def read_post(
    text: str, zone: dt.tzinfo, *, file: str = "", folders: Sequence[Path] = ()
) -> tuple[ImportedPost | None, list[Problem]]:
    """
    Return the post of a file's text, and the problems that were found.

    The post is None if a problem makes it unreadable. The slug and the date are taken from the name
    `file` if the metadata have none.
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
        self.markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
        self.markdown.use(container_plugin, "fence", validate=lambda *_: True)
        # Notes are numbered, whatever they are called in the file.
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
        self.metadata = FrontMatter(text, self.zone)
        blocks, heading = self._read_text(self.metadata.text)
        name = Path(self.file).stem
        dated = DATED_NAME.fullmatch(name)
        title = self.metadata.string("title") or heading
        if not title:
            raise UnreadableError(
                1, "There is no title, neither among the metadata nor as a “# Heading”."
            )
        slug = slugify(
            self.metadata.string("slug") or (dated["slug"] if dated else name), allow_unicode=True
        )
        slug = slug or slugs.slug_from(title, "post")
        published_at = self.metadata.moment("published_at")
        if published_at is None and dated:
            published_at = self.metadata.parse(1, "date", dated["date"])
        status = self.metadata.status()
        cover = self.metadata.string("cover")
        for key in self.metadata.unknown_keys():
            self.report(self.metadata.line(key), f"“{key}” means nothing here.")
        return ImportedPost(
            source_id=self.metadata.string("source_id") or f"markdown:{slug}",
            title=title,
            slug=slug,
            body=tuple(blocks),
            published_at=published_at,
            introduction=self.metadata.string("introduction"),
            authors=self.metadata.strings("authors"),
            tags=self.metadata.strings("tags"),
            series=self.metadata.string("series"),
            cover=self._photo(cover) if cover else None,
            status=status,
            go_live_at=self.metadata.moment("go_live_at"),
            expire_at=self.metadata.moment("expire_at"),
            password=self.metadata.string("password"),
            updated_at=self.metadata.moment("updated_at"),
            gone=self.metadata.string("gone").lower() == "true",
            corrections=self._corrections(),
            file=self.file,
            line=1,
        )

    def _corrections(self) -> tuple[ImportedCorrection, ...]:
        key, value = self.metadata.value("corrections")
        line = self.metadata.line(key)
        corrections = []
        for item in value or []:
            if not isinstance(item, dict) or not item.get("date") or not item.get("text"):
                raise UnreadableError(line, f"Each of “{key}” needs a date and a text.")
            date = self.metadata.parse(line, "date", str(item["date"])).date()
            text = body.clean(self.markdown.render(str(item["text"])), body.PLAIN_TAGS)
            corrections.append(ImportedCorrection(date, text))
        return tuple(corrections)

    # The text

    def _read_text(self, content: str) -> tuple[list[Block], str]:
        """Return the blocks of a text, and its first heading if that is the title."""
        references: dict[str, Any] = {}
        tree = SyntaxTreeNode(self.markdown.parse(content, references))
        self.content = content.split("\n")
        for label, number in references.get("footnotes", {}).get("refs", {}).items():
            if number < 0:
                self.report(
                    self._line_of(f"[^{label[1:]}]:"),
                    f"The note [^{label[1:]}] is named nowhere in the text; it was not kept.",
                )
        blocks: list[Block] = []
        title = caption = ""
        for node, following in zip_longest(tree.children, tree.children[1:]):
            if node.type == "heading" and node.tag == "h1" and not blocks and not title:
                title = BeautifulSoup(self._render([node]), "html.parser").get_text().strip()
                if self.metadata.string("title") in ("", title):
                    continue
            found = self._caption(node)
            if found and blocks and blocks[-1]["type"] == "table":
                blocks[-1]["value"]["caption"] = found
            elif found and following and following.type == "table":
                caption = found
            else:
                added = self._blocks(node)
                if node.type == "table" and added:
                    added[0]["value"]["caption"] = caption
                    caption = ""
                blocks += added
        return body.merge(blocks), title

    def _line_of(self, beginning: str) -> int:
        """Return the number of the first line that begins so, or else of the text's first line."""
        numbers = (n for n, line in enumerate(self.content) if line.lstrip().startswith(beginning))
        return self.metadata.offset + next(numbers, 0) + 1

    def _at(self, node: SyntaxTreeNode) -> int:
        """Return the number of the line at which a node begins."""
        return self.metadata.offset + (node.map[0] if node.map else 0) + 1

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
        found = body.read(self._render([node]), self._photo_at)
        for message in found.losses:
            self.report(self._at(node), message)
        return found.blocks

    def _fence(self, node: SyntaxTreeNode) -> list[Block]:
        line = self._at(node)
        last = node.map[1] if node.map else 0
        if not "".join(self.content[last : last + 1]).strip().startswith(":::"):
            raise UnreadableError(line, "This ::: fence is not closed by a line of :::.")
        match = FENCE.fullmatch(node.info.strip())
        name, rest = (match["name"], match["rest"]) if match else ("", "")
        if name not in FENCES:
            raise UnreadableError(
                line,
                f"“::: {node.info.strip()}” is none of callout, gallery, embed, document and"
                " related.",
            )
        if wrong := PAIR.sub("", rest).strip():
            raise UnreadableError(line, f'“{wrong}” is not of the form key="value".')
        values = {
            pair["key"]: next(filter(None, pair.group("double", "single", "bare")), "")
            for pair in PAIR.finditer(rest)
        }
        for key in NEEDED.get(name, ()):
            if not values.get(key):
                raise UnreadableError(line, f"“::: {node.info.strip()}” needs {key}=….")
        inside = [child for child in node.children if self._render([child]).strip()]
        if name in NEEDED and inside:
            raise UnreadableError(self._at(inside[0]), "Nothing stands within this ::: fence.")
        value = getattr(self, f"_fence_{name}")(node, values)
        for key in sorted(values.keys() - FENCES[name]):
            self.report(line, f"“{key}” means nothing in “::: {name}”.")
        return [{"type": name, "value": {"title": values.get("title", ""), **value}}]

    def _fence_callout(self, node: SyntaxTreeNode, values: dict[str, str]) -> dict[str, Any]:
        kind = values.get("kind", "note")
        if kind not in CALLOUTS:
            raise UnreadableError(
                self._at(node), f"“kind={kind}” is none of note, key and warning."
            )
        source = self._render(node.children)
        found = body.read(source, self._photo_at)
        if any(block["type"] != "paragraph" for block in found.blocks):
            raise UnreadableError(self._at(node), "A call-out holds paragraphs and lists only.")
        return {"kind": kind, "text": body.clean(source)}

    def _fence_gallery(self, node: SyntaxTreeNode, values: dict[str, str]) -> dict[str, Any]:
        found = body.read(self._render(node.children), self._photo_at)
        if any(block["type"] != "photo" for block in found.blocks):
            raise UnreadableError(
                self._at(node), "A gallery holds pictures only, from files beside it."
            )
        return {"photos": [block["value"] for block in found.blocks]}

    def _fence_embed(self, node: SyntaxTreeNode, values: dict[str, str]) -> dict[str, Any]:
        return {"embed": values["url"], "caption": values.get("caption", "")}

    def _fence_document(self, node: SyntaxTreeNode, values: dict[str, str]) -> dict[str, Any]:
        name = values["file"]
        return {"document": ImportedDocument(name, self._find(name), values.get("title", ""))}

    def _fence_related(self, node: SyntaxTreeNode, values: dict[str, str]) -> dict[str, Any]:
        items = BeautifulSoup(self._render(node.children), "html.parser").find_all("li")
        if not items or len(node.children) != 1:
            raise UnreadableError(
                self._at(node), "“::: related” holds one list of the slugs of posts."
            )
        return {"posts": [PostLink(item.get_text().strip()) for item in items]}

    # Files

    def _find(self, name: str) -> Path | None:
        """Return the path of a file in one of the folders, or None."""
        for folder in self.folders:
            path = folder / name
            # A name that is too long raises an OSError in `is_file`.
            with contextlib.suppress(OSError):
                if within(folder, path) and path.is_file():
                    return path
        return None

    def _photo(self, name: str, description: str = "") -> ImportedPhoto:
        return ImportedPhoto(name, self._find(name), description)

    def _photo_at(self, source: str, description: str) -> ImportedPhoto | None:
        """Return the picture of an address, or None for one on the web, which is not fetched."""
        if urlsplit(source).scheme or source.startswith("//"):
            return None
        return self._photo(unquote(source), description)
