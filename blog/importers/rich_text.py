"""Paragraphs and lists as the editor stores them, built from pieces of text in their order."""

import html
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from bs4 import NavigableString, Tag

from blog.blocks.text import RICH_TEXT_FEATURES

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
FORMATS = {name: name for name in ("a", "b", "i", "s", "code", "sup", "sub")} | {
    **dict.fromkeys(("strong",), "b"),
    **dict.fromkeys(("em", "cite", "dfn", "var"), "i"),
    **dict.fromkeys(("del", "strike"), "s"),
    **dict.fromkeys(("tt", "kbd", "samp"), "code"),
}
STYLES = (
    (re.compile(r"font-weight:(?:bold|[6-9]00)"), "b"),
    (re.compile(r"font-style:(?:italic|oblique)"), "i"),
    (re.compile(r"text-decoration[\w-]*:[^;]*line-through"), "s"),
)
LISTS = {"ul", "ol", "menu", "dir"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
# Elements that a browser sets apart, and which say no more than that.
CONTAINERS = {
    *("address", "article", "aside", "body", "center", "dd", "dialog", "div", "fieldset", "footer"),
    *("figcaption", "form", "header", "hgroup", "html", "legend", "main", "nav", "noscript"),
    *("optgroup", "option", "p", "search", "section", "select", "textarea", "title", "caption"),
    *("tbody", "td", "tfoot", "th", "thead", "tr", "x-note", "listing", "plaintext"),
}
# Elements within a line that need no word when they go: only their text matters here.
KNOWN_INLINE = FORMATS.keys() | {
    *("abbr", "acronym", "area", "bdi", "bdo", "big", "col", "colgroup", "data", "font", "ins"),
    *("label", "link", "map", "mark", "meta", "nobr", "o:p", "param", "picture", "q", "rp", "rt"),
    *("ruby", "small", "source", "span", "time", "track", "u", "wbr", "x-line"),
}
LINE_BREAK = re.compile(r"[ \t\r\f]*\n[ \t\r\n\f]*")
BLANK = " \t\r\n\f"

Mark = tuple[str, str]


def urlsplit_safe(address: str) -> SplitResult:
    """Return the parts of an address, all of them empty if it is none."""
    try:
        return urlsplit(address.strip())
    except ValueError:
        return SplitResult("", "", "", "", "")


def text_html(text: str) -> str:
    return html.escape(text, quote=False)


def link(address: str, text: str) -> str:
    """Return a link as rich text. `text` is HTML."""
    return f'<a href="{html.escape(address)}">{text}</a>'


def flat(node: Tag) -> str:
    """Return the text of a node on one line, with a space wherever a browser begins a line."""
    parts: list[str] = []

    def walk(node: Tag) -> None:
        for child in node.children:
            if type(child) is NavigableString:
                parts.append(str(child))
            elif isinstance(child, Tag):
                apart = child.name == "br" or child.name not in KNOWN_INLINE
                parts.append(" " if apart else "")
                walk(child)
                parts.append(" " if apart else "")

    walk(node)
    return re.sub(r"[ \t\r\n\f]+", " ", "".join(parts)).strip(BLANK)


def formats_of(node: Tag) -> list[Mark]:
    """Return the marks that an element, or its style, puts on its text."""
    found = []
    name = FORMATS.get(node.name, "")
    if name and (name != "a" or node.get("href")):
        found.append((name, node["href"].strip() if name == "a" else ""))
    style = node.get("style", "").replace(" ", "").lower()
    if style:
        # Google Docs wraps whole texts in a <b> that is not bold.
        if name == "b" and "font-weight:normal" in style:
            found.clear()
        found += [(mark, "") for pattern, mark in STYLES if pattern.search(style)]
    return found


@dataclass
class Paragraph:
    """A paragraph that is being read: runs of text, each with the marks that were open."""

    marks: list[Mark] = field(default_factory=list)
    runs: list[tuple[str, tuple[Mark, ...]]] = field(default_factory=list)
    breaks: int = 0

    def text(self, text: str) -> None:
        text = LINE_BREAK.sub(" ", text)
        if not self.runs or self.breaks:
            text = text.lstrip(BLANK)
        if not text:
            return
        if self.breaks and self.runs:
            self.runs.append(("<br/>", ()))
        self.breaks = 0
        self.runs.append((html.escape(text, quote=False), tuple(self.marks)))

    def line_break(self) -> bool:
        """Break the line, and return whether this is an empty line: the end of the paragraph."""
        self.breaks += 1
        return self.breaks > 1

    def end(self, tags: frozenset[str]) -> str:
        """Return the paragraph as rich text with `tags` alone, and begin another."""
        runs, self.runs, self.breaks = self.runs, [], 0
        while runs and not (last := runs[-1][0].rstrip(BLANK)):
            runs.pop()
        if not runs or not "".join(text for text, _marks in runs).replace("<br/>", "").strip():
            return ""
        runs[-1] = (last, runs[-1][1])
        parts: list[str] = []
        opened: list[Mark] = []
        for text, marks in runs:
            wanted = list(dict.fromkeys(mark for mark in marks if mark[0] in tags))
            same = 0
            while opened[same : same + 1] == wanted[same : same + 1] != []:
                same += 1
            if text == "<br/>":
                wanted, same = opened, len(opened)
            parts += [f"</{name}>" for name, _address in reversed(opened[same:])]
            for name, address in wanted[same:]:
                parts.append(f'<a href="{html.escape(address)}">' if name == "a" else f"<{name}>")
            opened = list(wanted)
            parts.append(text)
        parts += [f"</{name}>" for name, _address in reversed(opened)]
        return "".join(parts)


@dataclass
class Item:
    """An item of a list that is being read. `level` names its list, and `number` it in that."""

    level: int
    tag: str
    number: int
    is_interrupted: bool = False


@dataclass
class Lines:
    """
    Lists that are being read: lines of text, each with the items in which it stands.

    What cannot stand in a list ends it, and the next item begins another with its number.
    """

    stack: list[tuple[int, str]] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    last: dict[int, Item] = field(default_factory=dict)
    found: list[tuple[tuple[Item, ...], str]] = field(default_factory=list)
    count: int = 0

    @property
    def depth(self) -> int:
        return len(self.stack)

    @property
    def is_open(self) -> bool:
        """Whether a paragraph that ends now is a line of an item."""
        return (
            bool(self.items) and self.depth == len(self.items) and not self.items[-1].is_interrupted
        )

    def open(self, node: Tag) -> None:
        # A list directly within a list belongs to the item before it.
        if self.depth > len(self.items):
            level, tag = self.stack[-1]
            self.items.append(self.last.get(level) or Item(level, tag, 1))
        self.count += 1
        start = str(node.get("start", "")).strip()
        tag = "ol" if node.name == "ol" else "ul"
        self.stack.append((self.count, tag))
        self.numbers[self.count] = int(start) if re.fullmatch(r"-?\d{1,6}", start) else 1

    def open_item(self) -> None:
        level, tag = self.stack[-1]
        self.items.append(Item(level, tag, self.numbers[level]))
        self.last[level] = self.items[-1]
        self.numbers[level] += 1

    def close_item(self) -> None:
        self.items.pop()

    def close(self) -> None:
        self.stack.pop()
        # The item before, in which the list stood without being in it.
        if self.items and self.items[-1] is self.last.get(self.items[-1].level):
            pass
        del self.items[self.depth :]

    def add(self, text: str) -> None:
        self.found.append((tuple(self.items), text))

    def take(self) -> str:
        """Return the lines so far as HTML, and forget them."""
        found, self.found = self.found, []
        for item in self.items:
            item.is_interrupted = True
        return _html(found, 0)


def _html(lines: list[tuple[tuple[Item, ...], str]], depth: int) -> str:
    parts: list[str] = []
    open_list = item = None
    has_nested = False
    index = 0
    while index < len(lines):
        items, text = lines[index]
        here = items[depth]
        is_new = here is not item or (has_nested and len(items) == depth + 1)
        if item is not None and is_new:
            parts.append("</li>")
        if open_list != here.level:
            if open_list is not None and item is not None:
                parts.append(f"</{item.tag}>")
            start = f' start="{here.number}"' if here.tag == "ol" and here.number != 1 else ""
            parts.append(f"<{here.tag}{start}>")
            open_list = here.level
        if is_new:
            parts.append("<li>")
            has_nested = False
        elif len(items) == depth + 1:
            parts.append("<br/>")
        item = here
        if len(items) == depth + 1:
            parts.append(text)
            index += 1
            continue
        end = index
        while end < len(lines) and len(lines[end][0]) > depth + 1 and lines[end][0][depth] is here:
            end += 1
        parts.append(_html([lines[n] for n in range(index, end)], depth + 1))
        has_nested = True
        index = end
    return "".join(parts) + (f"</li></{item.tag}>" if item is not None else "")
