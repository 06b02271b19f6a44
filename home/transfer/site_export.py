"""Writes a whole site into a folder or a tar file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from wagtail.models import Page

from home.transfer import places, records
from home.transfer.markdown import folder_of, markdown_of

# How many pages are read at once.
TOGETHER = 100

Progress = Callable[[int], None]


def export_site(path: Path, *, history: bool, progress: Progress) -> None:
    """
    Write the site to a path: a tar file if its name ends so, else a folder.

    Equal sites give equal files. `progress` is called with the number of files. Raise
    TransferError; what was at the path before is there then.
    """
    with places.writing(path) as target:
        with one_moment():
            add_site(target, history, progress)
            keys = list(add_pages(target, history, progress))
        for page in in_pieces(keys):
            target.add_text(f"{folder_of(page)}/index.md", markdown_of(page.specific))
            progress(len(target.files))
        migrations = sorted(map(".".join, MigrationRecorder(connection).applied_migrations()))
        manifest = {
            "format": places.FORMAT,
            "history": history,
            "migrations": migrations,
            "files": target.files,
        }
        manifest["seal"] = places.seal_of(manifest)
        target.add_text(places.MANIFEST, records.dumps(manifest, indent=1) + "\n")


@contextmanager
def one_moment() -> Iterator[None]:
    """Read everything as it was at the beginning, while others write."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        # Django's transactions keep writers out, and this one does not.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


def add_site(target: places.Target, history: bool, progress: Progress) -> None:
    """Add what belongs to no page: the rows, and the files of photos and documents."""
    for label in (*records.SITE, *(records.HISTORY if history else [])):
        lines = [f"{records.dumps(row)}\n" for row in records.records(label)]
        target.add_text(f"records/{label}.jsonl", "".join(lines))
    for label in records.FILES:
        for row in records.rows(label).iterator(chunk_size=500):
            # One whose file was lost still has its facts.
            if row.file.storage.exists(row.file.name):
                with row.file.storage.open(row.file.name) as file:
                    target.add_file(f"media/{row.file.name}", file, file.size)
                progress(len(target.files))


def add_pages(target: places.Target, history: bool, progress: Progress) -> Iterator[int]:
    """Add the rows of each page, and yield its key."""
    keys = list(Page.objects.order_by("url_path", "pk").values_list("pk", flat=True))
    for start in range(0, len(keys), TOGETHER):
        pages = list(in_pieces(keys[start : start + TOGETHER]))
        found = records.records_of(pages, history=history)
        for page in pages:
            rows = found[page.pk]
            bodies = records.dumps(records.take_bodies(rows), indent=1)
            target.add_text(f"{folder_of(page)}/body.json", f"{bodies}\n")
            lines = ",\n".join(map(records.dumps, rows))
            target.add_text(f"{folder_of(page)}/page.json", f"[\n{lines}\n]\n")
            progress(len(target.files))
            yield page.pk


def in_pieces(keys: list[int]) -> Iterator[Page]:
    """Yield pages in the order of their keys, some read at once."""
    for start in range(0, len(keys), TOGETHER):
        piece = keys[start : start + TOGETHER]
        found = Page.objects.in_bulk(piece)
        yield from (found[key] for key in piece if key in found)
