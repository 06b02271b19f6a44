"""Reads exports of Blogger: the Atom file of one blog, and the feed.atom of Google's Takeout."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element  # nosec B405

from blog import slugs
from blog.importers import xml
from blog.importers.imported import (
    ImportedComment,
    ImportedPost,
    Item,
    LeftOut,
    Options,
    Problem,
    Status,
)

NAME = "blogger"
FEED = frozenset({"feed", "id", "link", "entry"})
KIND = re.compile(r"schemas\.google\.com/blogger/2008/kind#(\w+)")
ENTRY = re.compile(r"(?:post|page)-(\d+)")
ENDING = re.compile(r"\.html?$")


def claims(path: Path, head: bytes) -> bool:
    """Return whether a file is such a feed."""
    # A template of a feed, as Jekyll has one, begins otherwise.
    is_xml = head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
    return is_xml and b"<feed" in head and b"blogger" in head.lower()


def read(paths: list[Path], root: Path, options: Options) -> Iterator[Item]:
    """Yield the posts, pages and comments of the files."""
    for path in paths:
        _path, repairs = xml.checked(path)
        yield from (Problem(0, message, path.name) for message in repairs)
        site = options.old_site
        for element in xml.elements(path, FEED, frozenset({"feed"})):
            name = xml.name_of(element)
            if name == "link" and element.get("rel") == "alternate" and not site:
                site = element.get("href", "")
            elif name == "entry":
                yield _entry(element, site, options, path.name)


def _text(element: Element, name: str) -> str:
    found = next((child for child in element if xml.name_of(child) == name), None)
    return "".join(found.itertext()).strip() if found is not None else ""


def _kind(entry: Element) -> str:
    """Return what an entry is: in Takeout an element, which may stand inside of the author."""
    for child in entry.iter():
        name, text = xml.name_of(child), (child.text or "").strip().lower()
        # That of the author says what account it is.
        if name == "blogger:type" and text in {"post", "page", "comment"}:
            return text
        if xml.name_of(child) == "category" and (found := KIND.search(child.get("term", ""))):
            return found[1].lower()
    return "post"


def _entry(entry: Element, site: str, options: Options, file: str) -> Item:
    kind = _kind(entry)
    number = _text(entry, "id").rpartition("-")[2]
    state = next(
        (child.text or "" for child in entry.iter() if xml.name_of(child) == "blogger:status"), ""
    ).upper()
    if kind == "comment":
        return _comment(entry, number, state, options)
    if kind not in {"post", "page"}:
        return LeftOut(f"entries of the kind “{kind}”")
    if state in {"TRASHED", "SOFT_TRASHED", "DELETED"}:
        return LeftOut("trashed posts")
    links = {
        child.get("rel"): child.get("href", "") for child in entry if xml.name_of(child) == "link"
    }
    address = links.get("alternate") or _text(entry, "blogger:filename")
    if address.startswith("/") and site:
        address = f"{site.rstrip('/')}{address}"
    title = " ".join(_text(entry, "title").split())
    path = unquote(urlsplit(address).path)
    name = ENDING.sub("", path.rpartition("/")[2])
    draft = next((c.text for c in entry.iter() if xml.name_of(c) == "app:draft"), "") or ""
    published = _moment(entry, "published", options)
    status = Status.LIVE
    if draft.strip().lower() == "yes" or (state and state != "LIVE"):
        status = Status.DRAFT
    if state == "SCHEDULED" and published:
        status = Status.SCHEDULED
    tags = [
        child.get("term", "").strip()
        for child in entry
        if xml.name_of(child) == "category" and not KIND.search(child.get("term", ""))
    ]
    author = next((c for c in entry if xml.name_of(c) == "author"), None)
    writer = _text(author, "name") if author is not None else ""
    return ImportedPost(
        source_id=f"blogger:{number}",
        title=title,
        slug=slugs.slug_from(name, "post") if name else slugs.slug_from(title, "post"),
        html=_text(entry, "content") or _text(entry, "summary"),
        dialect=NAME,
        is_page=kind == "page",
        published_at=None if status is Status.SCHEDULED else published,
        go_live_at=published if status is Status.SCHEDULED else None,
        authors=(writer,) if writer and writer not in {"Unknown", "Anonymous"} else (),
        tags=tuple(dict.fromkeys(tag for tag in tags if tag)),
        status=status,
        addresses=(address,) if address else (),
        file=file,
    )


def _moment(entry: Element, name: str, options: Options) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(_text(entry, name))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=options.zone)


def _comment(entry: Element, number: str, state: str, options: Options) -> Item:
    """Return a comment: on a post that it names, and below another that it is related to."""
    if state in {"SPAM", "SPAM_COMMENT", "TRASHED", "DELETED", "GHOSTED"}:
        return LeftOut(f"comments: {state.lower()}")
    reply = next((c for c in entry if xml.name_of(c) == "thr:in-reply-to"), None)
    named = " ".join(reply.attrib.values()) if reply is not None else ""
    found = ENTRY.search(named) or re.search(r"/(\d+)/comments/", named)
    post = found[1] if found else _text(entry, "blogger:parent").rpartition("-")[2]
    related = next(
        (c.get("href", "") for c in entry if c.get("rel") == "related"),
        "",
    )
    parent = _text(entry, "blogger:inReplyTo") or related
    parent = re.split(r"[/-]", parent.rstrip("/"))[-1] if parent else ""
    author = next((c for c in entry if xml.name_of(c) == "author"), None)
    return ImportedComment(
        source_id=f"blogger:comment:{number}",
        post=f"blogger:{post}",
        html=_text(entry, "content"),
        name=_text(author, "name") if author is not None else "",
        link=_text(author, "uri") if author is not None else "",
        moment=_moment(entry, "published", options),
        parent=f"blogger:comment:{parent}" if parent.isdigit() and parent != number else "",
        is_public=state in {"", "LIVE"},
    )
