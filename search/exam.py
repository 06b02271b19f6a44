"""How good the search is: documents, queries and judgements in, figures out."""

import datetime as dt
import json
import math
import re
import statistics
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.utils import timezone
from django.utils.html import escape
from django.utils.text import slugify
from wagtail.models import Page

from blog.models import Author, BlogIndexPage, Byline, PostPage, Tag, TaggedPost
from search.question import first_day

DEPTH = 100
FIRST = 10


# What no database and no index can hold.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# The gain of a grade is 2 to its power.
HIGHEST_GRADE = 100


class ExamError(ValueError):
    """A file that cannot be read, or a line of it that is neither a document nor a query."""


@dataclass(frozen=True)
class ExamDocument:
    """A document as it is published: one post, with a tag and a byline for each name."""

    id: str
    title: str
    text: str
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    date: dt.datetime | None = None


@dataclass(frozen=True)
class ExamQuery:
    """A query and the grades of documents, by their ids; grade 0 is of no use to the reader."""

    id: str
    text: str
    judgements: dict[str, float]
    kind: str = ""

    @property
    def relevant(self) -> set[str]:
        return {document for document, grade in self.judgements.items() if grade > 0}


@dataclass
class Exam:
    """What the files hold. `remarks` say, for a person, what in them cannot count."""

    documents: list[ExamDocument] = field(default_factory=list)
    queries: list[ExamQuery] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


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


def plain(value: object) -> str:
    """Text as a database can hold it; nothing for null."""
    return UNSTORABLE.sub(" ", str("" if value is None else value)).strip()


def names(value: object) -> tuple[str, ...]:
    """One name or a list of them, without empty ones and doubles."""
    values = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(name for item in values if (name := plain(item))))


def moment(value: object) -> dt.datetime | None:
    """The moment of an ISO 8601 date, also of a year or a month alone; None for anything else."""
    text = plain(value)
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        day = first_day(text)
        found = dt.datetime.combine(day, dt.time()) if day else None
    if found is None or timezone.is_aware(found):
        return found
    return found.replace(tzinfo=dt.UTC)


def grades(value: object) -> dict[str, float]:
    """Judgements by document id. Raises ValueError with what is wrong with them."""
    if not isinstance(value, dict):
        raise ValueError("judgements are to be an object of document id and grade")
    found = {}
    for document, grade in value.items():
        is_number = isinstance(grade, int | float) and not isinstance(grade, bool)
        if not is_number or not grade <= HIGHEST_GRADE:
            raise ValueError(
                f"the grade of document {document!r} is {grade!r} and not a number up to"
                f" {HIGHEST_GRADE}"
            )
        # Some collections mark what was judged and found useless by a grade below zero.
        found[document] = max(0, grade)
    return found


def document_of(item: dict) -> ExamDocument:
    text, title = plain(item.get("text")), plain(item.get("title"))
    # Some collections hold documents without a word; they are there and cannot be found.
    if item.get("text") is None and item.get("title") is None:
        raise ValueError("it has no text, no title and no query")
    return ExamDocument(
        str(item["id"]),
        title,
        text,
        authors=names(item.get("author")),
        tags=names(item.get("tags")),
        date=moment(item.get("date")),
    )


def query_of(item: dict) -> ExamQuery:
    return ExamQuery(
        str(item["id"]),
        plain(item["query"]),
        grades(item.get("judgements") or {}),
        plain(item.get("kind")),
    )


def read(paths: Iterable[Path]) -> Exam:
    """
    Read JSON lines, of any number of files in any order.

    Documents have `id`, `text` or `title` or both, and may have `author` and `tags` (a name or a
    list) and `date` (ISO 8601). Queries have `id`, `query`, `judgements` ({document id: grade}) and
    may have a `kind`. Raises `ExamError` with the file and line of what is neither.
    """
    exam = Exam()
    known: set[str] = set()
    undated = 0
    for path in paths:
        try:
            # A byte order mark may stand first; only a line feed ends a line of JSON lines.
            lines = path.read_text(encoding="utf-8-sig").split("\n")
        except UnicodeDecodeError as error:
            raise ExamError(f"{path} is not UTF-8: {error}.") from error
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                item = json.loads(line)
                if not isinstance(item, dict):
                    raise ValueError("an object is expected")
                if item.get("id") is None:
                    raise ValueError("it has no id")
                if "query" in item:
                    exam.queries.append(query_of(item))
                    continue
                document = document_of(item)
                if document.id in known:
                    raise ValueError(f"the document {document.id!r} has come before")
            except (ValueError, RecursionError) as error:
                raise ExamError(
                    f"{path}, line {number}: neither a document nor a query ({error})."
                ) from error
            known.add(document.id)
            exam.documents.append(document)
            undated += bool(item.get("date")) and document.date is None
    if undated:
        exam.remarks.append(f"{undated} dates are not ISO 8601 and left out.")
    exam.remarks += unjudged(exam, known)
    return exam


def unjudged(exam: Exam, known: set[str]) -> Iterator[str]:
    """Take out queries that cannot be scored; say which, and what is judged and not there."""
    useless = [query for query in exam.queries if not query.relevant]
    if useless:
        exam.queries = [query for query in exam.queries if query.relevant]
        yield f"{listed(q.id for q in useless)} of the queries have no useful document: left out."
    unknown = {doc for query in exam.queries for doc in query.relevant if doc not in known}
    if unknown and exam.documents:
        yield (
            f"Documents that are judged and not there: {listed(unknown)}. They count as not found."
        )


def listed(ids: Iterable[str], most: int = 10) -> str:
    """Ids for a person: the first few, and how many more."""
    found = sorted(ids)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more


def gain(grade: float) -> float:
    return 2**grade - 1


def ndcg(ranking: list[str], judgements: dict[str, float], depth: int = FIRST) -> float:
    """
    Normalised discounted cumulative gain of the first `depth` documents.

    Gain 2^grade − 1, discount log2(rank + 1), after Burges et al. (2005).
    """

    def discounted(grades: Iterable[float]) -> float:
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
        relevant = query.relevant
        scores.ndcg.append(ndcg(ranking, query.judgements))
        scores.average_precision.append(average_precision(ranking[:DEPTH], relevant))
        scores.precision.append(len(relevant.intersection(ranking[:FIRST])) / FIRST)
        scores.empty.append(not ranking)
    return scores


@contextmanager
def scratch_database() -> Iterator[None]:
    """
    A database of its own beside the site's, empty but for what migrations put into it.

    It has a connection of its own too, so that nothing can be written through the site's.
    """
    site = connections[DEFAULT_DB_ALIAS]
    site_name = site.settings_dict["NAME"]
    scratch = site.copy()
    name = f"exam_{uuid.uuid4().hex[:12]}"
    scratch.settings_dict["TEST"]["NAME"] = (
        f"file:{name}?mode=memory&cache=shared" if site.vendor == "sqlite" else name
    )
    connections[DEFAULT_DB_ALIAS] = scratch
    try:
        scratch.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            yield
        finally:
            scratch.creation.destroy_test_db(site_name, verbosity=0)
    finally:
        connections[DEFAULT_DB_ALIAS] = site


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
