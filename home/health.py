"""
Tells the machines that watch over the site how it is.

`/health/live` says that the process answers. `/health/ready` asks each part of the site, and is
503 when one has failed. A new part is one function more, with `@part`.
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
from home import purge
from home.page_cache import generation
from search.engine import reader_copy

# How late something may be, and how long a worker may be silent, before it is an alarm; and how
# far another machine's clock may be ahead.
LATE = dt.timedelta(minutes=1)
SILENT = dt.timedelta(seconds=45)
AHEAD = dt.timedelta(seconds=5)
# How many overdue items are counted, at most, of each kind.
MOST = 100
# What must be free where the site writes: bytes, and files that could be added.
FREE_BYTES = 32 * 1024 * 1024
FREE_FILES = 200

# Told of a part that the site does not have.
NONE = {"status": "none"}

Part = Callable[[], dict[str, Any]]


class FailedError(Exception):
    """A part has failed; the message says how, and what to do. `details` are for machines."""

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details = details


# The name of each part → its function, and whether it asks the database.
PARTS: dict[str, tuple[Part, bool]] = {}


def part(name: str, *, asks_database: bool = False) -> Callable[[Part], Part]:
    """Register a function that returns what is to be told, or raises FailedError."""

    def register(function: Part) -> Part:
        PARTS[name] = function, asks_database
        return function

    return register


class HealthMiddleware:
    """Stands before all other middleware: the name of the host and TLS are not asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.answers = {"/health/live": live, "/health/ready": ready}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if answer := self.answers.get(request.path_info):
            response = answer()
            add_never_cache_headers(response)
            return response
        return self.get_response(request)


def live() -> JsonResponse:
    return JsonResponse({"status": "live"})


def ready() -> JsonResponse:
    parts: dict[str, dict[str, Any]] = {}
    for name, (function, asks_database) in PARTS.items():
        if asks_database and parts["database"]["status"] == "failed":
            parts[name] = {"status": "unknown", "detail": "The database does not answer."}
        else:
            parts[name] = examine(function)
    problems = [
        {"problem": name, **{key: value for key, value in told.items() if key != "status"}}
        for name, told in parts.items()
        if told["status"] == "failed"
    ]
    status = "unready" if problems else "ready"
    return JsonResponse(
        {"status": status, "problems": problems, "parts": parts}, status=503 if problems else 200
    )


def examine(function: Part) -> dict[str, Any]:
    """Return what a part tells, with the milliseconds that it took."""
    began = time.perf_counter()
    try:
        told = {"status": "ok", **function()}
    except FailedError as error:
        told = {"status": "failed", "detail": str(error), **error.details}
    except Exception as error:
        told = {"status": "failed", "detail": f"It could not be asked ({type(error).__name__})."}
    return {**told, "ms": round((time.perf_counter() - began) * 1000, 1)}


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
            # The process's own memory.
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
        return {**NONE, "detail": "PAGE_CACHE_MB is 0: no page is kept."}
    number = generation.current()
    if number is None:
        raise FailedError(
            "Nobody can say whether a kept page is still true, so that none is kept.",
            shared=settings.PAGE_CACHE_SHARED,
        )
    counter = generation.shared()
    if counter.files and counter.files.are_older_than(number):
        raise FailedError(
            "nginx answers with old pages: DATA_DIR/pages/current cannot be turned or removed.",
            shared=settings.PAGE_CACHE_SHARED,
        )
    if not counter.is_shared():
        raise FailedError(
            "The file `generation` in DATA_DIR is not the one that this process has open: restart"
            " the servers and the publisher.",
            shared=settings.PAGE_CACHE_SHARED,
        )
    return {"shared": settings.PAGE_CACHE_SHARED, "number": number}


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
    told = {"free_mb": free // 1024**2}
    if free < FREE_BYTES:
        raise FailedError("The disk of DATA_DIR is nearly full.", **told)
    # Some file systems have no limit of their own, and say 0.
    if files.f_files and files.f_favail < FREE_FILES:
        raise FailedError(
            "The file system of DATA_DIR can hold hardly any more files.", free_files=files.f_favail
        )
    return told


@part("static manifest")
def static_manifest() -> dict[str, Any]:
    if not hasattr(staticfiles_storage, "hashed_files"):
        return {**NONE, "detail": "Static files are served as they are found."}
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
    if beats and beats[0] > now:
        raise FailedError(
            "A publisher was heard of in the future: set the clocks of the machines.",
            last_heard_of=beats[0],
        )
    raise FailedError(
        "Nobody publishes: start `manage.py publisher`.",
        last_heard_of=beats[0] if beats else None,
    )


@part("backlog", asks_database=True)
def backlog() -> dict[str, Any]:
    overdue = due_items(timezone.now() - LATE, paused=True, limit=MOST)
    if overdue:
        raise FailedError(
            "Something is overdue by more than a minute; the desk says why.",
            count=len(overdue),
            oldest=overdue[0].moment,
        )
    return {"count": 0}


@part("mail queue")
def mail_queue() -> dict[str, Any]:
    return {**NONE, "detail": "None is kept: mail is handed over at once."}


@part("last backup")
def last_backup() -> dict[str, Any]:
    return {**NONE, "detail": "None is kept: the site does not know of backups."}


@part("cache in front")
def frontend_purge() -> dict[str, Any]:
    if not purge.caches():
        return {**NONE, "detail": "No cache stands in front."}
    if failures := purge.failures():
        raise FailedError(
            "Readers may see old pages: the log says why the cache in front was not emptied.",
            **failures[0],
        )
    return {"caches": list(purge.caches())}
