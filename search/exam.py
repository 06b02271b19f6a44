"""How good the search is: documents, queries and judgements in, figures out."""

import datetime as dt
import json
import math
import statistics
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection, models
from django.utils import timezone
from django.utils.html import escape
from django.utils.text import slugify
from wagtail.models import Page

from blog.models import Author, BlogIndexPage, Byline, PostPage, Tag, TaggedPost

DEPTH = 100
FIRST = 10


class ExamError(ValueError):
    """A line of an exam's file that is neither document nor query, or a query about nothing."""


@dataclass(frozen=True)
class ExamQuery:
    """A query and the grades of documents, by their ids; grade 0 is of no use to the reader."""

    id: str
    text: str
    judgements: dict[str, int]
    kind: str = ""


@dataclass
class Exam:
    documents: list[dict] = field(default_factory=list)
    queries: list[ExamQuery] = field(default_factory=list)


@dataclass
class Scores:
    """One line of an exam's result. All but the milliseconds are between 0 and 1."""

    name: str
    ndcg: list[float] = field(default_factory=list)
    average_precision: list[float] = field(default_factory=list)
    precision: list[float] = field(default_factory=list)
    empty: list[bool] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    def row(self) -> dict[str, float]:
        times = sorted(self.milliseconds)
        return {
            "nDCG@10": statistics.fmean(self.ndcg),
            "MAP": statistics.fmean(self.average_precision),
            "P@10": statistics.fmean(self.precision),
            "zero hits": statistics.fmean(self.empty),
            "median ms": statistics.median(times),
            "p95 ms": times[math.ceil(len(times) * 0.95) - 1],
        }


def read(paths: Iterable[Path]) -> Exam:
    """
    Read JSON lines: documents have `id`, `title`, `text` and may have `author`, `tags` and `date`;
    queries have `id`, `query`, `judgements` ({document id: grade}) and may have a `kind`.

    Raises `ExamError` with the file and line of what is neither.
    """
    exam = Exam()
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                item = json.loads(line)
                if "query" in item:
                    grades = {str(doc): int(g) for doc, g in item["judgements"].items()}
                    kind = str(item.get("kind", ""))
                    exam.queries.append(
                        ExamQuery(str(item["id"]), str(item["query"]), grades, kind)
                    )
                else:
                    exam.documents.append(item | {"id": str(item["id"]), "text": item["text"]})
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise ExamError(
                    f"{path}, line {number}: neither a document nor a query ({error!r})."
                ) from error
    return exam


def gain(grade: int) -> int:
    return 2**grade - 1


def ndcg(ranking: list[str], judgements: dict[str, int], depth: int = FIRST) -> float:
    """
    Normalised discounted cumulative gain of the first `depth` documents.

    Gain 2^grade − 1, discount log2(rank + 1), after Burges et al. (2005).
    """

    def discounted(grades: Iterable[int]) -> float:
        return sum(gain(grade) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))

    best = discounted(sorted(judgements.values(), reverse=True)[:depth])
    return discounted(judgements.get(doc, 0) for doc in ranking[:depth]) / best if best else 0.0


def average_precision(ranking: list[str], relevant: set[str]) -> float:
    hits, total = 0, 0.0
    for rank, document in enumerate(ranking, 1):
        if document in relevant:
            hits += 1
            total += hits / rank
    return total / len(relevant) if relevant else 0.0


def score(name: str, search: Callable[[str], list[str]], queries: Iterable[ExamQuery]) -> Scores:
    """Ask `search` each query; it answers with document ids, the best first."""
    scores = Scores(name)
    for query in queries:
        begun = time.perf_counter()
        ranking = search(query.text)
        scores.milliseconds.append((time.perf_counter() - begun) * 1000)
        relevant = {document for document, grade in query.judgements.items() if grade > 0}
        scores.ndcg.append(ndcg(ranking, query.judgements))
        scores.average_precision.append(average_precision(ranking[:DEPTH], relevant))
        scores.precision.append(len(relevant.intersection(ranking[:FIRST])) / FIRST)
        scores.empty.append(not ranking)
    return scores


@contextmanager
def scratch_database() -> Iterator[None]:
    """A database of its own beside the site's, empty but for what migrations put into it."""
    old_name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        test_name = f"file:exam{uuid.uuid4().hex}?mode=memory&cache=shared"
    else:
        test_name = f"{old_name}_exam_{uuid.uuid4().hex[:8]}"
    test = connection.settings_dict.setdefault("TEST", {})
    before = dict(test)
    test["NAME"] = test_name
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(old_name, verbosity=0)
        test.clear()
        test.update(before)


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


def publish(documents: list[dict], blog: BlogIndexPage | None = None) -> dict[int, str]:
    """
    Make a post of each document, many at a time and without signals.

    Returns page id → document id. Documents as in `read`.
    """
    blog = blog or BlogIndexPage.objects.first()
    content_type = PostPage(title="").content_type
    authors: dict[str, Author] = {}
    tags: dict[str, Tag] = {}
    names = {d["author"] for d in documents if d.get("author")}
    for number, name in enumerate(sorted(names)):
        slug = f"{slugify(name)[:180] or 'author'}-{number}"
        authors[name] = Author.objects.create(name=name[:200], slug=slug)
    for name in sorted({tag for d in documents for tag in d.get("tags", ())}):
        tags[name] = Tag.objects.create(name=name, slug=slugify(name))
    now = timezone.now()
    pages = []
    for number, document in enumerate(documents, blog.numchild + 1):
        slug = f"post-{number}"
        pages.append(
            Page(
                title=(document.get("title") or document["text"][:100] or "Untitled")[:255],
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
        text = document["text"]
        body = [{"type": "paragraph", "value": f"<p>{escape(text)}</p>", "id": str(uuid.uuid4())}]
        date = document.get("date")
        rows.append(
            {
                "page_ptr_id": page,
                "published_at": dt.datetime.fromisoformat(date) if date else now,
                "body": json.dumps(body),
                "excerpt": text[:200],
            }
        )
        if document.get("author"):
            bylines.append(Byline(post_id=page, author=authors[document["author"]]))
        taggings += [
            TaggedPost(tag=tags[name], content_object_id=page) for name in document.get("tags", ())
        ]
    insert(PostPage, rows)
    Byline.objects.bulk_create(bylines, batch_size=1000)
    TaggedPost.objects.bulk_create(taggings, batch_size=1000)
    Page.objects.filter(pk=blog.pk).update(numchild=blog.numchild + len(pages))
    blog.refresh_from_db()
    return {page: document["id"] for page, document in zip(ids, documents, strict=True)}
