"""
Converts HTML from other programs to the blocks of a body. No text is lost, glued or reordered.

Beside HTML it knows elements that name blocks of ours: `<x-callout kind title>`, `<x-gallery
title>` with pictures, `<x-embed url title caption>`, `<x-document file title>`, `<x-related title>`
with a list of slugs, and `<x-notes>` with an `<x-note>` for each.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import nh3
from bs4 import BeautifulSoup, NavigableString, Tag
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from blog.blocks.code import LANGUAGES
from blog.editing.embeds import PrivateFinder

from .imported import Block
from .pictures import PICTURE, Library, photo_value, picture_of
from .rich_text import (
    CONTAINERS,
    HEADINGS,
    KNOWN_INLINE,
    LISTS,
    PLAIN_TAGS,
    RICH_TAGS,
    Lines,
    Paragraph,
    flat,
    formats_of,
    link,
    text_html,
    urlsplit_safe,
)

SCHEMES = {"http", "https", "mailto", "tel"}
# What no browser shows, with the text in it.
UNSEEN = {"script", "style", "template"}
MEDIA = {"iframe", "embed", "object", "video", "audio"}
OWN = {"x-callout", "x-gallery", "x-embed", "x-document", "x-related", "x-notes"}
ATTRIBUTES = {
    "*": {"id", "class", "style"},
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "srcset", "data-src", "data-original"},
    "iframe": {"src", "title"},
    "embed": {"src"},
    "object": {"data"},
    **{name: {"src"} for name in ("video", "audio", "source")},
    **{name: {"style", "align", "colspan", "rowspan"} for name in ("td", "th")},
    "ol": {"start"},
    "code": {"class", "lang", "data-lang"},
    "pre": {"class", "lang", "data-lang"},
    "x-callout": {"kind", "title"},
    "x-gallery": {"title"},
    "x-related": {"title"},
    "x-embed": {"url", "title", "caption"},
    "x-document": {"file", "title"},
}
TAG_NAME = re.compile(r"<([a-z][^\s/>]*)", re.IGNORECASE)
ANY_TAG = re.compile(r"(</?)([a-z][\w:.-]*)", re.IGNORECASE)
LANGUAGE_NAMES = {name for name, _label in LANGUAGES}
# The end of a quotation's text, if that is its source.
DASH_LINE = re.compile(r"(?:<p>|<br/>)\s*—\s*((?:(?!</p>|<br/>|<p>).)+)</p>$")
# The beginning of one within a text.
SOURCE_LINE = re.compile(r"\n(?=\s*— ?\S)")
CAPTION = 500


@dataclass
class Body:
    """Raw blocks, and messages about what was changed or removed."""

    blocks: list[Block] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)


def read(source: str, library: Library | None = None) -> Body:
    """
    Return the blocks of a piece of HTML.

    Scripts, styles, comments and unsafe addresses are removed. A picture that the library does not
    have becomes a link to it. The body's `losses` say what else was changed or removed.
    """
    try:
        return _Translator(library or Library()).read(source)
    except RecursionError:
        text = BeautifulSoup(nh3.clean(source, tags={"br"}), "html.parser").get_text("\n")
        lines = (line.strip() for line in text.splitlines())
        found = "".join(f"<p>{text_html(line)}</p>" for line in lines if line)
        blocks: list[Block] = [{"type": "paragraph", "value": found}] if found else []
        return Body(blocks, ["Its elements are nested too deeply; only its words were kept."])


def clean(source: str, tags: frozenset[str] = RICH_TAGS) -> str:
    """Return HTML as rich text of paragraphs, breaks and `tags`, as the editor stores it."""
    translator = _Translator(Library())
    translator.tags, translator.is_cell = tags, True
    blocks = translator.read(source).blocks
    return "".join(map(rich_text_of, blocks))


def language(name: str) -> str:
    """Return the site's name of a language that Pygments knows by another, or "text"."""
    if name in LANGUAGE_NAMES:
        return name
    try:
        aliases = get_lexer_by_name(name).aliases
    except ClassNotFound:
        return "text"
    return next((alias for alias in aliases if alias in LANGUAGE_NAMES), "text")


