"""
Report the state of the site to monitoring.

`/health/live` says that the process answers. `/health/ready` examines each part of the site, and is
503 if one has failed; one with a warning is to be looked at. To add a part, decorate a function
with `@part`.
"""

import datetime as dt
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from blog.models import Worker
from blog.schedule.due import due_items
from home import backup, purge
from home.page_cache import generation
from search.engine import reader_copy

# How late something may be published, how long a publisher may be silent, and how far another
# machine's clock may be ahead.
LATE = dt.timedelta(minutes=1)
SILENT = dt.timedelta(seconds=45)
AHEAD = dt.timedelta(seconds=5)
# How many overdue items, and how many names, are reported at most.
MOST = 100
# What must be free in DATA_DIR: bytes, and files that can be created.
FREE_BYTES = 32 * 1024 * 1024
FREE_FILES = 200

Part = Callable[[], dict[str, Any]]


class FailedError(Exception):
    """A part has failed. The message says how and what to do; `details` are added to the report."""

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details = details


# The function of each part by its name, and whether it queries the database.
PARTS: dict[str, tuple[Part, bool]] = {}


def part(name: str, *, asks_database: bool = False) -> Callable[[Part], Part]:
    """Register a function that returns a report, or raises FailedError."""

    def register(function: Part) -> Part:
        PARTS[name] = function, asks_database
        return function

    return register


def absent(detail: str) -> dict[str, Any]:
    """Return the report of a part that this site does not have."""
    return {"status": "none", "detail": detail}


def health_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., Any]:
    """Answer before all other middleware: by any host name, and without TLS."""
    views = {"/health/live": live, "/health/ready": ready}

    def middleware(request: HttpRequest) -> HttpResponse:
        if view := views.get(request.path_info):
            response = view()
            add_never_cache_headers(response)
            return response
        return get_response(request)

    return middleware


def live() -> JsonResponse:
    return JsonResponse({"status": "live"})


def examine_parts() -> dict[str, dict[str, Any]]:
    """Return the report of each part by its name."""
    parts: dict[str, dict[str, Any]] = {}
    for name, (function, asks_database) in PARTS.items():
        if asks_database and parts["database"]["status"] == "failed":
            parts[name] = {"status": "unknown", "detail": "The database does not answer."}
        else:
            parts[name] = examine(function)
    return parts


def ready() -> JsonResponse:
    parts = examine_parts()
    problems = [
        {"problem": name, **{key: value for key, value in report.items() if key != "status"}}
        for name, report in parts.items()
        if report["status"] == "failed"
    ]
    status = "unready" if problems else "ready"
    return JsonResponse(
        {"status": status, "problems": problems, "parts": parts}, status=503 if problems else 200
    )


def examine(function: Part) -> dict[str, Any]:
    """Return the report of a part, with the milliseconds that it took."""
    began = time.perf_counter()
    try:
        report = {"status": "ok", **function()}
    except FailedError as error:
        report = {"status": "failed", "detail": str(error), **error.details}
    except Exception as error:
        report = {"status": "failed", "detail": f"It could not be asked ({type(error).__name__})."}
    return {**report, "ms": round((time.perf_counter() - began) * 1000, 1)}


@part("database")
def database() -> dict[str, Any]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:
        raise FailedError("The database does not answer.") from error
    return {"vendor": connection.vendor}


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.nodes)


@part("migrations", asks_database=True)
def migrations() -> dict[str, Any]:
    missing = known_migrations() - set(MigrationRecorder(connection).applied_migrations())
    if missing:
        raise FailedError(
            "Migrations were not run: `manage.py migrate`.",
            missing=sorted(f"{app}.{name}" for app, name in missing)[:MOST],
        )
    return {}


@part("cache")
def django_cache() -> dict[str, Any]:
    for alias, options in settings.CACHES.items():
        if isinstance(caches[alias], LocMemCache):
            # It is in this process's memory, which cannot be away.
            continue
        caches[alias].set("health", 1, 60)
        if caches[alias].get("health") is None and not options["BACKEND"].endswith("DummyCache"):
            raise FailedError(
                f"The cache “{alias}” keeps nothing: what CACHE_URL names is away, full or may not"
                " be written to. Everything is worked out anew each time."
            )
    return {"aliases": list(settings.CACHES)}


