"""
A database that the migrations have made, kept between runs, and copies of it.

Migrating an empty database takes as long as hundreds of tests. The suite, each server that a test
starts, and the programs beside the suite begin with a copy instead.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
# Where the suite's own database lies too, whatever DATA_DIR becomes for a site that a test starts.
FOLDER = Path(os.environ.get("DATA_DIR") or ROOT / "var")
PREFIX = "migrated-"


def fingerprint() -> str:
    """Return what tells a database of other migrations, settings or packages from one of these."""
    digest = hashlib.sha256()
    for pattern in ("*/migrations/*.py", "tests/*/migrations/*.py", "settings/*.py"):
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    digest.update(repr(sorted(f"{d.name} {d.version}" for d in distributions())).encode())
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def turn() -> Iterator[None]:
    """Let one process of this machine at a time make or copy the database."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{PREFIX}lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def migrate(address: str) -> None:
    """Run the migrations in the empty database at an address."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "settings.test",
        "DATABASE_URL": address,
        "CACHE_URL": "locmemcache://",
        "PAGE_CACHE_SHARED": "file",
        "MACHINES": "1",
    }
    environment.pop("BASE_URL", None)
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env=environment,
        check=True,
    )


def forget() -> None:
    """Remove what is kept, so that the next copy is of a database that is made anew."""
    with turn():
        for path in FOLDER.glob(f"{PREFIX}*.sqlite3*"):
            path.unlink()
        address = os.environ.get("DATABASE_URL", "")
        if address.startswith("postgres"):
            with postgres(address) as server:
                drop_older(server, template_name(address, ""))


def site_of(base_url: str) -> tuple[str, int]:
    """Return the host and port that the migrations give the site where BASE_URL is this."""
    address = urlsplit(base_url)
    return address.hostname or "", address.port or (443 if address.scheme == "https" else 80)


def copy_sqlite(target: Path, base_url: str = "") -> str:
    """
    Put a migrated SQLite database at a path, in place of what is there; return its address.

    Its site answers at `base_url`, or at the default one.
    """
    for name in ("", "-wal", "-shm", "-journal"):
        target.with_name(target.name + name).unlink(missing_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    with turn():
        template = FOLDER / f"{PREFIX}{fingerprint()}.sqlite3"
        if not template.exists():
            for older in FOLDER.glob(f"{PREFIX}*.sqlite3*"):
                older.unlink()
            unfinished = template.with_suffix(".unfinished.sqlite3")
            migrate(f"sqlite:///{unfinished}")
            unfinished.rename(template)
        with (
            contextlib.closing(sqlite3.connect(template)) as source,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
            if base_url:
                copy.execute(
                    "UPDATE wagtailcore_site SET hostname = ?, port = ?", site_of(base_url)
                )
                copy.commit()
    return f"sqlite:///{target}"


def postgres(address: str) -> psycopg.Connection:
    """Connect to the server of a database, beside the databases that are copied."""
    database = urlsplit(address)._replace(path="/postgres").geturl()
    return psycopg.connect(database, autocommit=True)


def template_name(address: str, version: str) -> str:
    return f"{PREFIX}{urlsplit(address).path.strip('/')}-{version}"


def drop_older(server: psycopg.Connection, prefix: str) -> None:
    names = server.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
    ).fetchall()
    for (name,) in names:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def copy_postgres(address: str, name: str, base_url: str = "") -> str:
    """
    Make a migrated PostgreSQL database, in place of one of that name; return its address.

    It lies on the server of the database that `address` names. Its site answers at `base_url`, or
    at the default one.
    """
    template = template_name(address, fingerprint())
    with turn(), postgres(address) as server:
        known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template])
        if not known.fetchone():
            drop_older(server, template_name(address, ""))
            unfinished = f"{template}-unfinished"
            create = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished))
            server.execute(create)
            migrate(urlsplit(address)._replace(path=f"/{unfinished}").geturl())
            server.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(unfinished), sql.Identifier(template)
                )
            )
        server.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    own = urlsplit(address)._replace(path=f"/{name}").geturl()
    if base_url:
        with psycopg.connect(own) as copy:
            copy.execute("UPDATE wagtailcore_site SET hostname = %s, port = %s", site_of(base_url))
    return own


@contextlib.contextmanager
def own_postgres(address: str, name: str, base_url: str = "") -> Iterator[str]:
    """Make a migrated PostgreSQL database for a while; yield its address."""
    own = copy_postgres(address, name, base_url)
    try:
        yield own
    finally:
        with postgres(address) as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def copy_for_tests(connection) -> None:
    """Put a migrated database where Django looks for that of the tests."""
    name = connection.creation._get_test_db_name()
    if connection.vendor == "postgresql":
        copy_postgres(os.environ["DATABASE_URL"], name)
    else:
        copy_sqlite(Path(name))


class Cluster:
    """A PostgreSQL server of our own, which may be stopped, or hang; `with` starts and ends it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
        # It does not run as root.
        self.user = "postgres" if os.geteuid() == 0 else None

    def run(self, program: str, *arguments: str) -> subprocess.Popen:
        command = [str(self.programs / program), "-D", str(self.folder), *arguments]
        return subprocess.Popen(command, user=self.user, cwd="/", stdout=subprocess.DEVNULL)

    def __enter__(self) -> "Cluster":
        # pytest closes its own folders to other users whenever it starts.
        self.folder = Path(tempfile.mkdtemp(prefix="daybook-cluster-"))
        if self.user:
            shutil.chown(self.folder, self.user)
        initdb = self.run("initdb", "--auth=trust", "--username=postgres", "--no-sync")
        assert initdb.wait() == 0
        options = ("-k", "", "-h", "127.0.0.1", "-c", "fsync=off")
        self.process = self.run("postgres", "-p", str(self.port), *options)
        return self

    def take(self, address: str) -> str:
        """Copy the database at an address into this server; return its new address."""
        own = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        wait = [self.programs / "pg_isready", "-q", "-d", own]
        while subprocess.run(wait).returncode:
            time.sleep(0.1)
        dump = subprocess.run([self.programs / "pg_dump", address], check=True, capture_output=True)
        subprocess.run(
            [self.programs / "psql", "-q", own], input=dump.stdout, check=True, capture_output=True
        )
        return own

    def signal(self, number: int) -> None:
        """Send a signal to each of its processes."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        for pid in [self.process.pid, *map(int, children.split())]:
            os.kill(pid, number)

    def __exit__(self, *_: object) -> None:
        self.signal(signal.SIGCONT)
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        shutil.rmtree(self.folder)
