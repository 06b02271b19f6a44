"""Makes many scheduled posts quickly, for tests of what happens when there are many."""

import copy
import datetime as dt
import uuid

from django.db import connection
from django.utils import timezone
from wagtail.models import Page, Revision

from blog.models import BlogIndexPage, PostPage
from tests.factories import PostPageFactory


def make_backlog(number, moments=None, prefix="item"):
    """
    Make this many drafts that are scheduled; returns their primary keys, in the order of their
    moments.

    `moments` are those at which they are due: one second after another in the past if left out.
    One is written as an editor would, and its rows are copied.
    """
    if moments is None:
        first = timezone.now() - dt.timedelta(seconds=number + 60)
        moments = [first + dt.timedelta(seconds=n) for n in range(number)]
    blog = BlogIndexPage.objects.get(slug="blog")
    model = PostPageFactory(
        parent=blog, live=False, published_at=None, title=prefix, slug=f"{prefix}-model"
    )
    model.go_live_at = timezone.now() + dt.timedelta(days=1)
    revision = model.save_revision()
    revision.publish()
    revision.refresh_from_db()
    model = PostPage.objects.get(pk=model.pk)
    pages = []
    base, steplen = int(model.path[-Page.steplen :], 36), Page.steplen
    row = Page.objects.get(pk=model.pk)
    for n, moment in enumerate(moments, 1):
        page = copy.copy(row)
        page.pk = page.id = None
        page._state = copy.copy(page._state)
        page.path = model.path[:-steplen] + Page._int2str(base + n).zfill(steplen)
        page.slug = f"{prefix}-{n}"
        page.title = page.draft_title = f"{prefix} {n}"
        page.url_path = model.url_path.replace(f"{prefix}-model", page.slug)
        page.go_live_at = moment
        page.translation_key = uuid.uuid4()
        page.latest_revision_id = None
        pages.append(page)
    Page.objects.bulk_create(pages, batch_size=200)
    keys = dict(
        Page.objects.filter(path__in=[page.path for page in pages]).values_list("slug", "pk")
    )
    columns = [
        connection.ops.quote_name(field.column)
        for field in PostPage._meta.local_concrete_fields
        if not field.primary_key
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO blog_postpage (page_ptr_id, {', '.join(columns)})"  # noqa: S608
            f" SELECT p.id, {', '.join('m.' + column for column in columns)}"
            " FROM wagtailcore_page p, blog_postpage m WHERE m.page_ptr_id = %s AND p.slug LIKE %s"
            " AND p.id NOT IN (SELECT page_ptr_id FROM blog_postpage)",
            [model.pk, f"{prefix}-%"],
        )
    revisions = []
    for page in pages:
        pk = keys[page.slug]
        row = copy.copy(revision)
        row._state = copy.copy(row._state)
        row.pk = row.id = None
        row.object_id = str(pk)
        row.object_str = page.title
        row.approved_go_live_at = page.go_live_at
        row.content = revision.content | {
            "pk": pk,
            "path": page.path,
            "slug": page.slug,
            "title": page.title,
            "draft_title": page.title,
            "url_path": page.url_path,
            "go_live_at": page.go_live_at.isoformat(),
            "translation_key": str(page.translation_key),
        }
        revisions.append(row)
    Revision.objects.bulk_create(revisions, batch_size=200)
    for page in pages:
        page.pk = page.id = keys[page.slug]
    latest = dict(
        Revision.objects.filter(object_id__in=[str(pk) for pk in keys.values()]).values_list(
            "object_id", "pk"
        )
    )
    for page in pages:
        page.latest_revision_id = latest[str(page.pk)]
    Page.objects.bulk_update(pages, ["latest_revision"], batch_size=200)
    model.delete()
    Page.objects.filter(pk=blog.pk).update(numchild=Page.objects.child_of(blog).count())
    return [keys[page.slug] for page in pages]
