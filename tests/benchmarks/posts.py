"""
Writes the drawn posts into a blog, fast: `DATABASE_URL=… python -m tests.benchmarks.posts 100000`.
"""

import argparse
import itertools
import json
import os
import re
import sys
import uuid

from tests.benchmarks.drafts import ADJECTIVES, NOUNS, World, generate

MOST_PHOTOS = 5000
LINK = re.compile(r'(?<=id=\\")post-(\d+)')


def subjects(world: World):
    """The authors, tags and series of `world`, as database rows, made where they are missing."""
    from blog.models import Author, Series, Tag

    names = [
        f"{place} {other}" for place, other in zip(world.places, world.places[100:], strict=False)
    ]
    tag_names = [
        f"{adjective} {noun}"
        for adjective, noun in itertools.islice(itertools.product(ADJECTIVES, NOUNS), world.tags)
    ]

    def rows(model, key, values):
        slugs = [value.lower().replace(" ", "-") for value in values]
        model.objects.bulk_create(
            [model(slug=slug, **{key: value}) for slug, value in zip(slugs, values, strict=True)],
            ignore_conflicts=True,
        )
        found = {row.slug: row for row in model.objects.filter(slug__in=slugs)}
        return [found[slug] for slug in slugs]

    return (
        rows(Author, "name", list(dict.fromkeys(names))[: world.authors]),
        rows(Tag, "name", tag_names),
        rows(
            Series,
            "title",
            [f"Notes from {place}" for place in dict.fromkeys(world.places)][: world.series],
        ),
    )


def insert(model, rows) -> None:
    """Insert rows of the child table alone: their parent rows are there already."""
    # bulk_create refuses models of several tables; this is the step it would end in.
    queryset = model._base_manager.get_queryset()
    queryset._batched_insert(rows, model._meta.local_concrete_fields, batch_size=500)


def copy_of(row):
    """A row of the same values that is not in the database."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return type(row)(**values | {"id": None})


def make_photos(count: int) -> list[int]:
    """
    Make as many photos as that, of the demo's pictures in all sizes; returns their keys.

    Rows are copied, so that many photos share a file, which no reader's page can tell.
    """
    import tempfile
    from pathlib import Path

    from django.core.files.images import ImageFile
    from django.core.management import call_command

    from blog.models import Photo
    from tests import pictures

    with tempfile.TemporaryDirectory() as folder:
        pictures.reduce_to(Path(folder), 4)
        for path in sorted(Path(folder).iterdir()):
            with path.open("rb") as file:
                Photo.objects.create(
                    title=path.stem,
                    description=f"A picture of the {path.stem}, as the demo has it",
                    credit="Drawn for the demo",
                    file=ImageFile(file, name=path.name),
                )
    call_command("make_renditions", verbosity=0)
    first = list(Photo.objects.prefetch_related("renditions"))
    copies, renditions = [], []
    for photo in itertools.islice(itertools.cycle(first), max(0, count - len(first))):
        copy = copy_of(photo)
        copies.append((copy, photo))
    Photo.objects.bulk_create([copy for copy, _photo in copies], batch_size=500)
    for copy, photo in copies:
        for rendition in photo.renditions.all():
            other = copy_of(rendition)
            other.image_id = copy.pk
            renditions.append(other)
    first[0].renditions.model.objects.bulk_create(renditions, batch_size=500)
    return [photo.pk for photo in first] + [copy.pk for copy, _photo in copies]


def chosen(photos, number):
    """The photo of a number; None where there are none, or none is wanted."""
    return photos[number % len(photos)] if photos and number is not None else None


def body_of(draft, keys, photos, namespace) -> str:
    """The body of a draft as it is stored, with the keys of the photos and posts it names."""
    blocks = []
    for place, block in enumerate(draft.body):
        value = block["value"]
        if block["type"] == "photo":
            if not photos:
                continue
            image = value["image"] | {"image": chosen(photos, value["image"]["image"])}
            value = value | {"image": image}
        key = str(uuid.uuid5(namespace, f"{draft.slug}/{place}"))
        blocks.append({"type": block["type"], "value": value, "id": key})
    return LINK.sub(lambda link: str(keys[int(link[1])]), json.dumps(blocks))


def write(
    count: int, blog, seed: int = 1, progress=lambda done: None, days: float = 20 * 365
) -> None:
    """
    Write `count` generated posts below `blog`, live, in the page tree, without revisions.

    No signal is sent, so that no search index and no cache hears of it. Calls `progress` with
    the number of posts written so far.
    """
    from django.contrib.contenttypes.models import ContentType
    from django.db import transaction
    from wagtail.models import Locale, Page

    from blog.models import Byline, Photo, PostPage, TaggedPost

    authors, tags, series = subjects(World(seed))
    content_type = ContentType.objects.get_for_model(PostPage)
    locale = Locale.get_default()
    namespace = uuid.UUID(int=seed)
    photos = list(Photo.objects.order_by("pk").values_list("pk", flat=True))
    last = blog.get_last_child()
    step = PostPage._str2int(last.path[-PostPage.steplen :]) if last else 0
    drafts = generate(count, seed, days=days)
    keys: list[int] = []
    done = 0
    while batch := list(itertools.islice(drafts, 2000)):
        pages = [
            Page(
                path=PostPage._get_path(blog.path, blog.depth + 1, step + done + offset),
                depth=blog.depth + 1,
                title=draft.title,
                draft_title=draft.title,
                slug=draft.slug,
                url_path=f"{blog.url_path}{draft.slug}/",
                content_type=content_type,
                locale=locale,
                translation_key=uuid.uuid5(namespace, draft.slug),
                live=True,
                first_published_at=draft.published_at,
                last_published_at=draft.published_at,
            )
            for offset, draft in enumerate(batch, 1)
        ]
        with transaction.atomic():
            Page.objects.bulk_create(pages, batch_size=500)
            keys += [page.pk for page in pages]
            posts = []
            for page, draft in zip(pages, batch, strict=True):
                post = PostPage(
                    page_ptr_id=page.pk,
                    published_at=draft.published_at,
                    introduction=draft.introduction,
                    body=body_of(draft, keys, photos, namespace),
                    series=series[draft.series] if draft.series is not None else None,
                    cover_id=chosen(photos, draft.cover),
                )
                for name in (field.attname for field in Page._meta.concrete_fields):
                    setattr(post, name, getattr(page, name))
                post.prepare()
                posts.append(post)
            insert(PostPage, posts)
            Byline.objects.bulk_create(
                Byline(post_id=post.pk, author=authors[author], sort_order=order)
                for post, draft in zip(posts, batch, strict=True)
                for order, author in enumerate(draft.authors)
            )
            TaggedPost.objects.bulk_create(
                TaggedPost(content_object_id=post.pk, tag=tags[tag])
                for post, draft in zip(posts, batch, strict=True)
                for tag in draft.tags
            )
            Page.objects.filter(pk=blog.pk).update(numchild=blog.numchild + done + len(batch))
        done += len(batch)
        progress(done)
    blog.refresh_from_db()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=float, default=20 * 365, help="over which they are spread")
    options = parser.parse_args()

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.dev")
    django.setup()
    from django.core.management import call_command

    from blog.models import BlogIndexPage

    call_command("migrate", verbosity=0)
    blog = BlogIndexPage.objects.first()
    make_photos(min(MOST_PHOTOS, max(20, options.count // 10)))

    def progress(done):
        sys.stderr.write(f"\r{done:,} of {options.count:,} posts")

    write(options.count, blog, options.seed, progress, options.days)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    sys.stderr.write("\n")


if __name__ == "__main__":
    main()
