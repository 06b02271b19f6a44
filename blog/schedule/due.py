"""Queries for what is due, and for the next moment at which something will be."""

import datetime as dt
from dataclasses import dataclass

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.db.models import CharField, Exists, OuterRef, Subquery
from django.db.models.functions import Cast
from django.utils import timezone
from wagtail.models import DraftStateMixin, Page, Revision

from .ledger import Attempt

# For how long the next moment is remembered, in seconds.
REMEMBERED = 1

GO_LIVE = Attempt.Kind.GO_LIVE
EXPIRE = Attempt.Kind.EXPIRE


@dataclass(frozen=True, order=True)
class Item:
    """
    A revision that goes live at a moment, or a live object that expires then.

    Its fields are those of `Attempt`.
    """

    planned_at: dt.datetime
    kind: str
    content_type_id: int
    object_id: str
    revision_id: int | None = None

    @property
    def base_model(self):
        return ContentType.objects.get_for_id(self.content_type_id).model_class()


def models_with_drafts():
    """Return Page and each other model whose objects can be scheduled."""
    return [Page] + [
        model
        for model in apps.get_models()
        if issubclass(model, DraftStateMixin) and not issubclass(model, Page)
    ]


def going_live(until=None):
    """Return the revisions that are scheduled, the earliest first."""
    revisions = Revision.objects.filter(approved_go_live_at__isnull=False)
    if until:
        revisions = revisions.filter(approved_go_live_at__lte=until)
    return revisions.order_by("approved_go_live_at", "pk")


def expiring(model, until=None):
    """Return the live objects that have an expiry, the earliest first."""
    objects = model._base_manager.filter(live=True, expire_at__isnull=False)
    if until:
        objects = objects.filter(expire_at__lte=until)
    return objects.order_by("expire_at", "pk")


def without_pause(queryset, now):
    """Exclude what failed and is not to be tried again yet."""
    if queryset.model is Revision:
        pauses = Attempt.objects.filter(
            kind=GO_LIVE,
            revision_id=OuterRef("pk"),
            planned_at=OuterRef("approved_go_live_at"),
            retry_at__gt=now,
        )
    else:
        pauses = Attempt.objects.filter(
            kind=EXPIRE,
            content_type=base_content_type(queryset.model),
            object_id=Cast(OuterRef("pk"), CharField()),
            planned_at=OuterRef("expire_at"),
            retry_at__gt=now,
        )
    return queryset.exclude(Exists(pauses))


def base_content_type(model):
    parents = model._meta.get_parent_list()
    return ContentType.objects.get_for_model(
        parents[-1] if parents else model, for_concrete_model=False
    )


def next_moment(now=None):
    """
    Return the moment at which something next goes live or expires, or None.

    It is in the past if something is overdue, unless that failed and is to be tried again later.
    This takes one query, whatever the number of posts.
    """
    now = now or timezone.now()
    moments = {
        f"moment_{number}": Subquery(queryset.values(field)[:1])
        for number, (queryset, field) in enumerate(
            [(without_pause(going_live(), now), "approved_go_live_at")]
            + [(without_pause(expiring(model), now), "expire_at") for model in models_with_drafts()]
        )
    }
    # The subqueries need a table to select from; this one is never empty.
    rows = ContentType.objects.order_by().annotate(**moments).values_list(*moments)[:1]
    return min((moment for row in rows for moment in row if moment), default=None)


def remembered_next_moment():
    """Return the next moment as it was at most a second ago, or None."""
    return caches["until_change"].get_or_set("next moment", next_moment, REMEMBERED)


def due_items(now=None, *, paused=False, limit=None):
    """
    Return the items that are due, in the order of their moments.

    Include what failed and is to be tried again later if `paused`. `limit` applies to each query.
    """
    now = now or timezone.now()
    revisions = going_live(now)
    if not paused:
        revisions = without_pause(revisions, now)
    fields = ("approved_go_live_at", "base_content_type_id", "object_id", "pk")
    items = [
        Item(moment, GO_LIVE, content_type, object_id, revision)
        for moment, content_type, object_id, revision in revisions.values_list(*fields)[:limit]
    ]
    for model in models_with_drafts():
        objects = expiring(model, now)
        if not paused:
            objects = without_pause(objects, now)
        content_type = base_content_type(model).pk
        items += [
            Item(moment, EXPIRE, content_type, str(pk))
            for moment, pk in objects.values_list("expire_at", "pk")[:limit]
        ]
    return sorted(items, key=lambda item: (item.planned_at, item.kind, item.revision_id or 0))


def due_items_at(path):
    """Return the due items of the pages whose slugs are in a path, in the order of the path."""
    slugs = [part.partition(".")[0] for part in path.split("/") if part]
    revisions = without_pause(going_live(timezone.now()), timezone.now()).filter(
        content__slug__in=slugs
    )
    fields = ("content__slug", "approved_go_live_at", "base_content_type_id", "object_id", "pk")
    items = [
        (slugs.index(slug), Item(moment, GO_LIVE, content_type, object_id, revision))
        for slug, moment, content_type, object_id, revision in revisions.values_list(*fields)
    ]
    return [item for _place, item in sorted(items)]
