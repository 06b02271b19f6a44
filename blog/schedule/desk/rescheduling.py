import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from wagtail.models import Revision

from blog.editing.moments import check_order, in_zone


def read_moment(text):
    """
    Return the moment that a text such as “2026-03-29T09:30” names in the site's zone.

    Raise ValidationError for a text that names no moment, and for a time that the clocks skip or
    show twice.
    """
    try:
        naive = parse_datetime(text)
    except ValueError:
        naive = None
    if naive is None or timezone.is_aware(naive):
        raise ValidationError(_("Choose a day and a time."))
    return in_zone(naive, timezone.get_default_timezone())


def reschedule(revision_id, moment, user):
    """
    Let a scheduled page go live at another moment, and return its title.

    A newer draft of the page stays the newest. Raise PermissionDenied if the user may not do this,
    and ValidationError with what to do if it is not possible; nothing is changed then.
    """
    if moment <= timezone.now():
        raise ValidationError(_("That moment has passed. Choose a later one."))
    with transaction.atomic():
        revision = get_object_or_404(
            Revision.page_revisions.select_for_update(of=("self",)), pk=revision_id
        )
        page = revision.as_object()
        permissions = page.permissions_for_user(user)
        if not (permissions.can_edit() and permissions.can_publish()):
            raise PermissionDenied
        if problem := find_problem(revision, page, moment):
            raise ValidationError(problem % {"title": revision.object_str})
        latest = page.get_latest_revision()
        newer = latest.as_object() if latest.pk != revision.pk else None
        page.go_live_at = moment
        page.save_revision(user=user, changed=False).publish(user=user, changed=False)
        if newer:
            # The editor opens the newest revision, which must be the newer draft.
            # A revision's JSON has no microseconds.
            own = newer.go_live_at
            if own and abs(own - revision.approved_go_live_at) < dt.timedelta(seconds=1):
                newer.go_live_at = moment
            newer.save_revision(user=latest.user, changed=False, clean=False)
    return revision.object_str


def find_problem(revision, page, moment):
    """Return why a page cannot be scheduled for a moment, or None."""
    if revision.approved_go_live_at is None:
        return _("“%(title)s” is not scheduled any more.")
    if page.locked:
        return _("“%(title)s” is locked. Unlock it first.")
    try:
        check_order(moment, page.expire_at)
    except ValidationError:
        return _("“%(title)s” expires before that.")
    return None