def rich_text_of(block: Block) -> str:
    """Return a block as rich text, for places that hold nothing else."""
    value = block["value"]
    if block["type"] == "paragraph":
        return str(value)
    if block["type"] == "quote":
        source = f"<p>— {html.escape(value['source'], quote=False)}</p>" if value["source"] else ""
        return f"{value['text']}{source}"
    texts = [str(leaf) for leaf in _texts(value)]
    return "".join(
        f"<p>{html.escape(line, quote=False)}</p>" for text in texts for line in text.splitlines()
    )


def first_words(blocks: list[Block], most: int = 8) -> str:
    """Return the first words of a body, for a post that has no title."""
    for block in blocks:
        text = flat(BeautifulSoup(rich_text_of(block), "html.parser"))
        if words := text.split():
            return " ".join(words[:most])[:200] + (" …" if len(words) > most else "")
    return ""


def _texts(value: object, key: str = "") -> Iterator[object]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, name)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item, key)
    elif key in {"text", "code", "caption", "heading", "values", "title"} and value:
        yield BeautifulSoup(str(value), "html.parser").get_text() if key == "values" else value


def soup(source: str) -> BeautifulSoup:
    """Return HTML as a browser would parse it, without what no reader may get."""
    source = ANY_TAG.sub(_renamed, source.replace("\x00", ""))
    tags = {name.lower() for name in TAG_NAME.findall(source)} - UNSEEN - {"html", "body", "head"}
    safe = nh3.clean(
        source,
        tags=tags,
        clean_content_tags=UNSEEN,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES | {"data"},
        link_rel=None,
    )
    return BeautifulSoup(safe, "html.parser")


def _renamed(found: re.Match[str]) -> str:
    """Rename elements of other vocabularies: nh3 would take those of SVG for a trap."""
    name = found[2].lower()
    return found[0] if name in KNOWN else f"{found[1]}x-{name.replace(':', '-')}"


