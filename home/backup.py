"""
Put a whole site into one archive, and bring it back.

An archive is a tar file: the media files, the database (a SQLite file, or PostgreSQL's custom
format), the media files that came meanwhile, and last `manifest.json` with a checksum of each, and
the checksum of that. So every file that the database names is in it, while editors go on working.
"""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from home.page_cache import watch
from search.models import SearchSequence

FORMAT = 1
NAMES = "daybook-*.tar"
MANIFEST = "manifest.json"
SEAL = "manifest.json.sha256"
DATABASE = "database"
MEDIA = "media/"
# In one transaction, so that a restoration that fails or is killed leaves what was there.
EMPTY_POSTGRES = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"

Progress = Callable[[int], None]


class BackupError(Exception):
    """A backup cannot be made, read or restored. The message says why and what to do."""


class Hashing:
    """A file that is read, and the checksum of what was read."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.digest.update(data)
        return data


# Making


def backup(folder: Path, *, keep: int = 0, verify: bool, progress: Progress) -> Path:
    """
    Write an archive into a folder and return its path; of older ones the `keep` newest stay.

    `progress` is called with the number of files. Raise BackupError; nothing is left then.
    """
    made_at = timezone.now()
    path = folder / f"daybook-{made_at:%Y-%m-%dT%H%M%SZ}.tar"
    part = path.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for left_over in folder.glob("daybook-*.part"):
            left_over.unlink()
        part.touch(mode=0o600)
        with part.open("wb") as file:
            with tarfile.open(fileobj=file, mode="w") as archive:
                write(archive, made_at.isoformat(), progress)
            os.fsync(file.fileno())
        if verify:
            prove(part)
        part.replace(path)
    except OSError as error:
        raise BackupError(f"The backup could not be written to {folder}: {error}.") from error
    finally:
        part.unlink(missing_ok=True)
    for older in sorted(folder.glob(NAMES))[:-keep] if keep else []:
        older.unlink()
    report = {"made_at": made_at.isoformat(), "bytes": path.stat().st_size, "verified": verify}
    note_file().write_text(json.dumps(report))
    return path


def write(archive: tarfile.TarFile, made_at: str, progress: Progress) -> None:
    files: dict[str, str] = {}
    add_media(archive, files, progress)
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR) as scratch:
        dump = Path(scratch) / DATABASE
        rows = dump_database(dump)
        with dump.open("rb") as file:
            files[DATABASE] = add(archive, DATABASE, file, dump.stat().st_size)
    add_media(archive, files, progress)
    migrations = sorted(map(".".join, MigrationRecorder(connection).applied_migrations()))
    manifest = {
        "format": FORMAT,
        "made_at": made_at,
        "database": connection.vendor,
        "migrations": migrations,
        "rows": rows,
        "files": files,
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False).encode()
    seal = add(archive, MANIFEST, io.BytesIO(text), len(text)).encode()
    add(archive, SEAL, io.BytesIO(seal), len(seal))


def add_media(archive: tarfile.TarFile, files: dict[str, str], progress: Progress) -> None:
    """Add the media files that an archive has not got yet."""
    for name in media_names():
        if MEDIA + name in files:
            continue
        try:
            with default_storage.open(name) as file:
                files[MEDIA + name] = add(archive, MEDIA + name, file, file.size)
        except FileNotFoundError:
            # Deleted a moment ago, so that the database does not name it either.
            continue
        progress(len(files))


def add(archive: tarfile.TarFile, name: str, file: Any, size: int) -> str:
    """Add a file, and return its checksum."""
    member = tarfile.TarInfo(name)
    member.size = size
    hashing = Hashing(file)
    archive.addfile(member, hashing)
    return hashing.digest.hexdigest()


def media_names(folder: str = "") -> Iterator[str]:
    """Yield the name of each file in the media storage."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(files):
        yield f"{folder}{name}"
    for name in sorted(folders):
        yield from media_names(f"{folder}{name}/")


