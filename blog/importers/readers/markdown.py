"""Reads folders of Markdown and HTML files, each of which is a post; see docs/markdown.md."""

import datetime as dt
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from blog import slugs
from blog.importers import dialects
from blog.importers.front_matter import FrontMatter, moment_of
from blog.importers.imported import (
    CONTROL_CHARACTERS,
    ImportedCorrection,
    ImportedPost,
    Item,
    LeftOut,
    Options,
    Problem,
    Status,
    UnreadableError,
)

NAME = "markdown"
SUFFIXES = {".md", ".markdown", ".mdown", ".html", ".htm"}
DATED_NAME = re.compile(r"(?P<date>[12]\d{3}-\d{1,2}-\d{1,2})[-_](?P<slug>.+)")
# What generators make or take from others, and what belongs to a folder of code.
SKIPPED = re.compile(
    r"(?:^|/)(?:[_.](?!posts|drafts)[^/]*|node_modules|themes|vendor|layouts|public)/"
)
SKIPPED_NAMES = {"readme", "license", "changelog", "contributing", "404", "code_of_conduct"}
HELD_FOLDERS = re.compile(r"(?:^|/)_?drafts?/", re.IGNORECASE)
CONFLICT = re.compile(r"^(?:<{7} |={7}$|>{7} )", re.MULTILINE)
PAIR = re.compile(
    r"""\s*(?P<key>[\w-]+)=(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>\S+))"""
)
CAPTION = re.compile(r"Table:\s*(?P<caption>.+)", re.DOTALL)
# Each ::: fence, the element it becomes, and the keys that it needs.
FENCES: dict[str, tuple[str, tuple[str, ...]]] = {
    "callout": ("x-callout", ()),
    "gallery": ("x-gallery", ()),
    "embed": ("x-embed", ("url",)),
    "document": ("x-document", ("file",)),
    "related": ("x-related", ()),
}


def claims(path: Path, head: bytes) -> bool:
    """Return whether a file may be a post."""
    return path.suffix.lower() in SUFFIXES


def read(paths: list[Path], root: Path, options: Options) -> Iterator[Item]:
    """Yield the posts of the files, in the order of their names."""
    is_jekyll = any("_posts" in path.parts for path in paths)
    seen: set[str] = set()
    for path in sorted(paths):
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
        if SKIPPED.search(name) or path.stem.lower() in SKIPPED_NAMES:
            yield LeftOut("files that belong to the generator of the site")
            continue
        if not _is_inside(path, root):
            yield Problem(0, "It lies outside of the folder; not imported.", name, is_loss=True)
            continue
        try:
            data = path.read_bytes()
        except OSError as error:
            yield Problem(0, f"{error.strerror}; not imported.", name, is_loss=True)
            continue
        is_ours = "_posts" in path.parts or "_drafts" in path.parts
        text, problems = decode(data, name)
        if is_jekyll and not is_ours and not text.startswith("---"):
            yield LeftOut("files without metadata")
            continue
        if not text.strip() or (path.suffix == ".html" and "{%" in text[:200]):
            yield LeftOut("empty files and templates")
            continue
        post, found = read_post(
            text,
            options.zone,
            file=name,
            folder=path.parent,
            taken=seen,
            is_page=is_jekyll and not is_ours,
        )
        yield from [*problems, *found]
        if post:
            seen.add(post.source_id)
            yield post


def decode(data: bytes, name: str = "") -> tuple[str, list[Problem]]:
    """Return text in UTF-8, or in the code page of Windows, with a message then."""
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        text = data.decode("cp1252", errors="replace")
        return text, [Problem(line, "It is not UTF-8 and was read as Windows-1252.", name)]


def _is_inside(path: Path, root: Path) -> bool:
    """Return whether a path is in a folder after its symbolic links are resolved."""
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):
        return False


def read_post(
    text: str,
    zone: dt.tzinfo,
    *,
    file: str = "",
    folder: Path | None = None,
    taken: Any = (),
    is_page: bool = False,
) -> tuple[ImportedPost | None, list[Problem]]:
    """
    Return the post of a file's text, and the problems that were found.

    The post is None if a problem makes it unreadable. The slug and the date are taken from the name
    `file` if the metadata have none. `taken` are the source ids of other posts.
    """
    reader = _Reader(zone, file)
    try:
        post = reader.post(text, folder, taken, is_page)
        return post, reader.problems
    except UnreadableError as error:
        problem = Problem(error.line, f"{error} Not imported.", file, is_loss=True)
        return None, [*reader.problems, problem]


