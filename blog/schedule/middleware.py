"""Readers wait for no worker: what is due is done before the first page that would show it."""

import logging
import threading

from django.core.cache import caches
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone

from . import next_moment
from .publisher import do_first, do_what_is_due

logger = logging.getLogger(__name__)

# How long one reader may be kept for the sake of a backlog, in seconds.
PATIENCE = 5
# How long what is planned is taken to stay as it is, in seconds.
PLANS = 1
# What shows no writing to readers.
ELSEWHERE = ("/documents/", "/health/", "/media/", "/static/")


class DueMiddleware:
    """Does what is due before a reader's request is answered; one query when nothing is."""

    def __init__(self, get_response):
        self.get_response = get_response
        # One of a process does it, and the others wait: more hands would only want the same lock.
        self.busy = threading.Lock()

    def __call__(self, request):
        if request.method in {"GET", "HEAD"} and not request.path.startswith(
            (*ELSEWHERE, reverse("wagtailadmin_home"))
        ):
            self.do_what_is_due(request.path)
        return self.get_response(request)

    def do_what_is_due(self, path):
        try:
            if not is_past(caches["until_change"].get_or_set("next moment", next_moment, PLANS)):
                return
            if not self.busy.acquire(timeout=PATIENCE):
                do_first(path)
                return
            try:
                # It may have been done while this one waited.
                if is_past(next_moment()):
                    do_first(path)
                    do_what_is_due(wait=True, patience=PATIENCE)
            finally:
                self.busy.release()
        except DatabaseError:
            logger.exception("Could not do what is due before a reader's request")


def is_past(moment):
    return moment is not None and moment <= timezone.now()
