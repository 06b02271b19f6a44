"""An exam's documents as posts, and the searches that are asked for them."""

import json
import uuid
from collections.abc import Callable, Iterable
from itertools import count

from django.db import connection, models
from django.utils import timezone
from django.utils.html import escape
from django.utils.text import slugify
from wagtail.models import Page

from blog.models import Author, BlogIndexPage, Byline, PostPage, Tag, TaggedPost
from search.answers import answer_to
from tests.search.exam.files import ExamDocument
from tests.search.exam.measures import FIRST


def reader(names: dict[int, str]) -> Callable[[str, int], list[str]]:
    """Return the reader's search: page by page, with all that it does when nothing is found."""

    def ask(text: str, number: int) -> list[str]:
        answer = answer_to(text, number=number)
        return [names[result.page.pk] for result in answer.results]

    return ask


def database(names: dict[int, str]) -> Callable[[str, int], list[str]]:
    """Return the search of Wagtail's database backend."""

    def ask(text: str, number: int) -> list[str]:
        posts = PostPage.objects.published().search(text, operator="or")
        return [names[post.pk] for post in posts[(number - 1) * FIRST : number * FIRST]]

    return ask


def insert(model: type[models.Model], rows: list[dict]) -> None:
    """Insert rows into a model's own table only, as `bulk_create` does not do for its parents."""
    fields = list(model._meta.local_concrete_fields)
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    table = connection.ops.quote_name(model._meta.db_table)
    values = [
        [
            field.get_db_prep_save(row.get(field.attname, field.get_default()), connection)
            for field in fields
        ]
        for row in rows
    ]
    with connection.cursor() as cursor:
        # The names are those of our own models.
        cursor.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({places})",  # noqa: S608
            values,
        )


def publish(documents: list[ExamDocument], blog: BlogIndexPage | None = None) -> dict[int, str]:
    """
    Make a post of each document, many at a time and without signals.

    Returns page id → document id.
    """
    blog = blog or BlogIndexPage.objects.first()
    content_type = PostPage(title="").content_type
    authors = named(Author, (name for d in documents for name in d.authors), 200)
    tags = named(Tag, (name for d in documents for name in d.tags), 100)
    now = timezone.now()
    pages = []
    for number, document in enumerate(documents, blog.numchild + 1):
        slug = f"post-{number}"
        pages.append(
            Page(
                title=(document.title or document.text[:100] or "Untitled")[:255],
                draft_title="",
                slug=slug,
                path=Page._get_path(blog.path, blog.depth + 1, number),
                depth=blog.depth + 1,
                numchild=0,
                url_path=f"{blog.url_path}{slug}/",
                content_type=content_type,
                locale=blog.locale,
                live=True,
                first_published_at=now,
                last_published_at=now,
            )
        )
    Page.objects.bulk_create(pages, batch_size=500)
    by_path = dict(
        Page.objects.filter(depth=blog.depth + 1, path__startswith=blog.path).values_list(
            "path", "pk"
        )
    )
    ids = [by_path[page.path] for page in pages]
    rows, bylines, taggings = [], [], []
    for page, document in zip(ids, documents, strict=True):
        html = f"<p>{escape(document.text)}</p>"
        body = [{"type": "paragraph", "value": html, "id": str(uuid.uuid4())}]
        rows.append(
            {
                "page_ptr_id": page,
                "published_at": document.date or now,
                "body": json.dumps(body),
                "excerpt": document.text[:200],
            }
        )
        bylines += [
            Byline(post_id=page, author_id=author, sort_order=order)
            for order, author in enumerate(
                dict.fromkeys(authors[name[:200]] for name in document.authors)
            )
        ]
        taggings += [
            TaggedPost(tag_id=tag, content_object_id=page)
            for tag in dict.fromkeys(tags[name[:100]] for name in document.tags)
        ]
    insert(PostPage, rows)
    Byline.objects.bulk_create(bylines, batch_size=1000)
    TaggedPost.objects.bulk_create(taggings, batch_size=1000)
    Page.objects.filter(pk=blog.pk).update(numchild=blog.numchild + len(pages))
    blog.refresh_from_db()
    return {page: document.id for page, document in zip(ids, documents, strict=True)}


def named(model: type[Author] | type[Tag], wanted: Iterable[str], longest: int) -> dict[str, int]:
    """Authors or tags of some names, cut to what their table holds: name → id."""
    slugs: dict[str, str] = {}
    for name in sorted({name[:longest] for name in wanted}):
        slug = base = slugify(name)[: longest - 10] or "none"
        for number in count(2):
            if slug not in slugs:
                break
            slug = f"{base}-{number}"
        slugs[slug] = name
    model.objects.bulk_create(
        [model(name=name, slug=slug) for slug, name in slugs.items()], batch_size=500
    )
    found = model.objects.values_list("slug", "pk")
    return {slugs[slug]: pk for slug, pk in found if slug in slugs}
