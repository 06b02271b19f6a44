"""Functions that extract text, headings and photos from a body."""

import html
import re
from dataclasses import dataclass, field

from django.utils.html import strip_tags
from django.utils.text import Truncator
from wagtail.blocks import StreamValue

from blog.body.footnotes import REFERENCE

# Brysbaert, M. (2019): adults read English non-fiction silently at 238 words a minute.
WORDS_PER_MINUTE = 238
# A post of at most so many words stands whole in lists.
SHORT = 60

PROSE = {"paragraph", "quote", "callout", "heading"}
TAG = re.compile(r"<[^<>]*>")
BLOCK_END = re.compile(r"</(?:p|li|h[1-6]|blockquote|div)>|<br\s*/?>")
# An invisible character that replaces a reference to a note, where the page shows a number.
NOTE_MARK = "\u2060"


@dataclass
class Section:
    """A heading of a body with the headings below it."""

    text: str
    fragment: str
    sections: list["Section"] = field(default_factory=list)


def plain(source: str) -> str:
    """Return the text of HTML on one line, with a space between its blocks and no note marks."""
    text = html.unescape(strip_tags(BLOCK_END.sub(" ", source)))
    return " ".join(REFERENCE.sub("", text).split())


def prose(body: StreamValue) -> str:
    """Return the text of a body's paragraphs, headings, quotations and call-outs."""
    parts = []
    for block in body:
        if block.block_type == "paragraph":
            parts.append(plain(block.value.source))
        elif block.block_type in PROSE:
            text = block.value["text"]
            parts.append(plain(getattr(text, "source", None) or html.escape(str(text))))
    return " ".join(part for part in parts if part)


def words(body: StreamValue) -> int:
    return len(prose(body).split())


def minutes(count: int) -> int:
    """Return how many minutes it takes to read `count` words, at least one."""
    return max(1, round(count / WORDS_PER_MINUTE))


def excerpt(body: StreamValue, length: int = 50) -> str:
    """Return the first `length` words of the paragraphs of a body."""
    found: list[str] = []
    for block in body:
        if block.block_type == "paragraph":
            found += plain(block.value.source).split()
        if len(found) > length:
            break
    return Truncator(" ".join(found)).words(length, truncate=" …")


def short(body: StreamValue) -> str:
    """Return the HTML of a body of a few paragraphs, or an empty string for a longer one."""
    if any(block.block_type != "paragraph" for block in body) or words(body) > SHORT:
        return ""
    return "".join(block.value.source for block in body)


def outline(body: StreamValue) -> list[Section]:
    """Return the headings of a body as a tree of two levels."""
    sections: list[Section] = []
    for block in body:
        if block.block_type != "heading":
            continue
        section = Section(block.value.get("text") or "", block.value.fragment)
        if block.value.rank == 3 and sections:
            sections[-1].sections.append(section)
        else:
            sections.append(section)
    return sections


def first_photo(body: StreamValue):  # type: ignore[no-untyped-def]
    """Return the photo of the first photo block of a body, or None."""
    photos = (block.value.get("image") for block in body if block.block_type == "photo")
    return next((photo for photo in photos if photo), None)


def photos(body: StreamValue) -> list:
    """Return the photos of a body, including those of its galleries."""
    found = []
    for block in body:
        if block.block_type == "photo":
            found.append(block.value.get("image"))
        elif block.block_type == "gallery":
            found += [photo["image"] for photo in block.value["photos"]]
    return [photo for photo in found if photo]


def lines(source: str) -> list[str]:
    """Return a list of the paragraphs, list items and lines of HTML as text."""
    # Rich text is stored with its brackets escaped, so a pattern is enough. It is ten times as fast
    # as a parser, which matters when a whole site is indexed.
    pieces = (html.unescape(TAG.sub("", piece)) for piece in BLOCK_END.split(source))
    texts = (" ".join(REFERENCE.sub(NOTE_MARK, piece).split()) for piece in pieces)
    return [text for text in texts if text]


def searchable(body: StreamValue) -> dict[str, list[str]]:
    """
    Return a dict of the lines of a body that a search finds.

    The keys are `prose`, `captions` (all text of photos, tables, embeds and documents), `code`,
    `notes` and `alts`, the descriptions of pictures.
    """
    kinds = ("prose", "captions", "code", "notes", "alts")
    found: dict[str, list[str]] = {kind: [] for kind in kinds}
    for block in body:
        value = block.value
        match block.block_type:
            case "paragraph":
                found["prose"] += lines(value.source)
            case "heading":
                found["prose"].append(value["text"])
            case "quote" | "callout":
                found["prose"] += [value.get("title"), *lines(value["text"].source)]
                found["prose"].append(value.get("source"))
            case "photo" | "gallery":
                photos = value.get("photos", [value])
                found["captions"].append(value.get("title"))
                for photo in photos:
                    image = photo["image"]
                    alt = image and getattr(image, "contextual_alt_text", "")
                    found["captions"].append(photo["caption"])
                    found["alts"].append(alt)
            case "code":
                found["captions"].append(value["caption"])
                found["code"] += (value["code"] or "").splitlines()
            case "table":
                found["captions"].append(value.caption)
                found["captions"].append(" | ".join(c["heading"] or "" for c in value.columns))
                for row in value.rows:
                    found["captions"].append(" | ".join(plain(str(cell.value)) for cell in row))
            case "notes":
                for note in value:
                    found["notes"] += lines(note.source)
            case "embed" | "document":
                found["captions"] += [value.get("title"), value.get("caption")]
    return {kind: [text for text in texts if text] for kind, texts in found.items()}
