"""Converts HTML from other programs to the blocks of a body."""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import nh3
from bs4 import BeautifulSoup, NavigableString, Tag
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from blog.blocks.code import LANGUAGES
from blog.blocks.text import RICH_TEXT_FEATURES
from blog.editing.embeds import PrivateFinder

from .imported import Block, ImportedPhoto

# The features of the editor, and the tags in which they are stored.
FEATURE_TAGS = {
    "bold": "b",
    "italic": "i",
    "link": "a",
    "code": "code",
    "superscript": "sup",
    "subscript": "sub",
    "strikethrough": "s",
    "ol": "ol",
    "ul": "ul",
}
RICH_TAGS = frozenset(FEATURE_TAGS[f] for f in RICH_TEXT_FEATURES if f in FEATURE_TAGS)
# The tags that are allowed in quotations and in the cells of tables.
PLAIN_TAGS = frozenset({"b", "i", "a"})
SYNONYMS = {"strong": "b", "em": "i", "cite": "i", "del": "s", "strike": "s"}

LISTS = {"ul", "ol"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
CONTAINERS = {"div", "section", "article", "main", "header", "footer", "aside", "figure", "center"}
TABLE = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
BLOCKS = LISTS | HEADINGS | CONTAINERS | {"p", "blockquote", "pre", "hr", "table", "iframe"}
KNOWN = (
    BLOCKS
    | TABLE
    | SYNONYMS.keys()
    | RICH_TAGS
    | {"li", "br", "img", "figcaption", "span", "html", "body"}
)
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "title"},
    "code": {"class"},
    "pre": {"class"},
    "th": {"style", "align"},
    "td": {"style", "align"},
    "iframe": {"src", "title"},
}
SCHEMES = {"http", "https", "mailto", "tel"}

LANGUAGE_NAMES = {name for name, _label in LANGUAGES}
SOURCE = re.compile(r"\s*—\s*")
LINE_BREAK = re.compile(r"[ \t]*\n[ \t]*")

# Finds a picture by its address and description in the HTML; returns None if there is none.
FindPhoto = Callable[[str, str], ImportedPhoto | None]


@dataclass
class Body:
    """Raw blocks, and messages about what was changed or removed."""

    blocks: list[Block] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)


def no_photo(source: str, description: str) -> None:
    """Return None: a `FindPhoto` for text without pictures."""


def read(source: str, find_photo: FindPhoto = no_photo) -> Body:
    """
    Return the blocks of a piece of HTML.

    Scripts, styles, comments and unsafe addresses are removed. A picture that `find_photo` does not
    find becomes a link to it. The body's `losses` say what else was changed or removed.
    """
    return _Reader(find_photo).read(source)


def clean(source: str, tags: frozenset[str] = RICH_TAGS) -> str:
    """Return HTML as rich text of paragraphs, breaks and `tags`, as the editor stores it."""
    return _rich(_soup(source), tags)


def merge(blocks: Iterable[Block]) -> list[Block]:
    """Return the blocks with adjacent paragraphs merged, as a person would write them."""
    merged: list[Block] = []
    for block in blocks:
        if merged and block["type"] == merged[-1]["type"] == "paragraph":
            merged[-1] = {"type": "paragraph", "value": merged[-1]["value"] + block["value"]}
        else:
            merged.append(block)
    return merged


def language(name: str) -> str:
    """Return the site's name of a language that Pygments knows by another, or "text"."""
    if name in LANGUAGE_NAMES:
        return name
    try:
        aliases = get_lexer_by_name(name).aliases
    except ClassNotFound:
        return "text"
    return next((alias for alias in aliases if alias in LANGUAGE_NAMES), "text")


def text_of(node: Tag) -> str:
    """Return the text of a node on one line."""
    for line_end in node.find_all("br"):
        line_end.replace_with("\n")
    return LINE_BREAK.sub(" ", node.get_text()).strip()


def _soup(source: str) -> BeautifulSoup:
    safe = nh3.clean(
        source,
        tags=set(KNOWN - {"html", "body"}),
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel=None,
    )
    return BeautifulSoup(safe, "html.parser")


def _link(address: str, text: str) -> str:
    return f'<a href="{html.escape(address)}">{text}</a>'


def _inline(node: Tag, tags: frozenset[str]) -> str:
    """Return the content of a node as rich text without blocks and pictures."""
    parts = []
    for child in node.children:
        if isinstance(child, NavigableString):
            parts.append(html.escape(str(child), quote=False))
            continue
        name = SYNONYMS.get(child.name, child.name)
        if name == "br":
            parts.append("<br/>")
            continue
        inner = _inline(child, tags)
        if name in LISTS or name not in tags or (name == "a" and not child.get("href")):
            # Spaces separate the text of blocks within a line.
            parts.append(f" {inner} " if name in BLOCKS | {"li"} and inner else inner)
        elif inner:
            parts.append(
                _link(child["href"], inner) if name == "a" else f"<{name}>{inner}</{name}>"
            )
    return "".join(parts)


