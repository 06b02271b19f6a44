from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.models import Orderable


class Byline(Orderable):
    """The relation of a post to one of its authors."""

    post = ParentalKey("blog.PostPage", on_delete=models.CASCADE, related_name="bylines")
    author = models.ForeignKey(
        "blog.Author", verbose_name=_("author"), on_delete=models.CASCADE, related_name="bylines"
    )

    class Meta(Orderable.Meta):
        verbose_name = _("byline")
        verbose_name_plural = _("bylines")
        constraints = [
            models.UniqueConstraint(fields=["post", "author"], name="blog_byline_unique")
        ]

    def __str__(self):
        return str(self.author)

    def save(self, *args, **kwargs):
        # Bylines are saved one by one. When two have swapped authors, saving the first would
        # violate the constraint, so the other row is deleted; it is inserted when it is saved.
        named = type(self)._default_manager.filter(post=self.post, author=self.author)
        named.exclude(pk=self.pk).delete()
        super().save(*args, **kwargs)
