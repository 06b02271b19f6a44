"""Reads an exam: documents, queries and judgements in JSON lines."""

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils import timezone

from search.question import first_day

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
    synonyms: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


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