def _line(node: Tag, tags: frozenset[str]) -> str:
    return LINE_BREAK.sub(" ", _inline(node, tags)).strip(" \t\n")


def _list(node: Tag, tags: frozenset[str]) -> str:
    items = []
    for item in node.find_all("li", recursive=False):
        nested = [part.extract() for part in item.find_all(LISTS, recursive=False)]
        paragraphs = item.find_all("p", recursive=False)
        if paragraphs:
            for paragraph in paragraphs[:-1]:
                paragraph.append(BeautifulSoup("<br/>", "html.parser"))
            for paragraph in paragraphs:
                paragraph.unwrap()
        inner = _line(item, tags) + "".join(_list(part, tags) for part in nested)
        items.append(f"<li>{inner}</li>")
    return f"<{node.name}>{''.join(items)}</{node.name}>" if items else ""


def _runs(node: Tag, blocks: Set[str]) -> Iterator[Tag]:
    """Yield the blocks in a node, and paragraphs, which have no parent, of what is between them."""
    loose = BeautifulSoup("", "html.parser").new_tag("p")
    for child in list(node.children):
        if isinstance(child, Tag) and child.name in blocks:
            yield loose
            loose.clear()
            yield child
        else:
            loose.append(child)
    yield loose


def _rich(node: Tag, tags: frozenset[str]) -> str:
    """Return the paragraphs and lists of a node; other blocks become paragraphs."""
    parts: list[str] = []
    for part in _runs(node, BLOCKS | {"li"}):
        if part.name in LISTS and part.name in tags:
            parts.append(_list(part, tags))
        elif part.name != "p" and part.find(BLOCKS | {"li"}):
            parts.append(_rich(part, tags))
        elif text := _line(part, tags):
            parts.append(f"<p>{text}</p>")
    return "".join(parts)


