"""
The search of a site on several machines: tables in its own PostgreSQL database.

Texts are analysed here, not in the database, so that both engines agree on what a word is and no
extension is needed. `search_documents` answers; another table is built beside it.
"""

import datetime as dt
import hashlib
import json
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from search.analysis import fold
from search.backends.base import (
    NEAR,
    RECENCY_A_YEAR,
    RECENCY_BEGINS,
    SLIGHT,
    BusyError,
    ReaderBackend,
    pair_weight,
)
from search.documents import Document
from search.expressions import (
    EVERYTHING,
    NO_FILTERS,
    NO_SCORING,
    All,
    Any,
    Expression,
    Filters,
    Hits,
    Not,
    Scoring,
    Tokens,
)

TABLE = "search_documents"
BUILDING = "search_documents_building"
WORDS = "search_words"
STEMS = "search_stems"
COLUMNS = (
    *("page", "model", "date", "year", "tags", "authors", "length"),
    *("stems", "exact", "title", "fields", "texts"),
)
# Limits of PostgreSQL's tsvector: positions of a document, those kept of one word, and bytes.
LAST_POSITION = 16_383
MOST_POSITIONS = 255
MOST_BYTES = 1_000_000
# BM25's two parameters (Robertson and Zaragoza, 2009): how fast a word's repetition stops to
# matter, and how much a text's length does.
K1 = 1.2
B = 0.75
# Only so many pages, the best by their rarest words, are scored exactly.
MOST_CANDIDATES = 250

# Two changes of one table's shape never happen at once, and no two tables are built.
LOCK = int.from_bytes(hashlib.blake2s(b"daybook search", digest_size=4).digest(), "big")
BUILDING_LOCK = LOCK + 1


def quoted(token: str) -> str:
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"


def vector(parts: Iterable[list[str]]) -> tuple[str, int]:
    """
    Lists of tokens as the text of a tsvector, with a gap between two lists; and their number.

    The place of an empty one is left free. What a tsvector cannot hold of a very long text is left
    out.
    """
    places: dict[str, list[int]] = {}
    position = length = size = 0
    for tokens in parts:
        for token in tokens:
            position += 1
            if not token:
                continue
            length += 1
            found = places.get(token)
            if found is None:
                # A word is kept with its length, its place and the number of its positions.
                size += len(token.encode()) + 4
                if size > MOST_BYTES:
                    continue
                found = places[token] = []
            if len(found) < MOST_POSITIONS and position <= LAST_POSITION:
                found.append(position)
                size += 2
        position += 10
    text = " ".join(
        quoted(token) + (":" + ",".join(map(str, found)) if found else "")
        for token, found in places.items()
    )
    return text, length


def saturated(times: int, length: int, mean: float) -> float:
    """BM25's worth of a word that is `times` in a text of some length."""
    return times * (K1 + 1) / (times + K1 * (1 - B + B * length / mean)) if times else 0.0


@dataclass(frozen=True)
class Candidate:
    """A page that may be among the best: `places` are those of the stems that were asked for."""

    page: int
    date: dt.datetime
    length: int
    fields: dict[str, Sequence[str]]
    places: dict[str, Sequence[int]]


