from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from wagtail.models import DraftStateMixin, RevisionMixin
from wagtail.snippets.models import register_snippet


@register_snippet
class Notice(DraftStateMixin, RevisionMixin, models.Model):
    """A line that a site shows for some time."""

    text = models.CharField(max_length=100)
    revisions = GenericRelation(
        "wagtailcore.Revision",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="notice",
        for_concrete_model=False,
    )

    def __str__(self):
        return self.text
