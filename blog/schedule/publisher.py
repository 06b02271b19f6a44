"""Publishes and expires what is due: each item once, in a transaction of its own."""

import datetime as dt
import logging
import os
import signal
import socket
import time
import traceback

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from wagtail.models import Page, Revision

from . import alarm, rehearsal
from .due import EXPIRE, GO_LIVE, due_items, due_items_at, next_moment
from .ledger import Attempt, Worker, pause

logger = logging.getLogger(__name__)

# How often a worker reads the schedule, in seconds. A new schedule is noticed within this time.
TICK = 0.5
# How often a worker updates its row in the database, in seconds.
HEARTBEAT = 10
# How often a worker looks for revisions to rehearse, in seconds.
REHEARSAL = 60
# After which time rows of the ledger are deleted.
KEPT_FOR = dt.timedelta(days=90)


def claim(item, now, *, wait):
    """
    Lock and return what is due: a revision, or an object that expires.

    Return None if another process has done it, if its schedule was changed, or if another process
    has it locked and `wait` is False. Call it in a transaction.
    """
    # SQLite has one writer at a time, so the transaction itself is the lock.
    locking = {"of": ("self",), "skip_locked": not wait}
    if not connection.features.has_select_for_update:
        locking = {}
    if item.kind == GO_LIVE:
        revisions = Revision.objects.select_for_update(**locking)
        return revisions.filter(
            pk=item.revision_id, approved_go_live_at=item.planned_at, approved_go_live_at__lte=now
        ).first()
    objects = item.base_model._base_manager.select_for_update(**locking)
    return objects.filter(
        pk=item.object_id, live=True, expire_at=item.planned_at, expire_at__lte=now
    ).first()


def record(item, subject, **fields):
    """Create and return a row of the ledger."""
    now = timezone.now()
    return Attempt.objects.create(
        **vars(item),
        done_at=now,
        lateness=max(now - item.planned_at, dt.timedelta()),
        number=Attempt.objects.filter(**vars(item)).count() + 1,
        title=title_of(subject)[:255],
        **fields,
    )


def title_of(subject):
    return subject.object_str if isinstance(subject, Revision) else str(subject)


def carry_out(item, subject):
    """Publish the revision, or unpublish the object, and return the outcome."""
    if item.kind == EXPIRE:
        if isinstance(subject, Page):
            subject = subject.specific
        subject.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
        return Attempt.Outcome.DONE
    subject.publish(log_action="wagtail.publish.scheduled")
    subject.refresh_from_db(fields=["approved_go_live_at"])
    # Its content may have a later go-live than the one that was approved.
    put_off = subject.approved_go_live_at is not None
    return Attempt.Outcome.PUT_OFF if put_off else Attempt.Outcome.DONE