class Rebuild:
    """A new table that is filled beside the one that answers."""

    def __init__(self, backend: "SearchBackend") -> None:
        self.backend = backend
        # Held until it is finished, or the connection of who builds ends.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [BUILDING_LOCK])
            if not cursor.fetchone()[0]:
                raise BusyError(
                    f"Another process is rebuilding the {backend}. Wait until it has finished."
                )
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            cursor.execute(f"DROP TABLE IF EXISTS {BUILDING}")
            backend.create(cursor, BUILDING)

    def add(self, documents: Iterable[Document]) -> None:
        # A page that was changed meanwhile is there already, and newer.
        self.backend.insert(BUILDING, list(documents), newer=False)

    def finish(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
            cursor.execute(f"ALTER TABLE {BUILDING} RENAME TO {TABLE}")
            self.backend.count_words(cursor)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {TABLE}")
        self.release()

    def release(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [BUILDING_LOCK])


class SearchBackend(ReaderBackend):
    """Tables in the site's PostgreSQL database."""

    def __init__(self, params):
        super().__init__(params)
        if connection.vendor != "postgresql":
            raise ImproperlyConfigured(
                "SEARCH_BACKEND=postgresql needs a PostgreSQL database: set DATABASE_URL."
            )

    def __str__(self):
        return f"PostgreSQL index {TABLE} of {connection.settings_dict['NAME']}"

    # The tables

    def create(self, cursor, table: str) -> None:
        cursor.execute(
            f"CREATE TABLE {table} ("
            " page bigint PRIMARY KEY, model text NOT NULL, date timestamptz NOT NULL,"
            " year integer, tags text[] NOT NULL, authors text[] NOT NULL, length integer NOT NULL,"
            " stems tsvector NOT NULL, exact tsvector NOT NULL, title tsvector NOT NULL,"
            " fields jsonb NOT NULL, texts jsonb NOT NULL)"
        )
        for column in ("stems", "exact", "title", "tags", "authors"):
            cursor.execute(f"CREATE INDEX ON {table} USING gin ({column})")
        cursor.execute(f"CREATE INDEX ON {table} (date)")
        cursor.execute(f"COMMENT ON TABLE {table} IS '{self.fingerprint}'")

    def count_words(self, cursor) -> None:
        """Count anew in how many pages each word and each stem is."""
        for table, name, column in ((WORDS, "word", "exact"), (STEMS, "stem", "stems")):
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
            cursor.execute(
                f"CREATE TABLE {table} AS SELECT word AS {name}, ndoc AS pages"
                f" FROM ts_stat('SELECT {column} FROM {TABLE}')"
            )
            cursor.execute(f"ALTER TABLE {table} ADD PRIMARY KEY ({name})")

    def is_built(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT obj_description(to_regclass(%s), 'pg_class')", [TABLE])
            return cursor.fetchone()[0] == self.fingerprint

    def row(self, document: Document) -> list:
        parts = [self.analyser.stems(text) for text in document.texts.values()]
        parts += [self.analyser.stems(" ".join(self.analyser.joined(fold(document.whole))))]
        stems, length = vector(parts)
        exact, _length = vector(
            list(self.analyser.all_exact(fold(text))) for text in document.texts.values()
        )
        title, _length = vector([self.analyser.exact(document.texts.get("title", ""))])
        fields = {name: self.analyser.stems(document.texts.get(name, "")) for name in self.boosts}
        return [
            document.page,
            document.model,
            document.date,
            document.year if document.dated else None,
            list(document.tags),
            list(document.authors),
            length,
            stems,
            exact,
            title,
            json.dumps(fields),
            json.dumps(document.texts),
        ]

    def insert(self, table: str, documents: list[Document], newer: bool = True) -> None:
        conflict = (
            "DO UPDATE SET " + ", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS)
            if newer
            else "DO NOTHING"
        )
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table} ({', '.join(COLUMNS)}) VALUES (%s, %s, %s, %s, %s::text[],"
                " %s::text[], %s, %s::tsvector, %s::tsvector, %s::tsvector, %s, %s)"
                f" ON CONFLICT (page) {conflict}",
                [self.row(document) for document in documents],
            )

    # Writing

    def sync(self, pages: list[int]) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            # A rebuild swaps its table for ours when no change is under way.
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])
            found = None
            for table in (TABLE, BUILDING):
                cursor.execute("SELECT to_regclass(%s)", [table])
                if cursor.fetchone()[0] is None:
                    continue
                if table == TABLE and not self.is_built():
                    continue
                if found is None:
                    found = list(self.current_documents(pages))
                cursor.execute(f"DELETE FROM {table} WHERE page = ANY(%s)", [list(pages)])
                self.insert(table, found)
            if not found or not self.is_built():
                return
            # Words of pages that are gone stay counted until the next rebuild.
            for table, name, tokens in (
                (WORDS, "word", self.analyser.exact),
                (STEMS, "stem", self.analyser.stems),
            ):
                new = sorted({token for d in found for token in tokens(d.whole)})
                cursor.execute(
                    f"INSERT INTO {table} ({name}, pages) SELECT unnest(%s::text[]), 1"
                    f" ON CONFLICT ({name}) DO UPDATE SET pages = {table}.pages + 1",
                    [new],
                )

    def start_rebuild(self) -> Rebuild:
        return Rebuild(self)

    def reset(self) -> None:
        with connection.cursor() as cursor:
            for table in (TABLE, BUILDING, WORDS, STEMS):
                cursor.execute(f"DROP TABLE IF EXISTS {table}")

    # Reading

    def _ready(self) -> None:
        self.catch_up()
        if not self.is_built():
            self.build_missing(f"There is no {self} of this version yet.")

    def build_unless_built(self) -> None:
        if not self.is_built():
            self.rebuild_all()

    def _rows(self, sql: str, parameters=()) -> list[tuple]:
        self._ready()
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()

    def generation(self) -> str:
        rows = self._rows(f"SELECT '{TABLE}'::regclass::oid, count(*), max(pages) FROM {WORDS}")
        return repr(rows[0])

    def _tsquery(self, tokens: tuple[str, ...]) -> str:
        return " <-> ".join(quoted(token) for token in tokens)

    def _where(self, expression: Expression, parameters: list) -> str:
        match expression:
            case Tokens(tokens, exact):
                if not tokens:
                    return "false"
                parameters.append(self._tsquery(tokens))
                return f"{'exact' if exact else 'stems'} @@ %s::tsquery"
            case All(()):
                return "true"
            case Any(()):
                return "false"
            case Any(parts) if all(
                isinstance(part, Tokens) and not part.exact and part.tokens for part in parts
            ):
                parameters.append(" | ".join(f"({self._tsquery(part.tokens)})" for part in parts))
                return "stems @@ %s::tsquery"
            case All(parts) | Any(parts):
                word = " AND " if isinstance(expression, All) else " OR "
                return "(" + word.join(self._where(part, parameters) for part in parts) + ")"
            case Not(part):
                return f"NOT ({self._where(part, parameters)})"

    def _filtered(self, match: Expression, filters: Filters) -> tuple[str, list]:
        parameters: list = []
        clauses = [self._where(match, parameters)] if match != EVERYTHING else ["true"]
        for column, wanted in (("authors", filters.authors), ("tags", filters.tags)):
            for slugs in wanted:
                clauses.append(f"{column} && %s::text[]")
                parameters.append(list(slugs))
        if filters.models:
            clauses.append("model = ANY(%s)")
            parameters.append(list(filters.models))
        if filters.year is not None:
            clauses.append("year = %s")
            parameters.append(filters.year)
        if filters.after:
            clauses.append("date >= %s AND year IS NOT NULL")
            parameters.append(filters.after)
        if filters.before:
            clauses.append("date < %s AND year IS NOT NULL")
            parameters.append(filters.before)
        if filters.among is not None:
            clauses.append("page = ANY(%s)")
            parameters.append(sorted(filters.among))
        if filters.excluded:
            clauses.append("page <> ALL(%s)")
            parameters.append(sorted(filters.excluded))
        return " AND ".join(clauses), parameters

    def hits(
        self,
        match,
        *,
        filters=NO_FILTERS,
        scoring=NO_SCORING,
        start=0,
        stop=10,
        newest_first=False,
        count=True,
    ):
        where, parameters = self._filtered(match, filters)
        total = 0
        if count:
            total = self._rows(f"SELECT count(*) FROM {TABLE} WHERE {where}", parameters)[0][0]
        limit = None if stop is None else max(0, stop - start)
        if limit == 0:
            return Hits([], total)
        weights = dict(scoring.weights)
        if newest_first or not weights:
            rows = self._rows(
                f"SELECT page, 0.0 FROM {TABLE} WHERE {where}"
                " ORDER BY date DESC, page DESC LIMIT %s OFFSET %s",
                [*parameters, limit, start],
            )
            return Hits([(page, float(score)) for page, score in rows], total)
        ranked = self._ranked(where, parameters, scoring, limit is not None)
        return Hits(ranked[start:stop], total)

    def _ranked(
        self, where: str, parameters: list, scoring: Scoring, bounded: bool
    ) -> list[tuple[int, float]]:
        """
        Pages with their BM25, the best first.

        PostgreSQL's own rank, which does not know how rare a word is, chooses the candidates; they
        are then scored as the other engine does it, each field by its share.
        """
        weights = scoring.weights
        asked = " | ".join(quoted(stem) for stem in weights)
        # What matches by words that are not scored is there too, after the others.
        rows = self._rows(
            f"""
            WITH found AS (
                SELECT page, date, length, stems, fields FROM {TABLE} WHERE {where}
                ORDER BY ts_rank(stems, %s::tsquery, 1) DESC, date DESC LIMIT %s
            )
            SELECT page, date, length, fields::text, (
                SELECT json_object_agg(lexeme, positions)::text
                FROM unnest(stems) WHERE lexeme = ANY(%s)
            ) FROM found
            """,
            [*parameters, asked, MOST_CANDIDATES if bounded else None, list(weights)],
        )
        candidates = [
            Candidate(page, date, length, json.loads(fields), json.loads(places) if places else {})
            for page, date, length, fields, places in rows
        ]
        size, mean = self._rows(f"SELECT count(*), coalesce(avg(length), 1)::float8 FROM {TABLE}")[
            0
        ]
        frequencies = self.frequencies(weights)
        idf = {
            stem: math.log(1 + (max(size, pages) - pages + 0.5) / (pages + 0.5))
            for stem, pages in frequencies.items()
        }
        own_means = {
            name: statistics.fmean(len(c.fields.get(name, ())) for c in candidates) or 1.0
            for name in self.boosts
            if candidates
        }
        found = [
            (candidate.page, self._score(candidate, scoring, idf, mean or 1.0, own_means))
            for candidate in candidates
        ]
        dates = {candidate.page: candidate.date for candidate in candidates}
        return sorted(found, key=lambda item: (-item[1], -dates[item[0]].timestamp(), -item[0]))

    def _score(
        self,
        candidate: "Candidate",
        scoring: Scoring,
        idf: dict[str, float],
        mean: float,
        own_means: dict[str, float],
    ) -> float:
        total = SLIGHT
        for stem, weight in scoring.weights.items():
            times = len(candidate.places.get(stem, ()))
            value = saturated(times, candidate.length, mean)
            for name, boost in self.boosts.items():
                own = candidate.fields.get(name, ())
                value += boost * saturated(own.count(stem), len(own), own_means[name])
            total += weight * idf[stem] * value
        for left, right in scoring.pairs:
            rights = candidate.places.get(right, ())
            lefts = candidate.places.get(left, ())
            times = sum(any(0 < r - p <= NEAR + 1 for r in rights) for p in lefts)
            both = idf[left] + idf[right]
            total += pair_weight(scoring) * both * saturated(times, candidate.length, mean)
        years = candidate.date.year + candidate.date.month / 12 - RECENCY_BEGINS
        return total * (1 + RECENCY_A_YEAR * max(0.0, years))

    def facets(self, match, filters=NO_FILTERS, size=10):
        where, parameters = self._filtered(match, filters)
        found = {}
        for name, column in (
            ("year", "ARRAY[year::text]"),
            ("tag", "tags"),
            ("author", "authors"),
        ):
            found[name] = self._rows(
                f"SELECT value, count(*) FROM {TABLE}, unnest({column}) AS value"
                f" WHERE {where} AND value IS NOT NULL"
                " GROUP BY value ORDER BY 2 DESC, 1 LIMIT %s",
                [*parameters, 200 if name == "year" else size],
            )
        return found

    def texts(self, pages):
        pages = list(pages)
        rows = self._rows(f"SELECT page, texts FROM {TABLE} WHERE page = ANY(%s)", [pages])
        return {page: json.loads(texts) for page, texts in rows}

    def frequencies(self, stems):
        stems = list(stems)
        rows = dict(self._rows(f"SELECT stem, pages FROM {STEMS} WHERE stem = ANY(%s)", [stems]))
        return {stem: rows.get(stem, 0) for stem in stems}

    def bearers(self, name, term, limit=5):
        where, value = {
            "exact": ("exact @@ %s::tsquery", quoted(term)),
            "stems": ("stems @@ %s::tsquery", quoted(term)),
            "tag": ("tags @> ARRAY[%s]::text[]", term),
            "author": ("authors @> ARRAY[%s]::text[]", term),
        }[name]
        rows = self._rows(f"SELECT page FROM {TABLE} WHERE {where} LIMIT %s", [value, limit])
        return [page for (page,) in rows]

    def size(self):
        return self._rows(f"SELECT count(*) FROM {TABLE}")[0][0]

    def words(self):
        return dict(self._rows(f"SELECT word, pages FROM {WORDS}"))

    def terms(self, name):
        column = {"tag": "tags", "author": "authors"}[name]
        return self._rows(
            f"SELECT value, count(*) FROM {TABLE}, unnest({column}) AS value GROUP BY value"
        )

    def titled(self, words, prefix, limit):
        wanted = [quoted(word) for word in words] + ([f"{quoted(prefix)}:*"] if prefix else [])
        if not wanted:
            return []
        rows = self._rows(
            f"SELECT page FROM {TABLE} WHERE title @@ %s::tsquery ORDER BY date DESC LIMIT %s",
            [" & ".join(wanted), limit],
        )
        return [page for (page,) in rows]