def note_file() -> Path:
    return Path(settings.DATA_DIR) / "last_backup.json"


def last_backup() -> dict[str, Any] | None:
    """Return `made_at`, `bytes` and whether it was `verified` of the last backup, if any."""
    try:
        report = json.loads(note_file().read_text())
        return {**report, "made_at": parse_datetime(report["made_at"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


# The database


def dump_database(target: Path) -> dict[str, int]:
    """Write the database into a file while others use it. Return the rows of each table."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(target)) as copy:
            connection.connection.backup(copy, sleep=0.01)
        with scratch_connection(str(target)) as copy:
            return count_rows(copy)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        rows = count_rows(connection)
        run("pg_dump", connection, "--format=custom", f"--snapshot={snapshot}", f"--file={target}")
    return rows


def load_database(dump: Path, target: Any) -> None:
    """Replace all that a connection's database holds, at one stroke."""
    if target.vendor == "sqlite":
        target.ensure_connection()
        with closing(sqlite3.connect(dump)) as source:
            source.backup(target.connection, sleep=0.01)
        return
    script = dump.with_suffix(".sql")
    run("pg_restore", None, "--no-owner", "--no-privileges", f"--file={script}", str(dump))
    options = ["--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    run("psql", target, *options, f"--command={EMPTY_POSTGRES}", f"--file={script}")


def run(program: str, target: Any, *options: str) -> None:
    """Run a program of PostgreSQL's, on a connection's database. Raise BackupError if it fails."""
    database, variables = [], None
    if target:
        command, variables = target.client.settings_to_cmd_args_env(target.settings_dict, [])
        database = command[1:]
    try:
        subprocess.run(  # noqa: S603
            [program, *options, *database],
            env={**os.environ, **(variables or {})},
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
    except FileNotFoundError as error:
        raise BackupError(f"{program} is missing: install PostgreSQL's client.") from error
    except subprocess.CalledProcessError as error:
        raise BackupError(f"{program} failed: {error.stderr.strip()}") from error


def count_rows(target: Any) -> dict[str, int]:
    with target.cursor() as cursor:
        rows = {}
        for table in sorted(target.introspection.table_names(cursor)):
            # A table's name cannot be a parameter, and comes from the database.
            query = f"SELECT count(*) FROM {target.ops.quote_name(table)}"  # noqa: S608  # nosec B608
            cursor.execute(query)
            rows[table] = cursor.fetchone()[0]
    return rows


@contextmanager
def scratch_connection(name: str) -> Iterator[Any]:
    """Open another database of the same server, or the SQLite file at a path."""
    scratch = connection.copy()
    scratch.settings_dict = {**scratch.settings_dict, "NAME": name}
    try:
        yield scratch
    finally:
        scratch.close()


@contextmanager
def scratch_database(folder: Path) -> Iterator[Any]:
    """Create an empty database, and remove it afterwards."""
    if connection.vendor == "sqlite":
        with scratch_connection(str(folder / "scratch.sqlite3")) as scratch:
            yield scratch
        return
    name = f"daybook_verify_{uuid.uuid4().hex}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    try:
        with scratch_connection(name) as scratch:
            yield scratch
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")


# Reading


def read_manifest(archive: tarfile.TarFile, path: Path) -> dict[str, Any]:
    """Read all of an archive and return its manifest. Raise BackupError if it is damaged."""
    found, text, seal = {}, b"", b""
    for member in archive:
        file = archive.extractfile(member)
        if file is None:
            continue
        if member.name == MANIFEST:
            text = file.read()
        elif member.name == SEAL:
            seal = file.read()
        else:
            hashing = Hashing(file)
            while hashing.read(1 << 20):
                pass
            found[member.name] = hashing.digest.hexdigest()
    if not text or hashlib.sha256(text).hexdigest().encode() != seal:
        raise BackupError(f"{path} is no whole backup: {MANIFEST} is missing or damaged.")
    manifest = json.loads(text)
    if manifest["format"] > FORMAT:
        raise BackupError(f"{path} was made by a newer Daybook: bring the code up to date.")
    for name in sorted({*manifest["files"], *found}):
        if manifest["files"].get(name) != found.get(name):
            raise BackupError(f"{path} is damaged: {name} is not what was put in.")
    return manifest


@contextmanager
def opened(path: Path) -> Iterator[tuple[tarfile.TarFile, dict[str, Any]]]:
    """Open an archive that is whole. Raise BackupError if it is not."""
    try:
        with tarfile.open(path) as archive:
            yield archive, read_manifest(archive, path)
    except (tarfile.TarError, EOFError, ValueError, KeyError) as error:
        raise BackupError(f"{path} is damaged, or no backup: {error}.") from error


def extract(archive: tarfile.TarFile, name: str, target: Path) -> None:
    source = archive.extractfile(name)
    if source is None:
        raise BackupError(f"{name} in the archive is no file.")
    with source, target.open("wb") as file:
        shutil.copyfileobj(source, file)


def prove(path: Path) -> None:
    """Restore an archive's database beside the site's and count. Raise BackupError if it fails."""
    with opened(path) as (archive, manifest), tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / DATABASE
        extract(archive, DATABASE, dump)
        with scratch_database(Path(folder)) as scratch:
            load_database(dump, scratch)
            rows = count_rows(scratch)
    for table in sorted({*rows, *manifest["rows"]}):
        if rows.get(table) != manifest["rows"].get(table):
            raise BackupError(f"{path} does not hold all rows of {table}.")


def unknown_migration(names: list[str]) -> str | None:
    """Return the first of some migrations that this code does not have, if any."""
    loader = MigrationLoader(None)
    known = set(map(".".join, loader.disk_migrations))
    # Those of an app that is no longer installed change nothing.
    unknown = (name for name in names if name.partition(".")[0] in loader.migrated_apps)
    return next((name for name in unknown if name not in known), None)


def restore(path: Path, *, overwrite: bool, progress: Progress) -> None:
    """
    Put an archive's site in place of what is there.

    Nothing is written before all of the archive was read. The database changes at one stroke, after
    the media files came and before those that it does not name go. Raise BackupError.
    """
    with opened(path) as (archive, manifest):
        if manifest["database"] != connection.vendor:
            raise BackupError(
                f"{path} is of {manifest['database']}, and DATABASE_URL names {connection.vendor}."
            )
        if name := unknown_migration(manifest["migrations"]):
            raise BackupError(f"{path} was made by newer code: {name} is unknown here.")
        if connection.introspection.table_names() and not overwrite:
            raise BackupError("There is a site in this database: --overwrite replaces it.")
        with tempfile.TemporaryDirectory(dir=settings.DATA_DIR) as folder:
            dump = Path(folder) / DATABASE
            extract(archive, DATABASE, dump)
            restore_media(archive, manifest["files"], progress)
            load_database(dump, connection)
    for name in list(media_names()):
        if MEDIA + name not in manifest["files"]:
            default_storage.delete(name)
    call_command("migrate", verbosity=0)
    forget()


def forget() -> None:
    """Let nothing be answered from what was kept of another site."""
    cache.clear()
    # Copies of the search index that were written from the replaced database are built anew.
    SearchSequence.objects.update(key=uuid.uuid4().hex)
    watch.bump()


def restore_media(archive: tarfile.TarFile, files: dict[str, str], progress: Progress) -> None:
    for number, (name, checksum) in enumerate(files.items(), 1):
        if not name.startswith(MEDIA):
            continue
        place = name.removeprefix(MEDIA)
        if default_storage.exists(place):
            with default_storage.open(place) as file:
                if hashlib.file_digest(file, "sha256").hexdigest() == checksum:
                    continue
            default_storage.delete(place)
        if default_storage.save(place, archive.extractfile(name)) != place:
            raise BackupError(f"{place} cannot be written to the media storage under its name.")
        progress(number)
