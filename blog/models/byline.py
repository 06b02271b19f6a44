from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel
from wagtail.models import Orderable


class Byline(Orderable):
    """That an author wrote a post."""

    post = ParentalKey("blog.PostPage", on_delete=models.CASCADE, related_name="bylines")
    author = models.ForeignKey(
        "blog.Author", verbose_name=_("author"), on_delete=models.CASCADE, related_name="bylines"
    )

    panels = [FieldPanel("author")]

    class Meta(Orderable.Meta):
        verbose_name = _("byline")
        verbose_name_plural = _("bylines")
        constraints = [
            models.UniqueConstraint(fields=["post", "author"], name="blog_byline_unique")
        ]

    def __str__(self):
        return str(self.author)

    def save(self, *args, **kwargs):
        # A post's bylines are written one after the other, though two may have swapped authors:
        # the row that names this author makes way, and is inserted again when its turn comes.
        named = type(self)._default_manager.filter(post=self.post, author=self.author)
        named.exclude(pk=self.pk).delete()
        super().save(*args, **kwargs)
