"""Makes a site of the files that `site_export` has written."""

import hashlib
import json
from collections.abc import Callable, Iterator
from io import BufferedIOBase
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.color import no_style
from django.core.serializers.base import DeserializationError
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from home.backup import forget, unknown_migration
from home.transfer import places, records
from home.transfer.places import TransferError

# How many rows are made at once.
TOGETHER = 500
LABELS = ["wagtailcore.Page", "wagtailcore.Revision", *records.SITE, *records.HISTORY]
LABELS += records.OF_A_PAGE

# What a site that does not fit, or a full disk, is told by.
REFUSALS = (DatabaseError, DeserializationError, LookupError, OSError, ValueError)

Progress = Callable[[int], None]


def import_site(path: Path, *, progress: Progress) -> None:
    """
    Fill an empty site with an export: all of it in one transaction, or nothing.

    All of it is read before anything is written. `progress` is called with the number of files.
    Raise TransferError if the export is damaged or newer, or the site not empty.
    """
    manifest = places.check(path)
    if name := unknown_migration(manifest["migrations"]):
        raise TransferError(f"{path} was made by newer code: {name} is unknown here.")
    if not is_empty():
        raise TransferError(
            "This site is not empty: import into a new database, after `manage.py migrate`."
        )
    media: list[str] = []
    try:
        with transaction.atomic():
            empty()
            for found in load(path, media, progress):
                records.save(found)
            reset_keys()
            connection.check_constraints()
    except Exception as error:
        for name in media:
            default_storage.delete(name)
        if isinstance(error, REFUSALS):
            raise TransferError(f"{path} cannot be imported: {error}") from error
        raise
    call_command("rebuild_references_index", verbosity=0)
    forget()
    call_command("update_index", verbosity=0)


def is_empty() -> bool:
    """Return whether there is nothing but what the migrations have made."""
    labels = ["wagtailcore.Revision", "blog.PostPage", "home.StandardPage", *records.FILES]
    labels += ["blog.Author", "blog.Tag", "blog.Series", "wagtailredirects.Redirect"]
    return not any(records.rows(label).exists() for label in labels)


def empty() -> None:
    """Delete what the migrations have made, but for the groups: accounts may be in them."""
    for label in LABELS:
        model = apps.get_model(label)
        if label == "auth.Group":
            continue
        for field in model._meta.local_many_to_many:
            delete_all(field.remote_field.through)
        delete_all(model)


def delete_all(model: Any) -> None:
    # Without signals, and in any order: the database looks at references when it commits.
    QuerySet(model)._raw_delete("default")


def load(path: Path, media: list[str], progress: Progress) -> Iterator[list[records.Record]]:
    """Yield the records of an export, some at once, and put its files into the media storage."""
    bodies = {}
    for number, (name, file) in enumerate(places.reading(path), 1):
        folder, _, kind = name.rpartition("/")
        if folder == "records":
            rows = map(json.loads, file)
            while some := list(islice(rows, TOGETHER)):
                yield some
        elif name.startswith("media/"):
            put(name.removeprefix("media/"), file, media)
        elif kind == "body.json":
            bodies = json.load(file)
        elif kind == "page.json":
            found = json.load(file)
            records.put_bodies(found, bodies)
            yield found
        progress(number)


def put(name: str, file: BufferedIOBase, media: list[str]) -> None:
    """Save a file in the media storage; one that an interrupted import has left is taken."""
    if default_storage.exists(name):
        with default_storage.open(name) as other:
            same = hashlib.file_digest(other, "sha256").digest()
        if hashlib.file_digest(file, "sha256").digest() == same:
            return
        raise TransferError(f"There is another {name} among the media files: move it away.")
    media.append(name)
    if default_storage.save(name, file) != name:
        raise TransferError(f"{name} cannot be saved among the media files under its name.")


def reset_keys() -> None:
    """Let PostgreSQL count on from the keys that were inserted."""
    with connection.cursor() as cursor:
        models = [apps.get_model(label) for label in LABELS]
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
