"""Explains failures of the schedule to editors, and mails them."""

import logging

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist, ValidationError
from django.core.mail import send_mass_mail
from django.db.models import Q
from django.template.defaultfilters import capfirst
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.models import Page, Revision

from .due import EXPIRE

logger = logging.getLogger(__name__)


def explain(item, error):
    """Return why an item could not be published or unpublished, in an editor's words."""
    try:
        subject = None
        if item.revision_id:
            subject = Revision.objects.get(pk=item.revision_id).as_object()
        return explain_error(subject, error)
    except Exception:
        # A revision that cannot be loaded cannot be validated either.
        return _("The draft cannot be read. Open it, save it again and schedule it anew.")


def explain_error(subject, error):
    """
    Return why `subject` (an object made from its revision, or None) cannot be published.

    Name the fields and addresses that a ValidationError is about. Quote any other exception.
    """
    if not isinstance(error, ValidationError):
        return _("Something unexpected happened: %(error)s") % {
            "error": f"{type(error).__name__}: {error}"[:300]
        }
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    sentences = []
    for name, messages in error.message_dict.items():
        if name == "slug" and isinstance(subject, Page) and (page := sibling_with_slug(subject)):
            sentences.append(
                _("The address %(address)s is taken by “%(title)s”.")
                % {"address": page.url or page.url_path, "title": page.title}
            )
            continue
        label = "" if name == NON_FIELD_ERRORS else label_of(subject, name)
        text = " ".join(messages)
        sentences.append(f"{label}: {text}" if label else text)
    return " ".join(sentences)


def sibling_with_slug(page):
    """Return another page with the address of this one, or None."""
    parent = page.get_parent()
    if parent is None:
        return None
    return parent.get_children().exclude(pk=page.pk).filter(slug=page.slug).first()


def label_of(subject, name):
    try:
        return capfirst(subject._meta.get_field(name).verbose_name)
    except (AttributeError, FieldDoesNotExist):
        return name


def subject_of(row):
    """Return the object that a row of the ledger is about, or None if it was deleted."""
    model = row.content_type.model_class()
    subject = model._base_manager.filter(pk=row.object_id).first() if model else None
    return subject.specific if isinstance(subject, Page) else subject


def recipients(row, subject):
    """Return the e-mail addresses of the item's editors and of the administrators."""
    editors = Q(groups__name="Administrators") | Q(is_superuser=True)
    revision = Revision.objects.filter(pk=row.revision_id or 0).first()
    for user in (getattr(revision, "user_id", None), getattr(subject, "owner_id", None)):
        if user:
            editors |= Q(pk=user)
    users = get_user_model().objects.filter(editors, is_active=True).exclude(email="")
    return list(users.order_by("email").values_list("email", flat=True).distinct())


def mail(row):
    """Mail the item's editors and the administrators. Log an error if no mail can be sent."""
    try:
        subject = subject_of(row)
        to = recipients(row, subject)
        address = AdminURLFinder().get_edit_url(subject) if subject is not None else None
        moment = date_format(timezone.localtime(row.planned_at), "j F Y, H:i:s e")
        if row.kind == EXPIRE:
            heading = _("“%(title)s” could not be taken down")
        elif row.kind == row.Kind.REHEARSE:
            heading = _("“%(title)s” will not be able to go live")
        else:
            heading = _("“%(title)s” could not go live")
        lines = [
            heading % {"title": row.title},
            _("Planned for: %(moment)s") % {"moment": moment},
            row.reason,
        ]
        if address:
            lines.append(
                _("Mend it here: %(address)s")
                % {"address": settings.WAGTAILADMIN_BASE_URL + address}
            )
        if row.retry_at:
            lines.append(_("Its schedule is kept, and it is tried again until it works."))
        subject_line = " ".join((heading % {"title": row.title}).split())
        send_mass_mail((subject_line, "\n\n".join(lines), None, [person]) for person in to)
    except Exception:
        logger.exception("Could not send the alarm about “%s”", row.title)
