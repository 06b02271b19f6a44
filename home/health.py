"""Tells the machines that watch over the site how it is."""

import datetime as dt

from django.conf import settings
from django.db import DatabaseError
from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from blog.models import Worker
from blog.schedule.due import due_items
from home import purge
from home.page_cache import generation

# How late something may be, and how long a worker may be silent, before it is an alarm.
LATE = dt.timedelta(minutes=1)
SILENT = dt.timedelta(seconds=45)
# How many overdue items are counted, at most, of each kind.
MOST = 100


@never_cache
def live(request):
    """The process answers; that says nothing of the database."""
    return JsonResponse({"status": "live"})


@never_cache
def ready(request):
    """
    503, with what is wrong, when the database is away, a post is late or no worker is there.

    Says, too, through what the processes tell each other that kept pages are old.
    """
    problems = []
    try:
        now = timezone.now()
        if overdue := due_items(now - LATE, paused=True, limit=MOST):
            problems.append(
                {
                    "problem": "overdue",
                    "count": len(overdue),
                    "oldest": overdue[0].moment,
                    "detail": "Something is overdue by more than a minute; the desk says why.",
                }
            )
        seen_at = Worker.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
        if seen_at is None or now - seen_at > SILENT:
            problems.append(
                {
                    "problem": "no worker",
                    "last_heard_of": seen_at,
                    "detail": "Nobody publishes: start `manage.py publisher`.",
                }
            )
    except DatabaseError:
        problems.append({"problem": "database", "detail": "The database does not answer."})
    problems += [
        {
            "problem": "cache in front",
            "detail": "Readers may see old pages: the log says why it was not emptied.",
            **failure,
        }
        for failure in purge.failures()
    ]
    page_cache = {
        "shared": settings.PAGE_CACHE_SHARED if settings.PAGE_CACHE_MB else "off",
        # None while nobody can say what is true, and nothing is kept.
        "generation": generation.current() if settings.PAGE_CACHE_MB else None,
    }
    return JsonResponse(
        {
            "status": "unready" if problems else "ready",
            "problems": problems,
            "page_cache": page_cache,
        },
        status=503 if problems else 200,
    )
