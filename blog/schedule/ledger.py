"""The records of what was published or expired, and of the running workers."""

import datetime as dt

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _

# The pause after the first failure and the longest pause, in seconds. Each is twice the one before.
FIRST_PAUSE = 5
LONGEST_PAUSE = 600


def pause(number):
    """Return how long to wait after the failed attempt of this number, counted from 1."""
    return dt.timedelta(seconds=min(FIRST_PAUSE * 2 ** min(number - 1, 16), LONGEST_PAUSE))


class Attempt(models.Model):
    """An attempt to publish an item or to let it expire, or the rehearsal of one."""

    class Kind(models.TextChoices):
        GO_LIVE = "go_live", _("go live")
        EXPIRE = "expire", _("expire")
        REHEARSE = "rehearse", _("rehearse")

    class Outcome(models.TextChoices):
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        PUT_OFF = "put_off", _("put off")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    # That of the base model, which is Page for pages.
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=255)
    title = models.CharField(_("title"), max_length=255, blank=True)
    # Not a foreign key, so that the row stays when the revision is deleted.
    revision_id = models.BigIntegerField(_("revision"), null=True)
    planned_at = models.DateTimeField(_("planned for"))
    done_at = models.DateTimeField(_("tried at"))
    lateness = models.DurationField(_("lateness"))
    number = models.PositiveIntegerField(_("attempt"), default=1)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    # The reason in an editor's words, and the traceback.
    reason = models.TextField(_("reason"), blank=True)
    error = models.TextField(_("error"), blank=True)
    retry_at = models.DateTimeField(_("tried again at"), null=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["-done_at", "-pk"]
        indexes = [
            models.Index(fields=["content_type", "object_id"], name="blog_attempt_item"),
            models.Index(fields=["done_at"], name="blog_attempt_done"),
            models.Index(
                fields=["retry_at"],
                name="blog_attempt_retry",
                condition=models.Q(retry_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.title}: {self.get_outcome_display()}"


class Worker(models.Model):
    """A publisher that is running, with the time of its last sign of life."""

    name = models.CharField(_("name"), max_length=255, unique=True)
    started_at = models.DateTimeField(_("started at"))
    seen_at = models.DateTimeField(_("last heard of"), db_index=True)

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self):
        return self.name
