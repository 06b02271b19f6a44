import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.fields import RichTextField
from wagtail.models import Orderable

from blog.body import reading


class Correction(Orderable):
    """A dated note that says what was wrong with a post."""

    post = ParentalKey("blog.PostPage", on_delete=models.CASCADE, related_name="corrections")
    date = models.DateField(_("date"), default=dt.date.today)
    text = RichTextField(_("text"), features=["bold", "italic", "link"])

    class Meta(Orderable.Meta):
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")

    def __str__(self):
        return f"{self.date}: {reading.plain(self.text)}"