@part("generation")
def page_generation() -> dict[str, Any]:
    if not settings.PAGE_CACHE_MB:
        return absent("PAGE_CACHE_MB is 0: no page is kept.")
    number, shared = generation.current(), settings.PAGE_CACHE_SHARED
    counter = generation.shared() if number is not None else None
    if counter is None:
        problem = "Nobody can say whether a kept page is still true, so that none is kept."
    elif counter.files and counter.files.are_outdated(number):
        problem = (
            "nginx answers with old pages: DATA_DIR/pages/current cannot be turned or removed."
        )
    elif not counter.is_shared():
        problem = (
            "The file `generation` in DATA_DIR is not the one that this process has open: restart"
            " the servers and the publisher."
        )
    else:
        return {"shared": shared, "number": number}
    raise FailedError(problem, shared=shared)


@part("search index", asks_database=True)
def search_index() -> dict[str, Any]:
    copy = reader_copy()
    if copy is None:
        return {"backend": settings.SEARCH_BACKEND}
    state = copy.state()
    if not state.is_built:
        copy.build_soon()
        raise FailedError("There is no index that could answer; one is being built.")
    if state.is_failing:
        raise FailedError("Changes could not be written to the index.", waiting=state.behind)
    return {"behind": state.behind, "building": state.is_building, "skipped": state.skipped}


@part("media storage")
def media_storage() -> dict[str, Any]:
    try:
        name = default_storage.save(f"health-{uuid.uuid4().hex}", ContentFile(b"1" * 4096))
        default_storage.delete(name)
    except Exception as error:
        raise FailedError(
            f"Uploads cannot be kept: the storage refuses to write ({type(error).__name__})."
        ) from error
    return {}


@part("disk space")
def disk_space() -> dict[str, Any]:
    folder = settings.DATA_DIR
    try:
        free = shutil.disk_usage(folder).free
        files = os.statvfs(folder)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"1" * 4096)
    except OSError as error:
        raise FailedError(f"DATA_DIR cannot be written to: {error.strerror}.") from error
    report = {"free_mb": free // 1024**2}
    if free < FREE_BYTES:
        raise FailedError("The disk of DATA_DIR is nearly full.", **report)
    # File systems without a limit report 0.
    if files.f_files and files.f_favail < FREE_FILES:
        raise FailedError(
            "The file system of DATA_DIR can hold hardly any more files.", free_files=files.f_favail
        )
    return report


@part("static manifest")
def static_manifest() -> dict[str, Any]:
    if not hasattr(staticfiles_storage, "hashed_files"):
        return absent("Static files are served as they are found.")
    names = staticfiles_storage.hashed_files
    if not names:
        raise FailedError("No static files: run `manage.py collectstatic` and restart the servers.")
    missing = [name for name in names.values() if not staticfiles_storage.exists(name)]
    if missing:
        raise FailedError(
            "Static files are gone: run `manage.py collectstatic`.", missing=missing[:MOST]
        )
    return {"files": len(names)}


@part("publisher", asks_database=True)
def publisher() -> dict[str, Any]:
    now = timezone.now()
    beats = list(Worker.objects.order_by("-seen_at").values_list("seen_at", flat=True)[:MOST])
    alive = [beat for beat in beats if now - SILENT <= beat <= now + AHEAD]
    if alive:
        return {"workers": len(alive), "last_heard_of": alive[0]}
    last = beats[0] if beats else None
    if last and last > now:
        problem = "A publisher was heard of in the future: set the clocks of the machines."
    else:
        problem = "Nobody publishes: start `manage.py publisher`."
    raise FailedError(problem, last_heard_of=last)


@part("backlog", asks_database=True)
def backlog() -> dict[str, Any]:
    overdue = due_items(timezone.now() - LATE, paused=True, limit=MOST)
    if overdue:
        raise FailedError(
            "Something is overdue by more than a minute; the desk says why.",
            count=len(overdue),
            oldest=overdue[0].planned_at,
        )
    return {"count": 0}


part("mail queue")(lambda: absent("None is kept: mail is handed over at once."))


@part("last backup")
def last_backup() -> dict[str, Any]:
    report = backup.last_backup()
    if report is None:
        return absent("`manage.py backup` has not been run here.")
    if timezone.now() - report["made_at"] > dt.timedelta(hours=settings.BACKUP_HOURS):
        return {**report, "status": "warning", "detail": "It is too old: is its timer running?"}
    if not report["verified"]:
        return {**report, "status": "warning", "detail": "It was not verified: --verify proves it."}
    return report


@part("cache in front")
def frontend_purge() -> dict[str, Any]:
    if not purge.caches():
        return absent("No cache stands in front.")
    if failures := purge.failures():
        raise FailedError(
            "Readers may see old pages: the log says why the cache in front was not emptied.",
            **failures[0],
        )
    return {"caches": list(purge.caches())}
