"""Does what is due: each item once, in a transaction of its own, under the database's locks."""

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
from .due import EXPIRE, GO_LIVE, due_items, items_of, next_moment
from .ledger import Attempt, Worker, pause

logger = logging.getLogger(__name__)

# How often a look is taken at the schedule, in seconds: a new one is noticed within this time.
TICK = 0.5
# How often a worker says that it is there, in seconds.
HEARTBEAT = 10
# How often a look is taken at what is to be rehearsed, in seconds.
REHEARSAL = 60
# How long the ledger is kept.
KEPT_FOR = dt.timedelta(days=90)


def claim(item, now, *, wait):
    """
    Lock what is due, and return it: a revision, or an object that expires.

    None when somebody else did it, or is doing it and we do not `wait`, or when its schedule
    was changed. To be called in a transaction.
    """
    # SQLite has one writer at a time, so that the transaction itself is the lock.
    locking = {"of": ("self",), "skip_locked": not wait}
    if not connection.features.has_select_for_update:
        locking = {}
    if item.kind == GO_LIVE:
        revisions = Revision.objects.select_for_update(**locking)
        return revisions.filter(
            pk=item.revision_id, approved_go_live_at=item.moment, approved_go_live_at__lte=now
        ).first()
    objects = item.base_model._base_manager.select_for_update(**locking)
    return objects.filter(
        pk=item.object_id, live=True, expire_at=item.moment, expire_at__lte=now
    ).first()


def record(item, subject, **fields):
    """Write a row of the ledger."""
    now = timezone.now()
    attempts = Attempt.objects.filter(
        kind=item.kind,
        content_type_id=item.content_type_id,
        object_id=item.object_id,
        revision_id=item.revision_id,
        planned_at=item.moment,
    )
    return Attempt.objects.create(
        kind=item.kind,
        content_type_id=item.content_type_id,
        object_id=item.object_id,
        revision_id=item.revision_id,
        planned_at=item.moment,
        done_at=now,
        lateness=max(now - item.moment, dt.timedelta()),
        number=attempts.count() + 1,
        title=title_of(subject)[:255],
        **fields,
    )


def is_paused(item, now):
    """Whether the item failed and is not to be tried again yet."""
    return Attempt.objects.filter(
        kind=item.kind,
        content_type_id=item.content_type_id,
        object_id=item.object_id,
        revision_id=item.revision_id,
        planned_at=item.moment,
        retry_at__gt=now,
    ).exists()


def title_of(subject):
    return subject.object_str if isinstance(subject, Revision) else str(subject)


def do(item, subject):
    """Publish the revision, or unpublish the object. Returns the outcome."""
    if item.kind == EXPIRE:
        if isinstance(subject, Page):
            subject = subject.specific
        subject.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
        return Attempt.Outcome.DONE
    subject.publish(log_action="wagtail.publish.scheduled")
    subject.refresh_from_db(fields=["approved_go_live_at"])
    # Its content may name a later moment than the one that was approved.
    put_off = subject.approved_go_live_at is not None
    return Attempt.Outcome.PUT_OFF if put_off else Attempt.Outcome.DONE


def take_turns():
    """
    Wait until nobody else publishes what is due; until the end of the transaction.

    Wagtail's search index of PostgreSQL updates the rows of all pages, in no order, each time that
    a page is saved, so that two who publish at once would each wait for the other.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('blog.schedule'))")


def lost_a_race(error):
    """Whether the database chose this transaction to end a deadlock, as with an editor."""
    while error is not None:
        if isinstance(error, OperationalError):
            return True
        error = error.__cause__ or error.__context__
    return False


def attempt(item, *, wait=False, tries=3):
    """
    Do one item if it is still to be done, and write down what came of it.

    Returns the row of the ledger, or None when there was nothing to do. A failure leaves the
    item as it was, to be tried again.
    """
    subject = session = None
    try:
        with transaction.atomic():
            take_turns()
            session = connection.connection
            subject = claim(item, timezone.now(), wait=wait)
            if subject is None:
                return None
            row = record(item, subject, outcome=do(item, subject))
    except Exception as error:
        if subject is None:
            raise
        if connection.connection is not session or not connection.is_usable():
            # It is the database that went away, and not the item that cannot be done, whatever
            # this is called: Django takes a constraint that it could not ask about for violated.
            raise OperationalError("The connection to the database was lost.") from error
        if tries > 1 and lost_a_race(error):
            return attempt(item, wait=wait, tries=tries - 1)
        logger.exception("Could not %s “%s”", item.kind, title_of(subject))
        row = fail(item, error)
    return row


def fail(item, error):
    """Write a failure down, unless somebody else just did or the schedule was changed."""
    reason = alarm.explain(item, error)
    now = timezone.now()
    with transaction.atomic():
        subject = claim(item, now, wait=True)
        if subject is None or is_paused(item, now):
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


def do_first(path):
    """Do what is due of the pages that an address names, however much else is due."""
    if path.strip("/"):
        for item in items_of(path):
            attempt(item, wait=True)


def do_what_is_due(*, wait=False, patience=None, stopping=lambda: False):
    """
    Do all that is due, in the order of its time; returns the rows of the ledger.

    `wait` for others who have an item in hand; stop after `patience` seconds. What becomes due
    meanwhile is done too.
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
    """A worker: sleeps until the next moment and does what is due, until it is told to stop."""

    def __init__(self):
        self.stopping = False
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.beat_at = self.tidied_at = self.rehearsed_at = None
        self.started_at = timezone.now()

    def stop(self, *_signal):
        """Finish the item in hand, and no more."""
        self.stopping = True

    def run(self):
        # After SIGHUP it is started again by who watches it, with the program as it is then.
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
        """Do what is due. Returns for how many seconds to sleep."""
        self.beat()
        now = timezone.now()
        moment = next_moment(now)
        if moment and moment <= now:
            done = do_what_is_due(stopping=lambda: self.stopping)
            # Others have what is left in hand: look again soon, but do not spin.
            return 0 if done else TICK / 5
        self.rehearse()
        now = timezone.now()
        # The clock is read again at each tick, as it may be set meanwhile.
        return min(TICK, max(0, (moment - now).total_seconds())) if moment else TICK

    def rehearse(self):
        """Rehearse what is near, once a minute and only when nothing is due."""
        clock = time.monotonic()
        if self.rehearsed_at is None or clock - self.rehearsed_at >= REHEARSAL:
            self.rehearsed_at = clock
            rehearsal.rehearse_the_next_hour()

    def beat(self):
        """Say that we are there, and forget what is old, now and then."""
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