class _Reader:
    def __init__(self, find_photo: FindPhoto) -> None:
        self.find_photo = find_photo
        self.body = Body()

    def read(self, source: str) -> Body:
        found = {tag.name for tag in BeautifulSoup(source, "html.parser").find_all(True)}
        for name in sorted(found - KNOWN):
            gone = name in {"script", "style"}
            self._lose(f"<{name}> was removed" + ("." if gone else "; its words stay."))
        self._blocks(_soup(source))
        self.body.blocks = merge(self.body.blocks)
        return self.body

    def _lose(self, message: str) -> None:
        self.body.losses.append(message)

    def _add(self, kind: str, value: object) -> None:
        self.body.blocks.append({"type": kind, "value": value})

    def _blocks(self, node: Tag) -> None:
        for part in _runs(node, BLOCKS):
            if part.parent is None:
                self._paragraph(part)
            else:
                self._block(part)

    def _block(self, node: Tag) -> None:
        if node.name in LISTS:
            self._rich_text(_list(node, RICH_TAGS))
            self._photos(node)
        elif node.name in HEADINGS:
            self._heading(node)
        elif node.name == "blockquote":
            self._quote(node)
        elif node.name == "pre":
            self._code(node)
        elif node.name == "hr":
            self._add("divider", None)
        elif node.name == "table":
            self._table(node)
            self._photos(node)
        elif node.name == "iframe":
            self._frame(node)
        elif node.name == "figure" and not node.find(BLOCKS) and node.find("img"):
            caption = node.figcaption
            self._photos(node, text_of(caption) if caption else "")
        elif node.find(BLOCKS):
            self._blocks(node)
        else:
            self._paragraph(node)

    def _rich_text(self, text: str) -> None:
        if text:
            self._add("paragraph", text)

    def _paragraph(self, node: Tag) -> None:
        if text := _line(node, RICH_TAGS):
            self._rich_text(f"<p>{text}</p>")
            if node.find("img"):
                self._lose("A picture within a paragraph now stands after it.")
        self._photos(node)

    def _photos(self, node: Tag, caption: str = "") -> None:
        for image in node.find_all("img"):
            address, description = image.get("src", ""), image.get("alt", "").strip()
            if not address:
                self._lose("A picture without an address was removed.")
                continue
            if photo := self.find_photo(address, description):
                value = photo_value(photo, description, caption or image.get("title", "").strip())
                self._add("photo", value)
            else:
                text = html.escape(description or caption or address, quote=False)
                self._rich_text(f"<p>{_link(address, text)}</p>")
                self._lose(f"The picture {address} is not here; a link to it stands in its place.")

    def _heading(self, node: Tag) -> None:
        self._photos(node)
        if text := text_of(node):
            if len(text) > 200:
                self._lose("A heading of more than 200 characters became a paragraph.")
                self._rich_text(f"<p><b>{html.escape(text, quote=False)}</b></p>")
            else:
                level = "2" if node.name in {"h1", "h2"} else "3"
                self._add("heading", {"text": text, "level": level, "anchor": ""})

    def _quote(self, node: Tag) -> None:
        source, url = self._source(node)
        text = _rich(node, PLAIN_TAGS)
        if text:
            self._add("quote", {"text": text, "source": source, "url": url})
        elif source:
            self._rich_text(f"<p>{html.escape(source, quote=False)}</p>")
        self._photos(node)

    def _source(self, node: Tag) -> tuple[str, str]:
        """Remove and return the source and its address: a last line that begins with an em dash."""
        paragraphs = node.find_all("p", recursive=False)
        if not paragraphs:
            return "", ""
        last = paragraphs[-1]
        inner = last.decode_contents()
        breaks = list(re.finditer(r"(?:\n|<br\s*/?>)\s*(?=—)", inner))
        if SOURCE.match(last.get_text()):
            kept, line = "", inner
        elif breaks:
            kept, line = inner[: breaks[-1].start()], inner[breaks[-1].end() :]
        else:
            return "", ""
        found = BeautifulSoup(line, "html.parser")
        link = found.find("a", href=True)
        source = SOURCE.sub("", text_of(found), count=1)
        address = link["href"] if link else ""
        if not source or len(source) > 250:
            return "", ""
        if kept:
            last.clear()
            last.append(BeautifulSoup(kept, "html.parser"))
        else:
            last.extract()
        if address and urlsplit(address).scheme not in {"http", "https"}:
            self._lose(
                f"A quotation's source has an address of the web only: {address} was removed."
            )
            address = ""
        return source, address

    def _code(self, node: Tag) -> None:
        names = [*node.get("class", ()), *(node.code.get("class", ()) if node.code else ())]
        named = [name.removeprefix("language-") for name in names if name.startswith("language-")]
        code = node.get_text().removesuffix("\n")
        if code.strip():
            value = {"language": language(named[0]) if named else "text", "code": code}
            self._add("code", value | {"caption": ""})

    def _table(self, node: Tag) -> None:
        rows = [row.find_all(["th", "td"], recursive=False) for row in node.find_all("tr")]
        rows = [list(row) for row in rows if row]
        if not rows:
            return
        width = max(map(len, rows))
        empty = BeautifulSoup("", "html.parser").new_tag("td")
        has_heads = all(cell.name == "th" for cell in rows[0])
        first, *others = [row + [empty] * (width - len(row)) for row in rows]
        heads, cells = (first, others) if has_heads else ([empty] * width, [first, *others])
        columns = []
        for index, head in enumerate(heads):
            rich = any(row[index].find(list(PLAIN_TAGS | {"strong", "em"})) for row in cells)
            kind = "rich_text" if rich else "number" if _is_right(first[index]) else "text"
            columns.append({"type": kind, "heading": text_of(head)})
        values = []
        for row in cells:
            pairs = zip(columns, row, strict=True)
            is_rich = [(column["type"] == "rich_text", cell) for column, cell in pairs]
            texts = [_rich(cell, PLAIN_TAGS) if rich else text_of(cell) for rich, cell in is_rich]
            values.append({"values": texts})
        caption = text_of(node.caption) if node.caption else ""
        self._add("table", {"columns": columns, "rows": values, "caption": caption})

    def _frame(self, node: Tag) -> None:
        address = node.get("src", "")
        address = f"https:{address}" if address.startswith("//") else address
        if not address:
            self._lose("<iframe> without an address was removed.")
            return
        title = node.get("title", "").strip()[:200] or urlsplit(address).netloc
        if PrivateFinder().accept(address):
            self._add("embed", {"embed": address, "title": title, "caption": ""})
        else:
            self._rich_text(f"<p>{_link(address, html.escape(title, quote=False))}</p>")
            self._lose(f"What {address} shows cannot be embedded; a link stands in its place.")


def photo_value(photo: ImportedPhoto, description: str, caption: str) -> dict[str, object]:
    """Return the value of a photo block. A photo without a description is decorative."""
    image = {"image": photo, "alt_text": description, "decorative": not description}
    return {"image": image, "caption": caption}


def _is_right(cell: Tag) -> bool:
    style = cell.get("style", "").replace(" ", "")
    return "text-align:right" in style or cell.get("align") == "right"