class _Translator:
    """Walks a tree once, in the order of its text. What is not a block of ours is looked into."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.tags = RICH_TAGS
        self.body = Body()
        self.paragraph = Paragraph()
        self.lines = Lines()
        self.quotes = 0
        self.quote: Block | None = None
        self.target = ""
        # Photos that stand within the paragraph, and come after it.
        self.after: list[dict[str, Any]] = []
        self.is_cell = False
        self.removed: set[str] = set()

    def read(self, source: str) -> Body:
        gone = {name.lower() for name in TAG_NAME.findall(source)} & UNSEEN
        for name in sorted(gone):
            self._lose(f"<{name}> was removed.")
        self._walk(soup(source))
        self._flush()
        self._end_lists()
        return self.body

    def _lose(self, message: str) -> None:
        place = f"block {len(self.body.blocks) + 1}: " if self.body.blocks else ""
        self.body.losses.append(f"{place}{message}")

    def _add(self, kind: str, value: object) -> None:
        self._end_lists()
        self.quote = None
        self.body.blocks.append({"type": kind, "value": value})

    # Paragraphs

    def _walk(self, node: Tag) -> None:
        for child in list(node.children):
            if isinstance(child, Tag):
                self._element(child)
            elif type(child) is NavigableString:
                for number, line in enumerate(SOURCE_LINE.split(child) if self.quotes else [child]):
                    if number:
                        self.paragraph.line_break()
                    self.paragraph.text(line)

    def _element(self, node: Tag) -> None:
        name = node.name
        if name == "br":
            if self.paragraph.line_break():
                self._flush()
        elif name == "img":
            self._picture(node)
        elif handler := HANDLERS.get(name):
            self._flush()
            handler(self, node)
            self._flush()
        elif name in CONTAINERS:
            self._flush()
            self._walk(node)
            self._flush()
        else:
            if name not in KNOWN_INLINE and name not in self.removed:
                self.removed.add(name)
                self._lose(f"<{name.removeprefix('x-')}> was removed; its words stay.")
            marks = formats_of(node)
            marks = [mark for mark in marks if mark[0] != "a" or self._is_kept(mark[1])]
            before, self.target = self.target, node.get("href", "") or self.target
            self.paragraph.marks += marks
            self._walk(node)
            self.paragraph.marks = self.paragraph.marks[: len(self.paragraph.marks) - len(marks)]
            self.target = before

    def _is_kept(self, address: str) -> bool:
        if urlsplit_safe(address).scheme not in SCHEMES | {""}:
            self._lose(f"The address {address[:80]} is not safe; its words stay.")
            return False
        return True

    def _flush(self) -> None:
        """End the paragraph, and put it where it belongs: a list, a quotation, or the body."""
        tags = PLAIN_TAGS & self.tags if self.quotes else self.tags
        if text := self.paragraph.end(tags):
            if self.lines.is_open:
                self.lines.add(text)
            elif self.quotes:
                self._say(text)
            else:
                self._rich_text(f"<p>{text}</p>")
        while self.after:
            self._add("photo", self.after.pop(0))

    def _say(self, text: str) -> None:
        self._end_lists()
        if self.quote is None:
            self._add("quote", {"text": "", "source": "", "url": ""})
            self.quote = self.body.blocks[-1]
        self.quote["value"]["text"] += f"<p>{text}</p>"

    def _rich_text(self, text: str) -> None:
        self._end_lists()
        blocks = self.body.blocks
        if blocks and blocks[-1]["type"] == "paragraph":
            blocks[-1] = {"type": "paragraph", "value": blocks[-1]["value"] + text}
        else:
            blocks.append({"type": "paragraph", "value": text})

    # Lists

    def _list(self, node: Tag) -> None:
        if self.quotes or node.name not in self.tags:
            self._lose("A list in a quotation became paragraphs.")
            self._walk(node)
            return
        self.lines.open(node)
        for child in list(node.children):
            if isinstance(child, Tag) and child.name == "li":
                self._flush()
                self.lines.open_item()
                self._walk(child)
                self._flush()
                self.lines.close_item()
            elif isinstance(child, Tag):
                self._element(child)
            elif type(child) is NavigableString:
                self.paragraph.text(str(child))
        self._flush()
        self.lines.close()
        if not self.lines.depth:
            self._end_lists()

    def _end_lists(self) -> None:
        """Write the items of a list down, also in its middle, before what cannot stand in it."""
        if text := self.lines.take():
            self._rich_text(text)

    def _item(self, node: Tag) -> None:
        self._walk(node)

    def _bold(self, node: Tag) -> None:
        """A term or a summary: a paragraph of its own in bold."""
        self.paragraph.marks.append(("b", ""))
        self._walk(node)
        self._flush()
        self.paragraph.marks.pop()

    def _definitions(self, node: Tag) -> None:
        what = "list of definitions" if node.name == "dl" else "block that opens"
        self._lose(f"A {what} became paragraphs.")
        self._walk(node)

    # Blocks

    def _heading(self, node: Tag) -> None:
        pictures = node.find_all("img")
        if self.lines.is_open or self.quotes:
            self._lose("A heading in a list or a quotation became a bold paragraph.")
            self._bold(node)
            return
        if text := flat(node):
            if len(text) > 200:
                self._lose("A heading of more than 200 characters became a paragraph.")
                self._rich_text(f"<p><b>{text_html(text)}</b></p>")
            else:
                level = "2" if node.name in {"h1", "h2"} else "3"
                anchor = re.sub(r"[^\w-]", "", node.get("id", ""))[:100]
                self._add("heading", {"text": text, "level": level, "anchor": anchor})
                if node.find("a", href=True):
                    self._lose("A heading had a link, which it cannot have.")
        for picture in pictures:
            self._picture(picture)

    def _quotation(self, node: Tag) -> None:
        if self.quotes:
            self._walk(node)
            return
        self._end_lists()
        tags = list(node.find_all(True, recursive=False))
        cite = tags[-1] if tags and tags[-1].name in {"cite", "footer"} else None
        last = cite.next_sibling if cite else None
        if cite and not (last and str(last).strip()) and 0 < len(flat(cite)) <= 250:
            cite.extract()
        else:
            cite = None
        depth, self.lines, outer = self.lines.depth, Lines(), self.lines
        self.quotes, self.quote = 1, None
        self._walk(node)
        self._flush()
        self.quotes, quote = 0, self.quote
        self.quote, self.lines = None, outer if depth else Lines()
        if cite and quote:
            self._set_source(quote, str(cite))
        elif cite:
            self._rich_text(f"<p>{text_html(flat(cite))}</p>")
        elif quote and (found := DASH_LINE.search(quote["value"]["text"])):
            before = quote["value"]["text"][: found.start()]
            if before and len(flat(BeautifulSoup(found[1], "html.parser"))) <= 250:
                quote["value"]["text"] = before + ("</p>" if found[0][1] == "b" else "")
                self._set_source(quote, found[1])

    def _set_source(self, quote: Block, line: str) -> None:
        found = BeautifulSoup(line, "html.parser")
        quote["value"]["source"] = flat(found).lstrip("—– ")
        if anchor := found.find("a", href=True):
            if urlsplit_safe(anchor["href"]).scheme in {"http", "https"}:
                quote["value"]["url"] = anchor["href"]
            else:
                self._lose(
                    "A quotation's source has an address of the web only:"
                    f" {anchor['href']} was removed."
                )

    def _code(self, node: Tag) -> None:
        for line_end in node.find_all("br"):
            line_end.replace_with("\n")
        for inner in node.find_all(lambda tag: tag.name in CONTAINERS or tag.name in HANDLERS):
            before = "".join(map(str, inner.previous_siblings))
            if before and not before.endswith("\n"):
                inner.insert_before("\n")
            inner.insert_after("\n")
        inner = node.find("code")
        names = [*node.get("class", ()), *(inner.get("class", ()) if inner else ())]
        named = [
            re.sub(r"^(?:language-|lang-|brush:\s*|highlight-source-)", "", name).strip(";")
            for name in names
        ]
        code = node.get_text().removesuffix("\n").removeprefix("\n")
        if code.strip():
            known = (found for found in map(language, named) if found != "text")
            value = {"language": next(known, "text"), "code": code, "caption": ""}
            self._add("code", value)
        for picture in node.find_all("img"):
            self._picture(picture)

    def _verse(self, node: Tag) -> None:
        """A poem: its lines are kept, and it is no code."""
        self._lose("A poem became a paragraph of its lines.")
        for text in list(node.find_all(string=re.compile("\n"))):
            parts = str(text).strip("\n").split("\n") if text.parent is node else [str(text)]
            for number, part in enumerate(parts):
                if number:
                    text.insert_before(BeautifulSoup("<br/>", "html.parser").br)
                text.insert_before(NavigableString(part))
            text.extract()
        self._walk(node)

    def _pre(self, node: Tag) -> None:
        classes = " ".join(node.get("class", ()))
        (self._verse if "verse" in classes or "poetry" in classes else self._code)(node)

    def _rule(self, node: Tag) -> None:
        self._add("divider", None)

    # Tables

    def _table(self, node: Tag) -> None:
        rows = [
            row.find_all(["th", "td"], recursive=False)
            for row in node.find_all("tr")
            if row.find_parent("table") is node
        ]
        rows = [list(row) for row in rows if row]
        holds = node.find(["pre", "figure", "blockquote", *MEDIA, *OWN, *HEADINGS])
        if self.quotes or self.lines.is_open or holds or sum(map(len, rows)) <= 1:
            if sum(map(len, rows)) > 1:
                self._lose("A table with blocks in its cells became paragraphs.")
            self._walk(node)
            return
        caption = flat(node.caption) if node.caption else ""
        if len(caption) > 250:
            self._rich_text(f"<p>{text_html(caption)}</p>")
            caption = ""
        if node.find("table"):
            self._lose("A table within a table became paragraphs in its cell.")
        if node.find(colspan=re.compile(r"[^1\s]")) or node.find(rowspan=re.compile(r"[^1\s]")):
            self._lose("Cells of a table that were merged are separate.")
        width = max(map(len, rows))
        empty = BeautifulSoup("", "html.parser").new_tag("td")
        has_heads = all(cell.name == "th" for cell in rows[0])
        first, *others = [row + [empty] * (width - len(row)) for row in rows]
        heads, cells = (first, others) if has_heads else ([empty] * width, [first, *others])
        columns = []
        for index, head in enumerate(heads):
            rich = any(_is_rich(row[index]) for row in cells)
            kind = "rich_text" if rich else "number" if _is_right(first[index]) else "text"
            columns.append({"type": kind, "heading": flat(head)})
        values = [
            {
                "values": [
                    clean(cell.decode_contents(), PLAIN_TAGS)
                    if column["type"] == "rich_text"
                    else flat(cell)
                    for column, cell in zip(columns, row, strict=True)
                ]
            }
            for row in cells
        ]
        self._add("table", {"caption": caption, "columns": columns, "rows": values})
        for picture in node.find_all("img"):
            self._picture(picture)

    # Pictures, films and files

    def _figure(self, node: Tag) -> None:
        pictures = node.find_all("img")
        caption = node.find("figcaption")
        others = {"figure", "table", "pre", "blockquote", "p", *LISTS, *MEDIA, *OWN}
        inner = node.find(list(others))
        words = "".join(
            str(text)
            for text in node.find_all(string=True)
            if not (caption and caption in text.parents)
        ).strip()
        if len(pictures) == 1 and not inner and not words:
            anchor = pictures[0].find_parent("a")
            self.target = anchor.get("href", "") if anchor and node in anchor.parents else ""
            self._picture(pictures[0], flat(caption) if caption else "", caption)
            self.target = ""
        else:
            self._walk(node)

    def _picture(self, node: Tag, caption: str = "", rich: Tag | None = None) -> None:
        """Add a picture where it stands, or within a line of text after its paragraph."""
        if {"wp-smiley", "emoji"} & set(node.get("class", ())):
            self.paragraph.text(node.get("alt", ""))
            return
        picture = picture_of(node, self.target)
        style = node.get("style", "").replace(" ", "") + ";"
        if self.is_cell or not picture.addresses:
            if not self.is_cell:
                self._lose("A picture without an address was removed.")
            self._captioned(caption)
            return
        if "width:1px" in style or {node.get("width"), node.get("height")} <= {"0", "1"}:
            self._lose(f"A tracking pixel was left out: {picture.addresses[-1][:200]}.")
            return
        photo = self.library.photo(picture)
        address = picture.addresses[-1]
        if photo is None:
            is_inline = address.startswith("data:")
            name = "within the text" if is_inline else address[:200]
            self._lose(f"The picture {name} is not here; a link to it stands in its place.")
            text = picture.description or caption or name
            marks = self.paragraph.marks
            self.paragraph.marks = marks if is_inline else [("a", self.target or address)]
            self.paragraph.text(text)
            self.paragraph.marks = marks
            self._captioned(caption if text != caption else "")
            return
        caption = caption or node.get("title", "").strip()
        value = photo_value(photo, picture.description, caption[:CAPTION])
        target = urlsplit_safe(self.target)
        if target.scheme in SCHEMES and not PICTURE.search(target.path):
            value["link"] = self.target[:2000]
        if self.paragraph.runs and not self.paragraph.breaks:
            self.after.append(value)
        else:
            self._flush()
            self._add("photo", value)
        if len(caption) > CAPTION:
            self._lose("A caption of more than 500 characters goes on below its picture.")
            self._captioned(caption[CAPTION:])
        for anchor in rich.find_all("a", href=True) if rich else ():
            self._lose(f"A caption had a link to {anchor['href'][:200]}, which it cannot have.")

    def _captioned(self, caption: str) -> None:
        if caption:
            self._flush()
            self.paragraph.text(caption)
            self._flush()

    def _media(self, node: Tag) -> None:
        sources = [node, *node.find_all(["source", "embed"])]
        found = (tag.get("src") or tag.get("data") for tag in sources)
        address = next(filter(None, found), "")
        address = f"https:{address}" if address.startswith("//") else address
        if address:
            self._embed(address, node.get("title", "").strip()[:200])
        else:
            self._lose(f"<{node.name}> without an address was removed.")
        for inner in sources[1:]:
            inner.unwrap()
        if node.name != "iframe":
            self._walk(node)

    def _embed(self, address: str, title: str = "", caption: str = "") -> None:
        # The address of a player for Flash, of which the site knows a newer one.
        address = re.sub(
            r"^https?://((?:www\.)?youtube\.com)/v/([\w-]{11}).*", r"https://\1/embed/\2", address
        )
        address = re.sub(r"^http://(?=[\w.]*(?:youtube|youtu|vimeo)\.)", "https://", address)
        title = title or urlsplit_safe(address).netloc or address
        if PrivateFinder().accept(address):
            value = {"embed": address, "title": title[:200], "caption": caption[:CAPTION]}
            self._add("embed", value)
        elif urlsplit_safe(address).scheme in {"http", "https", ""}:
            text = address if title == urlsplit_safe(address).netloc else title
            self.paragraph.marks.append(("a", address))
            self._captioned(text)
            self.paragraph.marks.pop()
            self._captioned(caption)
            self._lose(
                f"What {address[:200]} shows cannot be embedded; a link stands in its place."
            )

    def _own_embed(self, node: Tag) -> None:
        self._embed(node.get("url", ""), node.get("title", ""), node.get("caption", ""))
        self._walk(node)

    def _gallery(self, node: Tag) -> None:
        start = len(self.body.blocks)
        self._add("divider", None)
        self._walk(node)
        self._flush()
        added = self.body.blocks[start + 1 :]
        del self.body.blocks[start:]
        title = node.get("title", "")[:150]
        for block in added:
            last = self.body.blocks[-1] if len(self.body.blocks) > start else None
            if block["type"] == "photo" and last and last["type"] == "gallery":
                last["value"]["photos"].append(block["value"])
            elif block["type"] == "photo":
                self._add("gallery", {"title": title, "photos": [block["value"]]})
            else:
                self.body.blocks.append(block)
        for block in self.body.blocks[start:]:
            if block["type"] == "gallery" and len(block["value"]["photos"]) == 1:
                block.update(type="photo", value=block["value"]["photos"][0])

    def _callout(self, node: Tag) -> None:
        inner = read(node.decode_contents(), self.library)
        text = "".join(b["value"] for b in inner.blocks if b["type"] == "paragraph")
        if len(inner.blocks) > 1 or not text:
            if text or inner.blocks:
                self._lose("A call-out holds paragraphs and lists only; its parts stand apart.")
            self._captioned(node.get("title", ""))
            self._walk(node)
            return
        self.body.losses += inner.losses
        kind = node.get("kind", "note")
        self._add("callout", {"kind": kind, "title": node.get("title", "")[:150], "text": text})

    def _document(self, node: Tag) -> None:
        file, title = node.get("file", ""), node.get("title", "")[:200]
        document = self.library.document(file, title)
        if document is None:
            self._rich_text(f"<p>{link(file, text_html(title or file))}</p>")
            self._lose(f"The document {file} is not here; a link to it stands in its place.")
        else:
            self._add("document", {"title": title, "document": document})
        self._walk(node)

    def _related(self, node: Tag) -> None:
        slugs = [flat(item) for item in node.find_all("li")]
        posts = {slug: self.library.post(slug) for slug in slugs}
        for slug in (slug for slug, post in posts.items() if post is None):
            self._lose(f"The post “{slug}” is not here.")
        if found := [post for post in posts.values() if post is not None]:
            self._add("related", {"title": node.get("title", "")[:150], "posts": found})

    def _notes(self, node: Tag) -> None:
        notes = [clean(note.decode_contents(), PLAIN_TAGS) for note in node.find_all("x-note")]
        if notes := [note for note in notes if note]:
            self._add("notes", notes)


HANDLERS = {
    **dict.fromkeys(LISTS, _Translator._list),
    **dict.fromkeys(HEADINGS, _Translator._heading),
    **dict.fromkeys(MEDIA, _Translator._media),
    "blockquote": _Translator._quotation,
    "pre": _Translator._pre,
    "xmp": _Translator._code,
    "hr": _Translator._rule,
    "table": _Translator._table,
    "figure": _Translator._figure,
    "li": _Translator._item,
    "dl": _Translator._definitions,
    "dt": _Translator._bold,
    "details": _Translator._definitions,
    "summary": _Translator._bold,
    "x-embed": _Translator._own_embed,
    "x-gallery": _Translator._gallery,
    "x-callout": _Translator._callout,
    "x-document": _Translator._document,
    "x-related": _Translator._related,
    "x-notes": _Translator._notes,
}
KNOWN = CONTAINERS | KNOWN_INLINE | HANDLERS.keys() | UNSEEN | {"br", "head", "img", "x-note"}


def _is_rich(cell: Tag) -> bool:
    return bool(cell.find([*PLAIN_TAGS, "strong", "em", "br", "p", "div", "table", *LISTS]))


def _is_right(cell: Tag) -> bool:
    style = cell.get("style", "").replace(" ", "")
    return "text-align:right" in style or cell.get("align") == "right"
