"""
Makes a blog of realistic posts, fast: `DATABASE_URL=… python -m tests.benchmarks.posts 100000`.

A post has a title, one to three authors, up to five tags, sometimes a series, and a body of
paragraphs, quotations, lists, links and headings around a median of 380 words. Lengths follow a
log-normal law, the popularity of tags and names Zipf's, dates working days with often two posts
or more on one. The same seed makes the same posts.
"""

import argparse
import datetime as dt
import itertools
import json
import os
import random
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field


def words(text: str) -> list[str]:
    return text.split()


NOUNS = words("""
assessment borough budget care carer case caseload child commissioner committee complaint
contract council court decision department director duty evidence family fee figure foster
framework funding grant guidance hearing home hospital household inquiry inspection inspector
judgment law letter manager meeting minister mother neighbour nurse officer parent parliament
patient pay plan placement policy practice principle profession provider question reform
referral regulator report research review right risk rota school service shift shortage
social-work standard statute strike student supervision survey system team threshold training
trust turnover union vacancy visit volunteer wage ward worker youth
""")
VERBS = words("""
accepted answered asked abandoned built changed closed counted cut delayed described doubled
drafted ended explained found funded ignored kept led left measured merged missed moved named
noticed opened paid planned promised published questioned raised read rejected repaired replaced
resigned reviewed saw shared shortened signed started stopped studied supported tested trusted
visited warned welcomed withdrew wrote
""")
ADJECTIVES = words("""
annual anxious bare better brief careful cheap common complex costly crowded distant early fair
former fragile generous hard honest hidden independent late local long modest national new old
open ordinary patient plain poor private public quick quiet rare recent rural senior serious
shared short slow small statutory steady strange tired urban useful usual vague voluntary weak
wide young
""")
PATTERNS = (
    "The {a} {n} {v} the {n2}, and nobody in {p} had asked why.",
    "{p} {v} its {n} in {y}; the {a} {n2} came later.",
    "What the {n} {v} was a {a} {n2}, not the {n3} that {p} had in mind.",
    "In {p}, {q} of {q2} {a} cases {v} before the {n} did.",
    "A {n} is not a {n2}, however {a} the {n3}.",
    "By {y} the {n} had {v} and the {a} {n2} was gone.",
    "Few would call it a {a} {n}, but it {v} the {n2} all the same.",
    "If the {n} {v} anything, it was that a {a} {n2} needs a {n3}.",
    "{p} and {p2} {v} the same {n}, a {a} {n2} apart.",
    "Nobody {v} the {n}. The {a} {n2} wrote it down.",
)
TITLES = (
    "What the {n} {v}",
    "A {a} {n} in {p}",
    "{p} and the {a} {n}",
    "Why the {n} {v} the {n2}",
    "The {n}, the {n2} and {q} {a} cases",
    "On the {n} of {y}",
)
ONSETS = words("b br c ch d dr f fl g gr h k l m n p pr r s st t th tr w wh")
VOWELS = words("a e i o u ai ea oo ou")
ENDINGS = words(
    "bury by don field ford ham ley ling mere mouth ness ridge ster ton well wick worth"
)


@dataclass(frozen=True)
class Draft:
    """A post as the generator thinks of it; `authors`, `tags` and `series` are numbers."""

    title: str
    slug: str
    published_at: dt.datetime
    introduction: str
    body: list[dict[str, object]]
    authors: list[int]
    tags: list[int]
    series: int | None = None


@dataclass
class World:
    """What the posts are about: how many authors, tags, series and place names there are."""

    seed: int = 1
    authors: int = 12
    tags: int = 240
    series: int = 30
    places: list[str] = field(default_factory=list)
    stock: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        names = (
            self.chance.choice(ONSETS) + self.chance.choice(VOWELS) + self.chance.choice(ENDINGS)
            for _ in itertools.count()
        )
        self.places = [name.title() for name in itertools.islice(names, 3000)]
        self.place_weights = list(itertools.accumulate(1 / (n + 3) for n in range(3000)))
        self.tag_weights = list(itertools.accumulate(1 / (n + 1) for n in range(self.tags)))

    def place(self) -> str:
        return self.chance.choices(self.places, cum_weights=self.place_weights)[0]

    def fill(self, pattern: str) -> str:
        pick = self.chance.choice
        return pattern.format(
            n=pick(NOUNS),
            n2=pick(NOUNS),
            n3=pick(NOUNS),
            v=pick(VERBS),
            a=pick(ADJECTIVES),
            p=self.place(),
            p2=self.place(),
            y=self.chance.randint(1946, 2026),
            q=self.chance.randint(2, 90),
            q2=self.chance.randint(91, 4000),
        )

    def sentences(self, count: int) -> str:
        """Sentences of a stock of 20,000: drawing costs less than making, and the words recur."""
        if len(self.stock) < 20_000:
            new = [self.fill(self.chance.choice(PATTERNS)) for _ in range(count)]
            self.stock += new
            return " ".join(new)
        return " ".join(self.chance.choices(self.stock, k=count))

    def body(self) -> list[dict[str, object]]:
        """StreamField data whose length in words is log-normal around 380."""
        left = max(4, round(self.chance.lognormvariate(3.35, 0.55)))
        blocks: list[dict[str, object]] = []
        sections = 0
        while left > 0:
            size = min(left, self.chance.randint(2, 6))
            left -= size
            text = self.sentences(size)
            kind = self.chance.random()
            if kind < 0.08 and blocks:
                sections += 1
                heading = self.fill("The {a} {n} of {p}")
                value = {"text": heading, "level": "2", "anchor": f"section-{sections}"}
                blocks.append({"type": "heading", "value": value})
            if 0.08 <= kind < 0.2:
                value = {"text": f"<p>{text}</p>", "source": self.place(), "url": ""}
                blocks.append({"type": "quote", "value": value})
            elif 0.2 <= kind < 0.26:
                items = "".join(f"<li>{self.fill('A {a} {n} in {p}')}</li>" for _ in range(4))
                blocks.append({"type": "paragraph", "value": f"<p>{text}</p><ul>{items}</ul>"})
            elif kind < 0.5:
                words = text.split(" ", 6)
                link = f'<a href="https://{self.place().lower()}.example/report">{words[3]}</a>'
                text = " ".join([*words[:3], link, *words[4:]])
                blocks.append({"type": "paragraph", "value": f"<p>{text}</p>"})
            else:
                blocks.append({"type": "paragraph", "value": f"<p>{text}</p>"})
        return blocks


