"""Reads exports of Medium: a folder of one HTML file per post."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup

from blog import slugs
from blog.importers.imported import ImportedPost, Item, LeftOut, Options, Status

NAME = "medium"
ENDING = re.compile(r"(?:^\d{4}-\d\d-\d\d_|^draft_)?(?P<slug>.*?)-+(?P<id>[0-9a-f]{8,12})$")


def claims(path: Path, head: bytes) -> bool:
    """Return whether a file is a post of such an export."""
    return path.suffix.lower() in {".html", ".htm"} and (
        b'class="h-entry"' in head or b"graf--" in head or b"p-canonical" in head
    )


def read(paths: list[Path], root: Path, options: Options) -> Iterator[Item]:
    """Yield the posts of the files."""
    for path in paths:
        page = BeautifulSoup(path.read_text(encoding="utf-8", errors="replace"), "html.parser")
        body = page.select_one('section[data-field="body"], .e-content')
        if body is None:
            yield LeftOut("files that are no posts")
            continue
        name = ENDING.match(path.stem)
        heading = page.select_one("h1.p-name") or page.title
        title = " ".join(heading.get_text().split()) if heading else ""
        summary = page.select_one('[data-field="subtitle"], .p-summary')
        subtitle = " ".join(summary.get_text().split()) if summary else ""
        _drop_repeated(body, title, ".graf--title, h1, h2, h3")
        said = body.select_one(".graf--subtitle")
        if said and subtitle and " ".join(said.get_text().split()) == subtitle:
            said.decompose()
        elif subtitle.rstrip("…") in " ".join(body.get_text().split()):
            subtitle = ""
        for rule in body.select(".section-divider"):
            first = rule.find_parent("section")
            if first is None or first is body.find("section"):
                rule.decompose()
        moment = page.select_one("time.dt-published")
        link = page.select_one("a.p-canonical")
        address = link.get("href", "") if link else ""
        author = page.select_one(".p-author")
        is_draft = path.stem.startswith("draft_") or moment is None
        key = name["id"] if name else path.stem
        yield ImportedPost(
            source_id=f"medium:{key}",
            title=title,
            slug=slugs.slug_from(title or (name["slug"] if name else path.stem), "post", 150),
            html=body.decode_contents(),
            published_at=dt.datetime.fromisoformat(str(moment["datetime"])) if moment else None,
            introduction=subtitle[:1000],
            authors=(" ".join(author.get_text().split()),) if author else (),
            status=Status.DRAFT if is_draft else Status.LIVE,
            addresses=(address, f"/p/{key}") if urlsplit(address).path else (),
            folder=path.parent,
            file=path.name,
        )


def _drop_repeated(body: BeautifulSoup, title: str, selector: str) -> None:
    """Remove the heading of a body that says the title once more."""
    for heading in body.select(selector):
        if " ".join(heading.get_text().split()) == title:
            heading.decompose()
            return