def markdown_parser() -> MarkdownIt:
    """Return a parser of CommonMark with tables, notes, definitions and our fences."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.use(container_plugin, "fence", validate=lambda *_: True).use(deflist_plugin)
    parser.use(footnote_plugin)
    # Notes are numbered, whatever they are called in the file.
    rules = {
        "footnote_ref": lambda tokens, index: f"[^{tokens[index].meta['id'] + 1}]",
        "footnote_anchor": lambda tokens, index: "",
        "footnote_block_open": lambda tokens, index: "<x-notes>",
        "footnote_block_close": lambda tokens, index: "</x-notes>",
        "footnote_open": lambda tokens, index: "<x-note>",
        "footnote_close": lambda tokens, index: "</x-note>",
        "container_fence_open": lambda tokens, index: tokens[index].meta["open"],
        "container_fence_close": lambda tokens, index: tokens[index].meta["close"],
    }
    for name, rule in rules.items():
        parser.add_render_rule(
            name, lambda _self, tokens, index, *_, rule=rule: rule(tokens, index)
        )
    return parser


MARKDOWN = markdown_parser()


class _Reader:
    def __init__(self, zone: dt.tzinfo, file: str) -> None:
        self.zone = zone
        self.file = file
        self.problems: list[Problem] = []
        self.losses: list[str] = []

    def report(self, line: int, message: str) -> None:
        self.problems.append(Problem(line, message, self.file))

    def post(self, text: str, folder: Path | None, taken: Any, is_page: bool) -> ImportedPost:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        for pattern, what in ((CONTROL_CHARACTERS, "character"), (CONFLICT, "conflict")):
            if found := pattern.search(text):
                line = text.count("\n", 0, found.start()) + 1
                message = f"No page can show the character U+{ord(found[0][0]):04X}."
                if what == "conflict":
                    message = "Two versions of it were never merged: a conflict marker stands here."
                raise UnreadableError(line, message)
        path = Path(self.file)
        is_html = path.suffix.lower() in {".html", ".htm"}
        if is_html and not text.startswith(("---", "+++")):
            text = _with_front_matter(text)
        metadata = FrontMatter(text, self.zone)
        self.metadata = metadata
        source, self.losses = dialects.liquid(metadata.text, is_html)
        heading = "" if is_html else self._parse(source)
        name = (
            path.parent.name if path.stem in {"index", "_index"} and path.parent.name else path.stem
        )
        dated = DATED_NAME.fullmatch(name)
        slug = slugify(
            metadata.string("slug") or (dated["slug"] if dated else name), allow_unicode=True
        )
        title = metadata.string("title") or heading
        if not title:
            title = (
                (dated["slug"] if dated else name).replace("-", " ").replace("_", " ").capitalize()
            )
            self.report(1, f"It has no title; its name became one: “{title}”.")
        slug = slug or slugs.slug_from(title, "post")
        status = metadata.status()
        published_at = metadata.moment("published_at")
        if metadata.string("published_at") and published_at is None and status is Status.LIVE:
            status = Status.DRAFT
        if published_at is None and dated:
            try:
                published_at = moment_of(dated["date"], self.zone)
            except ValueError:
                self.report(1, f"“{dated['date']}” is no day of the calendar.")
                status = Status.DRAFT if status is Status.LIVE else status
        if HELD_FOLDERS.search(self.file) and status is Status.LIVE:
            status = Status.DRAFT
        introduction = metadata.string("introduction")
        layout = metadata.string("layout").lower()
        moments = {key: metadata.moment(key) for key in ("go_live_at", "expire_at", "updated_at")}
        if status is not Status.SCHEDULED and "go_live_at" not in metadata.values:
            moments["go_live_at"] = (
                moments["go_live_at"]
                if status is Status.LIVE and _is_later(moments["go_live_at"])
                else None
            )
        if status is Status.LIVE and moments["expire_at"] and not _is_later(moments["expire_at"]):
            status = Status.EXPIRED
        corrections = self._corrections()
        for line, message in metadata.problems:
            self.report(line, message)
        for key in metadata.unknown_keys():
            self.report(metadata.line(key), f"“{key}” means nothing here.")
        body = source if is_html else MARKDOWN.renderer.render(self.tokens, MARKDOWN.options, {})
        source_id = metadata.string("source_id") or f"markdown:{slug}"
        if source_id in taken:
            source_id = f"markdown:{self.file}"[:255]
        return ImportedPost(
            source_id=source_id,
            title=title,
            slug=slug,
            html=body,
            is_page=is_page or layout in {"page", "static", "about"} or "pages" in path.parts[:-1],
            published_at=published_at,
            introduction=introduction if len(introduction) <= 1000 else "",
            authors=metadata.strings("authors"),
            tags=tuple(dict.fromkeys([*metadata.strings("tags"), *metadata.strings("categories")])),
            series=metadata.string("series"),
            cover=metadata.string("cover"),
            status=status,
            go_live_at=moments["go_live_at"],
            expire_at=moments["expire_at"],
            updated_at=moments["updated_at"],
            password=metadata.string("password"),
            gone=metadata.string("gone").lower() == "true",
            corrections=corrections,
            addresses=metadata.addresses(),
            losses=tuple(self.losses),
            folder=folder,
            file=self.file,
            line=1,
        )

    def _corrections(self) -> tuple[ImportedCorrection, ...]:
        key, value = self.metadata.value("corrections")
        corrections = []
        for item in value or []:
            try:
                date = moment_of(str(item["date"]), self.zone).date()
                corrections.append(ImportedCorrection(date, MARKDOWN.render(str(item["text"]))))
            except (KeyError, TypeError, ValueError) as error:
                line = self.metadata.line(key)
                message = f"Each of “{key}” needs a date and a text."
                raise UnreadableError(line, message) from error
        return tuple(corrections)

    # The text

    def _parse(self, content: str) -> str:
        """Parse a text into `tokens`, and return its first heading if that is the title."""
        content += self._unnamed_notes(content)
        tokens = self.tokens = MARKDOWN.parse(content)
        self.content = content.split("\n")
        title = ""
        if tokens and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
            inner = MARKDOWN.renderer.render([tokens[1]], MARKDOWN.options, {})
            title = BeautifulSoup(inner, "html.parser").get_text().strip()
            if self.metadata.string("title") in ("", title):
                del tokens[:3]
        self._name_fences(tokens)
        self._caption_tables(tokens)
        return title

    def _unnamed_notes(self, content: str) -> str:
        """Return references to the notes that nothing names, which would be lost."""
        defined = re.findall(r"^\[\^([^\]\s]+)\]:", content, re.MULTILINE)
        lost = [name for name in defined if f"[^{name}]" not in content.replace(f"[^{name}]:", "")]
        for name in lost:
            self.losses.append(
                f"The note [^{name}] is named nowhere in the text; it is at its end."
            )
        return "\n\n" + " ".join(f"[^{name}]" for name in lost) if lost else ""

    def _name_fences(self, tokens: list[Token]) -> None:
        opened: list[str] = []
        for token in tokens:
            if token.type == "container_fence_open":
                opening, closing = self._fence(token)
                token.meta = {"open": opening}
                opened.append(closing)
            elif token.type == "container_fence_close":
                token.meta = {"close": opened.pop()}

    def _fence(self, token: Token) -> tuple[str, str]:
        """Return the tags that a ::: fence becomes. One that is unknown only divides the text."""
        line = self.metadata.offset + (token.map[0] if token.map else 0) + 1
        name, _, rest = token.info.strip().partition(" ")
        element, needed = FENCES.get(name, ("", ()))
        if not element:
            if name:
                self.report(
                    line,
                    f"“::: {token.info.strip()}” is none of callout, gallery, embed, document and"
                    " related; what is in it stays.",
                )
            return "<div>", "</div>"
        if wrong := PAIR.sub("", rest).strip():
            self.report(line, f'“{wrong}” is not of the form key="value".')
        values = {
            pair["key"]: next(filter(None, pair.group("double", "single", "bare")), "")
            for pair in PAIR.finditer(rest)
        }
        if missing := [key for key in needed if not values.get(key)]:
            self.report(line, f"“::: {token.info.strip()}” needs {missing[0]}=….")
            return "<div>", "</div>"
        pairs = "".join(f' {key}="{html.escape(value)}"' for key, value in values.items())
        return f"<{element}{pairs}>", f"</{element}>"

    def _caption_tables(self, tokens: list[Token]) -> None:
        """Move a paragraph `Table: …` before or after a table into it."""
        index = 0
        while index < len(tokens):
            found = CAPTION.match(tokens[index].content) if tokens[index].type == "inline" else None
            is_paragraph = found and tokens[index - 1].type == "paragraph_open"
            before = tokens[index - 2] if index > 1 else None
            after = tokens[index + 2] if index + 2 < len(tokens) else None
            if found and is_paragraph and after and after.type == "table_open":
                place = index + 3
            elif found and is_paragraph and before and before.type == "table_close":
                place = max(n for n in range(index) if tokens[n].type == "table_open") + 1
            else:
                index += 1
                continue
            inner = MARKDOWN.renderer.render([tokens[index]], MARKDOWN.options, {})
            text = " ".join(BeautifulSoup(inner, "html.parser").get_text().split())
            caption = Token("html_block", "", 0)
            caption.content = f"<caption>{html.escape(text.partition(':')[2].strip())}</caption>"
            paragraph = slice(index - 1, index + 2)
            if place > index:
                tokens.insert(place, caption)
                del tokens[paragraph]
            else:
                del tokens[paragraph]
                tokens.insert(place, caption)


def _is_later(moment: dt.datetime | None) -> bool:
    return bool(moment and moment > dt.datetime.now(dt.UTC))


def _with_front_matter(text: str) -> str:
    """Return a whole page of HTML as a post with metadata, as Pelican reads one."""
    page = BeautifulSoup(text, "html.parser")
    metadata = {tag.get("name", ""): tag.get("content", "") for tag in page.find_all("meta")}
    if page.title:
        metadata["title"] = page.title.get_text()
    inner = page.body.decode_contents() if page.body else text
    known = ("title", "date", "tags", "category", "author", "authors", "summary", "slug", "status")
    lines = [f"{key}: {' '.join(str(metadata[key]).split())}" for key in known if metadata.get(key)]
    return "\n".join([*lines, "", inner]) if lines else inner
