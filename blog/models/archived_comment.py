from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.fields import RichTextField


class ArchivedComments(models.QuerySet):
    def shown(self):
        """Return those that readers see, in the order in which they were written."""
        return self.filter(is_public=True, erased=False).order_by("moment", "pk")

    def delete(self):
        """Erase them, so that another import does not bring them back."""
        return self.update(erased=True, name="", link="", text=""), {}


class ArchivedComment(models.Model):
    """A reader's comment on a post at the place that it was imported from."""

    page = models.ForeignKey(
        "wagtailcore.Page",
        verbose_name=_("page"),
        on_delete=models.CASCADE,
        related_name="archived_comments",
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replies"
    )
    source_id = models.CharField(max_length=255, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=255, blank=True)
    link = models.URLField(_("link"), max_length=2000, blank=True)
    moment = models.DateTimeField(_("moment"), null=True, blank=True)
    text = RichTextField(_("text"), blank=True, features=["bold", "italic", "link", "code"])
    is_public = models.BooleanField(_("shown to readers"), default=True)
    erased = models.BooleanField(
        _("erased"), default=False, help_text=_("Its words are deleted for good.")
    )

    objects = ArchivedComments.as_manager()

    class Meta:
        verbose_name = _("archived comment")
        verbose_name_plural = _("archived comments")
        ordering = ["moment", "pk"]

    def __str__(self):
        return f"{self.name}: {self.page}"

    def save(self, *args, **kwargs):
        if self.erased:
            self.name = self.link = self.text = ""
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        """Erase it, so that another import does not bring it back."""
        self.erased = True
        self.save()
        return 0, {}


def threads(comments):
    """Return comments as pairs of a comment and its replies; what lost its parent comes first."""
    found = list(comments)
    known = {comment.pk for comment in found}
    below = {}
    for comment in found:
        key = comment.parent_id if comment.parent_id in known else None
        below.setdefault(key, []).append(comment)

    def replies(key, seen):
        return [
            (comment, replies(comment.pk, seen | {comment.pk}))
            for comment in below.get(key, ())
            if comment.pk not in seen
        ]

    return replies(None, frozenset())