def generate(
    count: int, seed: int = 1, first: dt.date = dt.date(2005, 1, 3), days: float = 20 * 365
) -> Iterator[Draft]:
    """
    Draw `count` posts, the oldest first, over twenty years (or so many `days`) from `first` on.

    The titles are made of words of the trade; slugs end in the post's number, so they are unique.
    """
    world = World(seed)
    chance = world.chance
    span = days * 24 * 60 * 60
    start = dt.datetime.combine(first, dt.time(6), dt.UTC)
    for number in range(count):
        moment = start + dt.timedelta(seconds=span * number / count)
        if moment.weekday() > 4:
            moment -= dt.timedelta(days=moment.weekday() - 4)
        moment = moment.replace(
            hour=chance.randint(7, 19), minute=chance.randint(0, 59), second=0, microsecond=0
        )
        title = world.fill(chance.choice(TITLES))
        slug = f"{title.lower().replace(',', '').replace(' ', '-')}-{seed}-{number}"
        tags = chance.choices(
            range(world.tags), cum_weights=world.tag_weights, k=chance.randint(0, 5)
        )
        yield Draft(
            title=title,
            slug=slug,
            published_at=moment,
            introduction=world.sentences(1) if chance.random() < 0.4 else "",
            body=world.body(),
            authors=chance.sample(range(world.authors), chance.choice((1, 1, 1, 1, 2, 3))),
            tags=sorted(set(tags)),
            series=chance.randrange(world.series) if chance.random() < 0.05 else None,
        )


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

    from blog.models import Byline, PostPage, TaggedPost

    authors, tags, series = subjects(World(seed))
    content_type = ContentType.objects.get_for_model(PostPage)
    locale = Locale.get_default()
    namespace = uuid.UUID(int=seed)
    last = blog.get_last_child()
    step = PostPage._str2int(last.path[-PostPage.steplen :]) if last else 0
    drafts = generate(count, seed, days=days)
    done = 0
    while batch := list(itertools.islice(drafts, 2000)):
        pages, posts = [], []
        for offset, draft in enumerate(batch, 1):
            own = {
                "published_at": draft.published_at,
                "introduction": draft.introduction,
                "body": json.dumps(
                    [
                        {**block, "id": str(uuid.uuid5(namespace, f"{draft.slug}/{number}"))}
                        for number, block in enumerate(draft.body)
                    ]
                ),
                "series": series[draft.series] if draft.series is not None else None,
            }
            shared = {
                "path": PostPage._get_path(blog.path, blog.depth + 1, step + done + offset),
                "depth": blog.depth + 1,
                "numchild": 0,
                "title": draft.title,
                "draft_title": draft.title,
                "slug": draft.slug,
                "url_path": f"{blog.url_path}{draft.slug}/",
                "content_type": content_type,
                "locale": locale,
                "translation_key": uuid.uuid5(namespace, draft.slug),
                "live": True,
                "first_published_at": draft.published_at,
                "last_published_at": draft.published_at,
            }
            pages.append(Page(**shared))
            post = PostPage(**shared, **own)
            post.prepare()
            posts.append(post)
        with transaction.atomic():
            Page.objects.bulk_create(pages, batch_size=500)
            paths = {page.path: page.pk for page in pages}
            for post in posts:
                post.pk = post.id = post.page_ptr_id = paths[post.path]
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

    def progress(done):
        sys.stderr.write(f"\r{done:,} of {options.count:,} posts")

    write(options.count, blog, options.seed, progress, options.days)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    sys.stderr.write("\n")


if __name__ == "__main__":
    main()
