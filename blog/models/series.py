from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import TitleFieldPanel
from wagtail.fields import RichTextField
from wagtail.search import index
from wagtail.snippets.models import register_snippet

from .slugged import SluggedModel


@register_snippet
class Series(index.Indexed, SluggedModel):
    """A series of posts that are read in order."""

    title = models.CharField(_("title"), max_length=200)
    introduction = RichTextField(_("introduction"), blank=True, features=["bold", "italic", "link"])

    panels = [TitleFieldPanel("title"), "slug", "introduction"]
    search_fields = [index.SearchField("title"), index.AutocompleteField("title")]

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        ordering = ["title"]

    def __str__(self):
        return self.title