def lock_schedule():
    """
    Take a lock that only one process can hold, until the end of the transaction.

    On PostgreSQL, Wagtail's search index updates rows of many pages, in no order, whenever a page
    is saved. Two processes that publish at once would run into a deadlock.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('blog.schedule'))")


def is_deadlock(error):
    """Return whether the database aborted the transaction, for example to end a deadlock."""
    while error is not None:
        if isinstance(error, OperationalError):
            return True
        error = error.__cause__ or error.__context__
    return False


def attempt(item, *, wait=False, tries=3):
    """
    Publish or unpublish one item if it is still due, and record the outcome.

    Return the row of the ledger, or None if there was nothing to do. An item that fails is
    unchanged, and tried again later.
    """
    subject = session = None
    try:
        with transaction.atomic():
            lock_schedule()
            session = connection.connection
            subject = claim(item, timezone.now(), wait=wait)
            if subject is None:
                return None
            row = record(item, subject, outcome=carry_out(item, subject))
    except Exception as error:
        if subject is None:
            raise
        if connection.connection is not session or not connection.is_usable():
            # The connection was lost, so this is no failure of the item, even if the error is a
            # ValidationError: Django reports a constraint as violated if it cannot be checked.
            raise OperationalError("The connection to the database was lost.") from error
        if tries > 1 and is_deadlock(error):
            return attempt(item, wait=wait, tries=tries - 1)
        logger.exception("Could not %s “%s”", item.kind, title_of(subject))
        row = fail(item, error)
    return row


def fail(item, error):
    """Record a failure, unless another process just did or the schedule was changed."""
    reason = alarm.explain(item, error)
    now = timezone.now()
    with transaction.atomic():
        subject = claim(item, now, wait=True)
        if subject is None or Attempt.objects.filter(**vars(item), retry_at__gt=now).exists():
            return None
        row = record(
            item,
            subject,
            outcome=Attempt.Outcome.FAILED,
            reason=reason,
            error="".join(traceback.format_exception(error))[-5000:],
        )
        row.retry_at = now + pause(row.number)
        row.save(update_fields=["retry_at"])
    if row.number == 1:
        alarm.mail(row)
    return row


def do_due_at(path):
    """Publish the due pages whose slugs are in a path, before anything else that is due."""
    if path.strip("/"):
        for item in due_items_at(path):
            attempt(item, wait=True)


def do_what_is_due(*, wait=False, patience=None, stopping=lambda: False):
    """
    Publish and expire all that is due, in order, and return the rows of the ledger.

    Include what becomes due meanwhile. If `wait`, wait for other processes that have an item
    locked. Stop after `patience` seconds.
    """
    rows = []
    begun = time.monotonic()
    tried = set()
    while items := [item for item in due_items() if item not in tried]:
        for item in items:
            if stopping() or (patience and time.monotonic() - begun > patience):
                return rows
            tried.add(item)
            if row := attempt(item, wait=wait):
                rows.append(row)
    return rows


class Publisher:
    """A worker that publishes and expires what is due at its moment, until it is stopped."""

    def __init__(self):
        self.stopping = False
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.beat_at = self.tidied_at = self.rehearsed_at = None
        self.started_at = timezone.now()

    def stop(self, *_signal):
        """Stop after the current item."""
        self.stopping = True

    def run(self):
        # After SIGHUP, the process manager starts it again with the current program.
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.stop)
        logger.info("Publisher %s is at work", self.name)
        answered = True
        while not self.stopping:
            try:
                rest = self.step()
                if not answered:
                    logger.warning("The database answers again")
                answered = True
            except (DatabaseError, InterfaceError):
                logger.exception("The database does not answer; trying again")
                connection.close()
                answered, rest = False, TICK
            time.sleep(rest)
        try:
            Worker.objects.filter(name=self.name).delete()
        except (DatabaseError, InterfaceError):
            logger.exception("Could not sign off")

    def step(self):
        """Publish and expire what is due, and return for how many seconds to sleep."""
        self.beat()
        now = timezone.now()
        moment = next_moment(now)
        if moment and moment <= now:
            done = do_what_is_due(stopping=lambda: self.stopping)
            # If nothing was done, other processes have the items locked: look again soon.
            return 0 if done else TICK / 5
        self.rehearse()
        now = timezone.now()
        # No longer than a tick, as the clock may be set meanwhile.
        return min(TICK, max(0, (moment - now).total_seconds())) if moment else TICK

    def rehearse(self):
        """Rehearse what goes live soon, once a minute."""
        clock = time.monotonic()
        if self.rehearsed_at is None or clock - self.rehearsed_at >= REHEARSAL:
            self.rehearsed_at = clock
            rehearsal.rehearse_the_next_hour()

    def beat(self):
        """Update the worker's row now and then, and delete old rows."""
        clock = time.monotonic()
        if self.beat_at is None or clock - self.beat_at >= HEARTBEAT:
            now = timezone.now()
            Worker.objects.update_or_create(
                name=self.name, defaults={"seen_at": now, "started_at": self.started_at}
            )
            self.beat_at = clock
        if self.tidied_at is None or clock - self.tidied_at >= 3600:
            now = timezone.now()
            Attempt.objects.filter(done_at__lt=now - KEPT_FOR).delete()
            Worker.objects.filter(seen_at__lt=now - dt.timedelta(days=1)).delete()
            self.tidied_at = clock
