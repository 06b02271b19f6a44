"""Reads exports of WordPress (WXR 1.0 to 1.2), and those of Squarespace, which are like them."""

import datetime as dt
import html
import json
import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element  # nosec B405

from blog import slugs
from blog.importers import xml
from blog.importers.imported import (
    Attachment,
    ImportedComment,
    ImportedPost,
    Item,
    LeftOut,
    Options,
    Problem,
    Status,
    Subject,
)

NAME = "wordpress"
CHANNEL = frozenset({"item", "wp:author", "wp:base_site_url", "wp:base_blog_url", "link"})
# What is not writing: revisions, menus, settings of themes.
LEFT_OUT = {
    *("revision", "nav_menu_item", "custom_css", "customize_changeset", "oembed_cache"),
    *("user_request", "wp_template", "wp_template_part", "wp_global_styles", "wp_navigation"),
    *("wp_font_family", "wp_font_face", "acf-field", "acf-field-group", "feedback", "jp_pay_order"),
    *("wpcf7_contact_form", "amp_validated_url", "scheduled-action"),
}
STATUSES = {
    "publish": Status.LIVE,
    "future": Status.SCHEDULED,
    "private": Status.PRIVATE,
}
EMAIL = re.compile(r"([^@\s]+)@[^@\s]+\.\w+")


def claims(path: Path, head: bytes) -> bool:
    """Return whether a file is such an export."""
    return b"<rss" in head and (b"wordpress.org/export" in head or b"<wp:" in head)


def read(paths: list[Path], root: Path, options: Options) -> Iterator[Item]:
    """Yield the posts, pages, comments and attachments of the files."""
    for path in paths:
        _path, repairs = xml.checked(path)
        yield from (Problem(0, message, path.name) for message in repairs)
        yield from _Reader(path, options).items()


def text_of(element: Element, name: str) -> str:
    """Return the text of the first child with a name, without the space round it."""
    found = next((child for child in element if xml.name_of(child) == name), None)
    return "".join(found.itertext()).strip() if found is not None else ""


