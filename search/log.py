"""
What readers search for, counted.

A reader's request only adds to a list in memory; a thread writes the list to the database from
time to time. Nothing that tells readers apart is looked at beyond the request itself or kept.
"""

import atexit
import logging
import re
import threading
import time
from collections import Counter

from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from search.models import LONGEST_COUNTED, ChangedSearch, SearchedDay
from search.question import normalised

logger = logging.getLogger("daybook.search")

# Seconds between two writings, and how many searches are kept in memory at most.
INTERVAL = 30
MOST_KEPT = 5_000

ROBOT = re.compile(
    r"bot|crawl|spider|slurp|archiver|preview|monitor|curl|wget|python|java/|go-http|headless|scan",
    re.IGNORECASE,
)
# What may name a person is not kept: addresses, and numbers as long as a telephone's.
PERSONAL = re.compile(r"@|(?:\d\D{0,3}){9,}")

STRAIGHT = str.maketrans("’‘“”", "''\"\"")

_lock = threading.Lock()
_searches: Counter[tuple[str, bool]] = Counter()
_changes: Counter[tuple[str, str]] = Counter()
_thread: threading.Thread | None = None


def normal_words(text: str) -> str:
    """Return a query as it is compared when two are the same: in lower case, with one space."""
    return " ".join(text.translate(STRAIGHT).casefold().split())


def is_robot(request: HttpRequest) -> bool:
    """Whether nobody reads the answer: a robot, or a browser that looks ahead."""
    agent = request.headers.get("User-Agent", "")
    ahead = request.headers.get("Sec-Purpose", "") or request.headers.get("Purpose", "")
    return not agent or bool(ROBOT.search(agent)) or "prefetch" in ahead


def note(request: HttpRequest, query: str, *, found: bool) -> None:
    """Count a search, and the one it followed when the reader changed it."""
    if request.method != "GET" or is_robot(request) or PERSONAL.search(query):
        return
    asked = normal_words(query)[:LONGEST_COUNTED]
    before = normal_words(normalised(request.GET.get("previous", "")))[:LONGEST_COUNTED]
    with _lock:
        if len(_searches) + len(_changes) >= MOST_KEPT:
            return
        _searches[asked, found] += 1
        if before and before != asked and not PERSONAL.search(before):
            _changes[before, asked] += 1
    _start()


def write() -> None:
    """Write what was counted since the last time."""
    with _lock:
        searches, changes = dict(_searches), dict(_changes)
        _searches.clear()
        _changes.clear()
    if not searches and not changes:
        return
    day = timezone.localdate()
    try:
        with transaction.atomic():
            for (query, found), times in searches.items():
                kept, _new = SearchedDay.objects.get_or_create(query=query, day=day)
                SearchedDay.objects.filter(pk=kept.pk).update(
                    searches=F("searches") + times,
                    without_result=F("without_result") + (0 if found else times),
                )
            for (query, then), times in changes.items():
                changed, _new = ChangedSearch.objects.get_or_create(query=query, then=then, day=day)
                ChangedSearch.objects.filter(pk=changed.pk).update(times=F("times") + times)
    except DatabaseError:
        logger.exception("%s counted searches could not be written.", sum(searches.values()))


def _run() -> None:
    while True:
        time.sleep(INTERVAL)
        try:
            write()
        finally:
            connection.close()


def _start() -> None:
    global _thread
    if _thread is None or not _thread.is_alive():
        _thread = threading.Thread(target=_run, name="search-log", daemon=True)
        _thread.start()
        atexit.register(write)
