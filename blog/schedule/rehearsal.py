"""Publishes a revision and rolls that back, so that editors can be warned before the moment."""

import datetime as dt

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.actions.publish_revision import PublishRevisionAction
from wagtail.models import Page, ReferenceIndex

from blog.visibility import is_restricted

from . import alarm
from .due import going_live
from .ledger import Attempt

# How long before its moment a revision is rehearsed again.
AHEAD = dt.timedelta(hours=1)


def rehearse(revision):
    """Return a list of what would keep a revision from going live now, in an editor's words."""
    try:
        with transaction.atomic():
            subject = revision.as_object()
            subject.full_clean()
            is_page = isinstance(subject, Page)
            action = (PublishPageRevisionAction if is_page else PublishRevisionAction)(
                revision, log_action=False
            )
            # It would send signals, whose receivers draw pictures and send mail.
            action._after_publish = lambda: None
            action.object.go_live_at = None
            action.execute(skip_permission_checks=True)
            if connection.vendor == "postgresql":
                connection.check_constraints()
            transaction.set_rollback(True)
    except ValidationError as error:
        return [alarm.explain_error(subject, error)]
    except Exception as error:
        return [alarm.explain_error(None, error)]
    revision.refresh_from_db()
    return find_doubts(subject)


def find_doubts(subject):
    """Return warnings about a page that can go live, but perhaps not as its writer intends."""
    found = []
    if isinstance(subject, Page):
        parent = subject.get_parent()
        if parent and is_restricted(parent):
            found.append(
                _("“%(title)s”, the page above it, is private: readers will not see it.")
                % {"title": parent.title}
            )
        if parent and parent.depth > 1 and not parent.live:
            found.append(
                _("“%(title)s”, the page above it, is not published.") % {"title": parent.title}
            )
    pages = {
        str(object_id)
        for content_type, object_id, *_paths in ReferenceIndex._extract_references_from_object(
            subject
        )
        if issubclass(content_type_model(content_type), Page)
    }
    there = {
        str(pk): live for pk, live in Page.objects.filter(pk__in=pages).values_list("pk", "live")
    }
    if any(pk not in there for pk in pages):
        found.append(_("It links to a page that is gone."))
    if any(not live for live in there.values()):
        found.append(_("It links to a page that is not published."))
    return found


def content_type_model(pk):
    return ContentType.objects.get_for_id(pk).model_class() or object


def record_rehearsal(revision, problems):
    """Create and return a row of the ledger for a rehearsal."""
    now = timezone.now()
    Attempt.objects.filter(kind=Attempt.Kind.REHEARSE, revision_id=revision.pk).delete()
    return Attempt.objects.create(
        kind=Attempt.Kind.REHEARSE,
        content_type_id=revision.base_content_type_id,
        object_id=revision.object_id,
        revision_id=revision.pk,
        title=revision.object_str[:255],
        planned_at=revision.approved_go_live_at,
        done_at=now,
        lateness=dt.timedelta(),
        outcome=Attempt.Outcome.FAILED if problems else Attempt.Outcome.DONE,
        reason=" ".join(problems),
    )


def was_rehearsed(revision):
    """Return whether the revision was rehearsed since it was scheduled for this moment."""
    return Attempt.objects.filter(
        kind=Attempt.Kind.REHEARSE,
        revision_id=revision.pk,
        planned_at=revision.approved_go_live_at,
    ).exists()


def rehearse_the_next_hour(limit=20):
    """Rehearse what goes live within the hour, and mail about problems."""
    now = timezone.now()
    rehearsed = Attempt.objects.filter(kind=Attempt.Kind.REHEARSE, done_at__gt=now - AHEAD).values(
        "revision_id", "planned_at", "done_at"
    )
    fresh = {row["revision_id"] for row in rehearsed if row["done_at"] >= row["planned_at"] - AHEAD}
    revisions = going_live(now + AHEAD).filter(approved_go_live_at__gt=now)
    for revision in revisions.exclude(pk__in=fresh)[:limit]:
        row = record_rehearsal(revision, rehearse(revision))
        if row.reason:
            alarm.mail(row)
