from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from taggit.models import ItemBase, TagBase
from wagtail.admin.panels import TitleFieldPanel
from wagtail.snippets.models import register_snippet

from .slugged import SluggedModel


@register_snippet
class Tag(SluggedModel, TagBase):
    """A subject of posts. Photos and documents have tags of another model."""

    panels = [TitleFieldPanel("name"), "slug"]

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]


class TaggedPost(ItemBase):
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="tagged_posts")
    content_object = ParentalKey(
        "blog.PostPage", on_delete=models.CASCADE, related_name="tagged_items"
    )

    class Meta:
        verbose_name = _("tagged post")
        verbose_name_plural = _("tagged posts")
        constraints = [
            models.UniqueConstraint(fields=["tag", "content_object"], name="blog_taggedpost_unique")
        ]
