"""
Counts what a text has, at its source and in what was written, to account for every word.

The source is read by a parser of its own (html5lib), as a browser would read it, so that a mistake
of the translator shows.
"""

import difflib
import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import html5lib

from .imported import Block, Problem
from .pictures import PICTURE

# The text in these is shown by no browser.
UNSEEN = {"script", "style", "template", "iframe", "noembed", "noframes", "head", "x-related"}
KINDS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "headings"),
    "blockquote": "quotations",
    **dict.fromkeys(("ul", "ol"), "lists"),
    "pre": "code",
    "table": "tables",
    "a": "links",
    "img": "pictures",
    **dict.fromkeys(("video", "audio"), "media"),
    **dict.fromkeys(("iframe", "embed", "x-embed"), "embeds"),
}
BLOCKS = {"heading": "headings", "quote": "quotations", "code": "code", "table": "tables"}
BLOCKS |= {"photo": "pictures", "embed": "embeds"}
# Spaces, and the dash before the source of a quotation, which the page draws by itself.
UNCOUNTED = re.compile(r"[\s\x00-\x1f\u200b\ufeff\u2014\u2013]+")
TAG = re.compile(r"<(?P<name>\w+)[^<>]*>|</\w+>")
FIELDS = (
    *("caption", "title", "text", "source", "code", "heading", "values", "posts", "photos"),
    *("columns", "rows", "embed"),
)


def letters(texts: Iterable[str]) -> str:
    return UNCOUNTED.sub("", "".join(texts))


def of_source(source: str) -> tuple[str, Counter[str]]:
    """Return the text of HTML in its order, spaces apart, and how much it has of each kind."""
    tree = html5lib.parseFragment(source, treebuilder="etree")
    texts: list[str] = []
    counts: Counter[str] = Counter()

    def walk(node: Any) -> None:
        for child in node:
            name = child.tag.rpartition("}")[2] if isinstance(child.tag, str) else "!"
            if name in KINDS and not (name == "a" and _leads_nowhere(child)):
                counts[KINDS[name]] += 1
            if name != "!" and name not in UNSEEN:
                texts.append(child.text or "")
                walk(child)
            texts.append(child.tail or "")

    texts.append(tree.text or "")
    walk(tree)
    text = letters(texts)
    return text, counts + Counter(words=len(" ".join(texts).split()), characters=len(text))


def _leads_nowhere(anchor: Any) -> bool:
    """Return whether a link has no address, or only that of a larger copy of its picture."""
    address = anchor.get("href", "").partition("?")[0]
    return not address or bool(PICTURE.search(address) and len(anchor) == 1 and not anchor.text)


def of_blocks(blocks: Iterable[Block]) -> tuple[str, Counter[str]]:
    """Return the text of raw blocks in its order, spaces apart, and how much there is of each."""
    texts: list[str] = []
    counts: Counter[str] = Counter()
    for block in blocks:
        counts[BLOCKS.get(block["type"], "")] += 1
        if block["type"] == "gallery":
            counts["pictures"] += len(block["value"]["photos"])
        if block["type"] == "photo":
            counts["links"] += bool(block["value"].get("link"))
        for text, is_rich in _texts(block["value"], block["type"]):
            if is_rich:
                names = Counter(match["name"] for match in TAG.finditer(text))
                counts["lists"] += names["ul"] + names["ol"]
                counts["links"] += names["a"]
                text = html.unescape(TAG.sub(" ", text))
            texts.append(text)
    del counts[""]
    text = letters(texts)
    return text, counts + Counter(characters=len(text))


def _texts(value: Any, kind: str) -> Iterator[tuple[str, bool]]:
    """Yield the texts of a raw value, and whether each is rich, with its brackets escaped."""
    if isinstance(value, str):
        is_rich = kind in {"paragraph", "notes", "quote text", "callout text"}
        yield value, is_rich or (kind == "table values" and value.startswith("<p>"))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item, kind)
    elif isinstance(value, dict) and value.get("type") == "item":
        yield from _texts(value["value"], kind)
    elif isinstance(value, dict):
        base = kind.split()[0]
        for key in sorted(value.keys() & set(FIELDS), key=FIELDS.index):
            yield from _texts(value[key], f"{base} {key}")


def missing(source: str, written: str) -> str:
    """
    Return what of a source's letters is not in what was written, in the same order.

    More may have been written, such as the address of a picture that is not there.
    """
    rest = iter(written)
    if all(letter in rest for letter in source):
        return ""
    matcher = difflib.SequenceMatcher(None, source, written, autojunk=len(source) > 20_000)
    lost = [
        source[start:end]
        for kind, start, end, *_ in matcher.get_opcodes()
        if kind in {"delete", "replace"}
    ]
    return "…".join(lost) or "(in another order)"


@dataclass
class Entry:
    """What became of one post. `missing` are the letters that did not arrive."""

    source_id: str
    title: str
    outcome: str
    reason: str = ""
    file: str = ""
    page: int | None = None
    source: Counter[str] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)
    losses: list[str] = field(default_factory=list)
    missing: str = ""


@dataclass
class Receipt:
    """What became of an archive: every post, what was left out, and what a person should see."""

    entries: list[Entry] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    comments: Counter[str] = field(default_factory=Counter)

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)

    @property
    def outcomes(self) -> Counter[str]:
        return Counter(entry.outcome for entry in self.entries)

    @property
    def unaccounted(self) -> list[Entry]:
        """The posts of which letters are missing that no line explains."""
        return [entry for entry in self.entries if entry.missing]

    @property
    def refused(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.is_loss]

    @property
    def is_whole(self) -> bool:
        """Whether everything arrived, or was left out on purpose."""
        return not (self.unaccounted or self.refused or self.outcomes["failed"])

    def totals(self) -> dict[str, tuple[int, int]]:
        """Return how much there was at the source, and how much was written, of each kind."""
        source: Counter[str] = sum((e.source for e in self.entries), Counter())
        written: Counter[str] = sum((e.written for e in self.entries), Counter())
        source["comments"], written["comments"] = self.comments["source"], self.comments["written"]
        return {k: (source[k], written[k]) for k in sorted(source | written) if k != "words"}

    def as_json(self) -> dict[str, Any]:
        """Return the receipt as data for JSON."""
        return {
            "whole": self.is_whole,
            "posts": self.outcomes,
            "words": sum(entry.source["words"] for entry in self.entries),
            "totals": {k: {"source": a, "written": b} for k, (a, b) in self.totals().items()},
            "left_out": self.left_out,
            "problems": [str(problem) for problem in self.problems],
            "refused": [str(problem) for problem in self.refused],
            "notes": self.notes,
            "entries": [vars(entry) for entry in self.entries],
        }
