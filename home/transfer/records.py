"""
The rows of the database that leave with a site, as JSON.

A record is one row as Django's serializers write it: `model`, `pk` and `fields`. Accounts stay, so
that what names one names none.
"""

import json
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.serializers import python
from django.core.serializers.base import DeserializedObject
from django.db.models import Model, Q, QuerySet
from wagtail.fields import StreamField
from wagtail.models import Page, Revision

# What belongs to the whole site. Those of a line come in one file, in the order of their keys.
SITE = [
    "auth.Group",
    "wagtailcore.Locale",
    "wagtailcore.Site",
    "wagtailcore.Collection",
    "wagtailcore.CollectionViewRestriction",
    "wagtailcore.GroupCollectionPermission",
    "wagtailcore.GroupPagePermission",
    "wagtailcore.GroupSitePermission",
    "wagtailcore.Task",
    "wagtailcore.GroupApprovalTask",
    "wagtailcore.Workflow",
    "wagtailcore.WorkflowTask",
    "wagtailcore.WorkflowPage",
    "wagtailcore.WorkflowContentType",
    "blog.Photo",
    "wagtaildocs.Document",
    "taggit.Tag",
    "taggit.TaggedItem",
    "blog.Author",
    "blog.AuthorLink",
    "blog.Series",
    "blog.Tag",
    "home.SiteSettings",
    "home.MenuItem",
    "home.SocialLink",
    "search.Synonym",
    "wagtailsearchpromotions.Query",
    "wagtailsearchpromotions.SearchPromotion",
    "wagtailredirects.Redirect",
    "wagtailembeds.Embed",
]
# Only with the history.
HISTORY = [
    "wagtailcore.WorkflowState",
    "wagtailcore.TaskState",
    "wagtailcore.PageLogEntry",
    "wagtailcore.ModelLogEntry",
]
# What belongs to one page, and the field that names the page.
OF_A_PAGE = {
    "home.HomePage": "pk",
    "home.StandardPage": "pk",
    "blog.BlogIndexPage": "pk",
    "blog.PostPage": "pk",
    "blog.Byline": "post",
    "blog.Correction": "post",
    "blog.TaggedPost": "content_object",
    "blog.ArchivedComment": "page",
    "wagtailcore.PageViewRestriction": "page",
}
# What every new site has, perhaps under other keys.
NAMED = ["auth.Group", "auth.Permission", "contenttypes.ContentType"]
# Files, by the model whose field `file` names them.
FILES = ["blog.Photo", "wagtaildocs.Document"]

Record = dict[str, Any]


class Serializer(python.Serializer):
    """Django's, which names by their names only what each site has made by itself."""

    def handle_fk_field(self, obj: Model, field: Any) -> None:
        self.use_natural_foreign_keys = field.related_model._meta.label in NAMED
        super().handle_fk_field(obj, field)

    def handle_m2m_field(self, obj: Model, field: Any) -> None:
        self.use_natural_foreign_keys = field.related_model._meta.label in NAMED
        super().handle_m2m_field(obj, field)


def text_of(value: Any) -> str:
    """Return a moment as ISO 8601, with all its digits, and anything else as it is printed."""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def dumps(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, default=text_of, ensure_ascii=False, sort_keys=True, indent=indent)


def record(row: Model) -> Record:
    """Return a row as a record, without accounts and passwords."""
    is_group = row._meta.label == "auth.Group"
    found: Record = Serializer().serialize([row], use_natural_primary_keys=is_group)[0]
    fields = found["fields"]
    # The sizes of a photo are made again where it arrives.
    fields.pop("renditions_due_since", None)
    for field in row._meta.local_fields:
        if field.related_model is get_user_model():
            fields[field.name] = None
        elif field.name == "password":
            fields[field.name] = ""
    if isinstance(row, Revision):
        fields["content"] = {**fields["content"], "owner": None, "locked_by": None}
        fields["content"].pop("wagtail_admin_comments", None)
    return found


def rows(label: str) -> QuerySet[Any]:
    """Return all rows of a model, in an order that an edit does not change."""
    model = apps.get_model(label)
    # The managers of some models hide rows, or join others.
    return QuerySet(model).order_by("pk")


def records(label: str) -> Iterator[Record]:
    """Yield all rows of a model as records."""
    for row in rows(label).iterator(chunk_size=500):
        yield record(row)


def revisions(pages: list[Page], *, history: bool) -> QuerySet[Revision]:
    """Return the revisions of pages: all, or the drafts, what is live, and what is scheduled."""
    named = {page.latest_revision_id for page in pages} | {page.live_revision_id for page in pages}
    found = rows("wagtailcore.Revision").filter(
        base_content_type__app_label="wagtailcore",
        base_content_type__model="page",
        object_id__in=[str(page.pk) for page in pages],
    )
    if history:
        return found
    return found.filter(Q(pk__in=named) | Q(approved_go_live_at__isnull=False))


def records_of(pages: list[Page], *, history: bool) -> dict[int, list[Record]]:
    """Return the records of each page of a few, by the page's key."""
    found = {page.pk: [record(page)] for page in pages}
    for label, name in OF_A_PAGE.items():
        for row in rows(label).filter(**{f"{name}__in": list(found)}):
            key = row.pk if name == "pk" else getattr(row, f"{name}_id")
            found[key].append(record(row))
    for revision in revisions(pages, history=history):
        found[int(revision.object_id)].append(record(revision))
    return found


def take_bodies(found: list[Record]) -> dict[str, Any]:
    """Take the StreamFields out of the records of a page, and return them by field."""
    bodies = {}
    for each in found:
        model = apps.get_model(each["model"])
        if not issubclass(model, Page):
            continue
        for field in model._meta.local_fields:
            if isinstance(field, StreamField):
                bodies[field.name] = json.loads(each["fields"].pop(field.name))
    return bodies


def put_bodies(found: list[Record], bodies: dict[str, Any]) -> None:
    """Put back what `take_bodies` took out."""
    for each in found:
        model = apps.get_model(each["model"])
        if not issubclass(model, Page):
            continue
        for field in model._meta.local_fields:
            if isinstance(field, StreamField):
                each["fields"][field.name] = json.dumps(bodies[field.name])


def save(found: Iterator[Record] | list[Record]) -> None:
    """Insert records. Groups, which have names for keys, are changed when they are there."""
    deserialized: DeserializedObject
    for deserialized in python.Deserializer(found):
        deserialized.save(force_insert=deserialized.object._meta.label != "auth.Group")