class _Reader:
    def __init__(self, path: Path, options: Options) -> None:
        self.path = path
        self.options = options
        self.authors: dict[str, str] = {}
        self.site = options.old_site

    def items(self) -> Iterator[Item]:
        for element in xml.elements(self.path, CHANNEL, frozenset({"channel"})):
            name = xml.name_of(element)
            if name == "item":
                yield from self._item(element)
            elif name == "wp:author":
                login = text_of(element, "wp:author_login")
                shown = text_of(element, "wp:author_display_name")
                first = text_of(element, "wp:author_first_name")
                whole = f"{first} {text_of(element, 'wp:author_last_name')}".strip()
                self.authors[login] = shown if shown and not EMAIL.fullmatch(shown) else whole
                if self.authors[login] and not EMAIL.fullmatch(login):
                    yield Subject(self.authors[login], login)
            elif not self.site or name == "wp:base_blog_url":
                self.site = self.options.old_site or (element.text or "").strip()

    @property
    def prefix(self) -> str:
        parts = urlsplit(self.site)
        return f"wordpress:{parts.netloc}{parts.path.rstrip('/')}"

    def _item(self, item: Element) -> Iterator[Item]:
        kind = text_of(item, "wp:post_type") or "post"
        number = text_of(item, "wp:post_id")
        state = text_of(item, "wp:status") or "publish"
        if kind == "attachment":
            yield self._attachment(item, number)
            yield from self._comments(item, number)
        elif kind == "wp_block":
            yield Attachment(f"block-{number}", "", caption=text_of(item, "content:encoded"))
        elif kind in LEFT_OUT or state in {"trash", "auto-draft"}:
            yield LeftOut(f"{state} posts" if state in {"trash", "auto-draft"} else kind)
        else:
            for child in item:
                if xml.name_of(child) == "category" and child.text and child.get("nicename"):
                    yield Subject(html.unescape(child.text.strip()), child.get("nicename", ""))
            yield self._post(item, number, kind, state)
            yield from self._comments(item, number)

    def _attachment(self, item: Element, number: str) -> Attachment:
        parent = text_of(item, "wp:post_parent")
        return Attachment(
            number,
            text_of(item, "wp:attachment_url") or text_of(item, "guid"),
            description=self._meta(item).get("_wp_attachment_image_alt", "")[:255],
            caption=text_of(item, "excerpt:encoded"),
            parent=f"{self.prefix}:{parent}" if parent not in {"", "0"} else "",
            addresses=(text_of(item, "link"), f"/?attachment_id={number}"),
        )

    def _meta(self, item: Element) -> dict[str, str]:
        found = (child for child in item if xml.name_of(child) == "wp:postmeta")
        return {text_of(m, "wp:meta_key"): text_of(m, "wp:meta_value") for m in found}

    def _moment(self, element: Element, name: str, fallback: str = "") -> dt.datetime | None:
        """Return a moment in UTC, or by the clock of the site where only that was written."""
        for tag, zone in ((f"{name}_gmt", dt.UTC), (name, self.options.zone)):
            text = text_of(element, tag)
            if text and not text.startswith("0000"):
                try:
                    moment = dt.datetime.fromisoformat(text)
                except ValueError:
                    continue
                if 1000 <= moment.year < 3000:
                    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
        try:
            moment = parsedate_to_datetime(fallback)
        except (ValueError, TypeError):
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return moment if 1900 <= moment.year < 3000 else None

    def _post(self, item: Element, number: str, kind: str, state: str) -> ImportedPost:
        meta = self._meta(item)
        losses = []
        title = html.unescape(re.sub(r"<[^>]+>", "", text_of(item, "title"))).strip()
        name = unquote(text_of(item, "wp:post_name")).strip("/").rpartition("/")[2]
        moment = self._moment(item, "wp:post_date", text_of(item, "pubDate"))
        password = text_of(item, "wp:post_password")
        status = STATUSES.get(state, Status.DRAFT)
        if kind not in {"post", "page"}:
            losses.append(f"It was a “{kind}”, which there is none of here; it is a draft.")
            status = Status.DRAFT
        if status is Status.SCHEDULED and moment is None:
            status = Status.DRAFT
        if password and status is Status.LIVE:
            status = Status.PRIVATE
        if text_of(item, "wp:is_sticky") == "1":
            losses.append("It was sticky; here the newest post comes first.")
        excerpt = re.sub(r"<[^>]+>", "", html.unescape(text_of(item, "excerpt:encoded")))
        excerpt = " ".join(excerpt.split())
        body = next((c.text or "" for c in item if xml.name_of(c) == "content:encoded"), "")
        if len(excerpt) > 1000:
            losses.append("Its excerpt has more than 1,000 characters and begins the text.")
            body, excerpt = f"{html.escape(excerpt, quote=False)}\n\n{body}", ""
        if status is Status.PRIVATE and not password:
            losses.append("It was private: readers must sign in.")
        tags = [
            (child.text or "").strip()
            for child in item
            if xml.name_of(child) == "category"
            and child.get("domain", "category") in {"category", "post_tag", "tag"}
            and child.get("nicename") != "uncategorized"
        ]
        return ImportedPost(
            source_id=f"{self.prefix}:{number}"[:255],
            title=" ".join(title.split()),
            slug=name or slugs.slug_from(title, kind),
            html=body,
            dialect=NAME,
            notes=_notes(meta.get("footnotes", "")),
            is_page=kind == "page",
            published_at=None if status is Status.SCHEDULED else moment,
            go_live_at=moment if status is Status.SCHEDULED else None,
            introduction=excerpt,
            authors=self._authors(item),
            tags=tuple(dict.fromkeys(html.unescape(tag) for tag in tags if tag)),
            cover_id=meta.get("_thumbnail_id", ""),
            status=status,
            password=password,
            addresses=self._addresses(item, number, kind),
            losses=tuple(losses),
            file=self.path.name,
        )

    def _authors(self, item: Element) -> tuple[str, ...]:
        login = text_of(item, "dc:creator")
        shown = self.authors.get(login) or login
        if found := EMAIL.fullmatch(shown):
            # The address of a person is not for readers.
            shown = found[1].replace(".", " ").title()
        return (shown,) if shown else ()

    def _addresses(self, item: Element, number: str, kind: str) -> tuple[str, ...]:
        found = [text_of(item, "link")]
        if number.isdigit():
            found += [f"/?p={number}", f"/?page_id={number}"]
        return tuple(dict.fromkeys(address for address in found if address))

    def _comments(self, item: Element, number: str) -> Iterator[Item]:
        post = f"{self.prefix}:{number}"
        for comment in item:
            if xml.name_of(comment) != "wp:comment":
                continue
            kind = text_of(comment, "wp:comment_type") or "comment"
            approved = text_of(comment, "wp:comment_approved")
            if kind != "comment" or approved in {"spam", "trash", "post-trashed"}:
                yield LeftOut(f"{kind}s" if kind != "comment" else f"comments: {approved}")
                continue
            parent = text_of(comment, "wp:comment_parent")
            yield ImportedComment(
                source_id=f"{post}:{text_of(comment, 'wp:comment_id')}",
                post=post,
                html=text_of(comment, "wp:comment_content"),
                name=text_of(comment, "wp:comment_author"),
                link=text_of(comment, "wp:comment_author_url"),
                moment=self._moment(comment, "wp:comment_date"),
                parent=f"{post}:{parent}" if parent not in {"", "0"} else "",
                is_public=approved in {"1", ""},
            )


def _notes(text: str) -> tuple[tuple[str, str], ...]:
    """Return the footnotes that the editor of blocks keeps beside a post: their ids and texts."""
    try:
        found = json.loads(text) if text else []
        return tuple((str(note["id"]), str(note["content"])) for note in found)
    except (ValueError, TypeError, KeyError):
        return ()
