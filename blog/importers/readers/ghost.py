"""Reads exports of Ghost: JSON of the versions 0 to 6."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import ijson

from blog import slugs
from blog.importers import ghost_dialect
from blog.importers.imported import (
    ArchiveError,
    ImportedPost,
    Item,
    Options,
    Problem,
    Status,
    Subject,
)
from blog.importers.readers.markdown import MARKDOWN

NAME = "ghost"
# The columns that are read, by their tables. Accounts, members and settings are nobody's writing.
RELATIONS: Mapping[str, tuple[str, ...]] = {
    "users": ("id", "name", "slug"),
    "tags": ("id", "name", "slug", "visibility"),
    "posts_tags": ("post_id", "tag_id", "sort_order"),
    "posts_authors": ("post_id", "author_id", "sort_order"),
}
POSTS = (
    *("id", "uuid", "title", "slug", "html", "mobiledoc", "lexical", "markdown", "type", "page"),
    *("status", "visibility", "published_at", "created_at", "author_id", "featured", "image"),
    *("feature_image", "custom_excerpt", "meta_description", "codeinjection_head"),
    *("codeinjection_foot", "canonical_url"),
)
PLACES = ("db.item.data", "data")


def claims(path: Path, head: bytes) -> bool:
    """Return whether a file is such an export."""
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    return start.startswith(b"{") and (
        b'"db"' in head[:200] or b'"data"' in head or b'"exported_on"' in head
    )


def read(paths: list[Path], root: Path, options: Options) -> Iterator[Item]:
    """Yield the posts and pages of the files."""
    for path in paths:
        try:
            yield from _posts(path, options)
        except ijson.JSONError as error:
            raise ArchiveError(f"{path.name} is no whole JSON: {error}.") from error
        except UnicodeDecodeError as error:
            raise ArchiveError(f"{path.name} is not UTF-8 at byte {error.start}.") from error


def rows(path: Path, tables: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rows of some tables with some of their columns; the others are skipped."""
    wanted = {
        f"{place}.{table}.item.{column}": column
        for place in PLACES
        for table, columns in tables.items()
        for column in columns
    }
    ends = {f"{place}.{table}.item": table for place in PLACES for table in tables}
    row: dict[str, Any] = {}
    with path.open("rb") as file:
        for prefix, event, value in ijson.parse(file, use_float=True):
            if event == "end_map" and prefix in ends:
                yield ends[prefix], row
                row = {}
            elif prefix in wanted and event in {"string", "number", "boolean", "null"}:
                row[wanted[prefix]] = value


def _posts(path: Path, options: Options) -> Iterator[Item]:
    names: dict[str, dict[str, str]] = {"users": {}, "tags": {}}
    relations: dict[str, dict[str, list]] = {
        "posts_tags": defaultdict(list),
        "posts_authors": defaultdict(list),
    }
    for table, row in rows(path, RELATIONS):
        if table in names:
            is_internal = row.get("visibility") == "internal" or str(row.get("name")).startswith(
                "#"
            )
            if not is_internal:
                names[table][str(row.get("id"))] = str(row.get("name") or "")
                yield Subject(str(row.get("name") or ""), str(row.get("slug") or ""))
        else:
            other = row.get("tag_id") or row.get("author_id")
            relations[table][str(row.get("post_id"))].append(
                (row.get("sort_order") or 0, str(other))
            )
    count = 0
    for _table, row in rows(path, {"posts": POSTS}):
        count += 1
        id = str(row.get("id"))
        tags = [names["tags"].get(key, "") for _n, key in sorted(relations["posts_tags"][id])]
        keys = [key for _n, key in sorted(relations["posts_authors"][id])]
        authors = [names["users"].get(key, "") for key in keys or [str(row.get("author_id"))]]
        yield _post(row, tags, authors, options, path.name)
    if not count:
        yield Problem(0, "There are no posts in it.", path.name)


def _post(
    row: dict[str, Any], tags: list[str], authors: list[str], options: Options, file: str
) -> Item:
    losses: list[str] = []
    source = str(row.get("html") or "")
    if not source.strip():
        try:
            source, losses = _document(row)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            losses = [f"Its document cannot be read: {error}."]
            source = ""
    source = source.replace("__GHOST_URL__", options.old_site.rstrip("/"))
    written = str(row.get("status") or "draft")
    moment = _moment(row.get("published_at")) or (
        _moment(row.get("created_at")) if written == "published" else None
    )
    status = {"published": Status.LIVE, "scheduled": Status.SCHEDULED}.get(written, Status.DRAFT)
    if status is Status.SCHEDULED and moment is None:
        status = Status.DRAFT
    visibility = str(row.get("visibility") or "public")
    if visibility != "public" and status is not Status.DRAFT:
        losses.append(f"It was for readers who are “{visibility}” only; it is a draft.")
        status = Status.DRAFT
    if written == "sent":
        losses.append("It was sent by mail and was on no page; it is a draft.")
    if row.get("codeinjection_head") or row.get("codeinjection_foot"):
        losses.append("Code that was injected into its page was left out.")
    if row.get("featured") in {True}:
        losses.append("It was featured; here the newest post comes first.")
    title = " ".join(str(row.get("title") or "").split())
    title = "" if title == "(Untitled)" else title
    slug = str(row.get("slug") or "")
    excerpt = " ".join(str(row.get("custom_excerpt") or "").split())
    image = str(row.get("feature_image") or row.get("image") or "")
    return ImportedPost(
        source_id=f"ghost:{row.get('uuid') or row.get('id')}",
        title=title,
        slug=slugs.slug_from(slug or title, "post"),
        html=source,
        dialect=NAME,
        is_page=row.get("type") == "page" or row.get("page") in {True},
        published_at=None if status is Status.SCHEDULED else moment,
        go_live_at=moment if status is Status.SCHEDULED else None,
        introduction=excerpt[:1000],
        authors=tuple(filter(None, authors)),
        tags=tuple(dict.fromkeys(filter(None, tags))),
        cover=image.replace("__GHOST_URL__", options.old_site.rstrip("/")),
        status=status,
        addresses=(f"{options.old_site.rstrip('/')}/{slug}/",) if slug else (),
        losses=tuple(losses),
        file=file,
    )


def _document(row: dict[str, Any]) -> tuple[str, list[str]]:
    if row.get("lexical"):
        return ghost_dialect.of_lexical(row["lexical"], MARKDOWN.render)
    if row.get("mobiledoc"):
        return ghost_dialect.of_mobiledoc(row["mobiledoc"], MARKDOWN.render)
    return MARKDOWN.render(str(row.get("markdown") or "")), []


def _moment(value: Any) -> dt.datetime | None:
    """Return a moment, which version 0 counts in milliseconds."""
    try:
        if isinstance(value, int | float):
            return dt.datetime.fromtimestamp(value / 1000, dt.UTC)
        moment = dt.datetime.fromisoformat(str(value))
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
