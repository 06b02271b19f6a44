"""Reads exports of Substack: posts.csv, and a folder of one HTML file per post."""

import csv
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup

from blog import slugs
from blog.importers.imported import ImportedPost, Item, LeftOut, Options, Problem, Status

NAME = "substack"
WIDGETS = ", ".join(
    f".{name}"
    for name in (
        *("subscription-widget-wrap", "subscription-widget", "subscribe-widget", "button-wrapper"),
        *("poll-embed", "community-chat", "install-substack-app-embed", "directMessage"),
    )
)


def claims(path: Path, head: bytes) -> bool:
    """Return whether a file is the list of posts of such an export."""
    first = head.lstrip(b"\xef\xbb\xbf").partition(b"\n")[0]
    return path.suffix == ".csv" and b"post_id" in first and b"post_date" in first


def read(paths: list[Path], root: Path, options: Options) -> Iterator[Item]:
    """Yield the posts of the files. Lists of subscribers are never opened."""
    for path in paths:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield _post(row, path.parent, options)
    if any(root.rglob("*subscribers*.csv")):
        yield LeftOut("lists of subscribers")


def _post(row: dict[str, str], folder: Path, options: Options) -> Item:
    key = row.get("post_id") or ""
    number, _, name = key.partition(".")
    file = folder / "posts" / f"{key}.html"
    if not file.is_file() or file.resolve().parent != (folder / "posts").resolve():
        file = folder / f"{key}.html"
    title = " ".join((row.get("title") or "").split())
    if not file.is_file():
        return Problem(0, f"The text of “{title}” is not there ({key}.html).", "posts.csv", True)
    losses: list[str] = []
    source = _translated(file.read_text(encoding="utf-8", errors="replace"), title, losses)
    text = row.get("post_date") or ""
    moment = dt.datetime.fromisoformat(text) if text else None
    if moment and not moment.tzinfo:
        moment = moment.replace(tzinfo=dt.UTC)
    audience = row.get("audience") or "everyone"
    is_live = (row.get("is_published") or "").lower() == "true"
    if is_live and audience != "everyone":
        losses.append(f"It was for “{audience}” only; it is a draft.")
    if (row.get("type") or "") == "podcast" and row.get("podcast_url"):
        source = f'<x-embed url="{row["podcast_url"]}"></x-embed>{source}'
    kept = is_live and audience == "everyone"
    return ImportedPost(
        source_id=f"substack:{number or key}",
        title=title,
        slug=slugs.slug_from(name or title, "post"),
        html=source,
        published_at=moment,
        introduction=" ".join((row.get("subtitle") or "").split())[:1000],
        status=Status.LIVE if kept else Status.DRAFT,
        addresses=(f"{options.old_site.rstrip('/')}/p/{name}",) if name else (),
        losses=tuple(losses),
        folder=folder,
        file=file.name,
    )


def _translated(source: str, title: str, losses: list[str]) -> str:
    """Return a body without widgets, and with its notes as ours."""
    soup = BeautifulSoup(source, "html.parser")
    for widget in soup.select(WIDGETS):
        if widget.decomposed:
            continue
        text = " ".join(widget.get_text(" ").split())[:80]
        losses.append(f"A widget was left out: “{text}”." if text else "A widget was left out.")
        widget.decompose()
    notes = []
    for note in soup.select(".footnote"):
        content = note.select_one(".footnote-content") or note
        number = note.select_one(".footnote-number")
        if number:
            number.decompose()
        notes.append(content.decode_contents())
        note.decompose()
    for anchor in soup.select("a.footnote-anchor"):
        number = re.sub(r"\D", "", anchor.get_text())
        if number and int(number) <= len(notes):
            anchor.replace_with(f"[^{number}]")
    first = soup.find(["h1", "h2", "h3"])
    if first and " ".join(first.get_text().split()) == title:
        first.decompose()
    inner = "".join(f"<x-note>{note}</x-note>" for note in notes)
    return f"{soup}<x-notes>{inner}</x-notes>" if notes else str(soup)
