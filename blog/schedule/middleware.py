"""Publishes and expires what is due before a reader sees a page, if no worker has done it yet."""

import logging
import threading

from django.db import DatabaseError
from django.urls import reverse

from blog.editing.moments import is_past

from .due import next_moment, remembered_next_moment
from .publisher import do_due_at, do_what_is_due

logger = logging.getLogger(__name__)

# How long a reader may have to wait for a backlog, in seconds.
PATIENCE = 5
# Paths at which nothing is shown that can be scheduled.
ELSEWHERE = ("/documents/", "/health/", "/media/", "/static/")


class DueMiddleware:
    """
    Publishes and expires what is due before a reader's request is answered.

    This takes one query at most if nothing is due.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        # Only one thread of a process does it: others would wait for the same lock in the database.
        self.busy = threading.Lock()

    def __call__(self, request):
        if request.method in {"GET", "HEAD"} and not request.path.startswith(
            (*ELSEWHERE, reverse("wagtailadmin_home"))
        ):
            self.do_what_is_due(request.path)
        return self.get_response(request)

    def do_what_is_due(self, path):
        try:
            if not is_past(remembered_next_moment()):
                return
            if not self.busy.acquire(timeout=PATIENCE):
                do_due_at(path)
                return
            try:
                # Another thread may have done it meanwhile.
                if is_past(next_moment()):
                    do_due_at(path)
                    do_what_is_due(wait=True, patience=PATIENCE)
            finally:
                self.busy.release()
        except DatabaseError:
            logger.exception("Could not do what is due before a reader's request")
