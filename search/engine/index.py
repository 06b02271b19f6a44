"""What a tantivy index has of each page, and what can be asked of it."""

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import tantivy
from tantivy import Occur, Query

from search.analysis import NO_TOKEN, Analyser

# What matching alone is worth: enough to let the newest of equals come first.
SLIGHT = 0.001
# Words that begin with what a reader typed an asterisk behind.
MOST_WORDS_OF_PREFIX = 200
# How many of these are looked for in texts while somebody types.
MOST_ENDINGS = 20


@contextmanager
def without_panic() -> Iterator[None]:
    """Raise ValueError, as for other faults, where tantivy stops at what it did not expect."""
    try:
        yield
    except BaseException as error:
        # No subclass of Exception, and in no module from which it could be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise ValueError(f"tantivy stopped: {error}") from error


class Shape:
    """
    Which fields an index has; `search.documents` fills them.

    `stems` and `exact` have all texts in a row; words as a whole and single characters follow.
    The fields of `boosts` are twice in `stems`, as in BM25F, and scored on their own too.
    """

    def __init__(self, analyser: Analyser, boosts: dict[str, float]) -> None:
        self.analyser = analyser
        self.boosts = boosts

    @cached_property
    def schema(self) -> tantivy.Schema:
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("page", indexed=True, fast=True)
        builder.add_text_field("stems", tokenizer_name="tokens")
        builder.add_text_field("exact", tokenizer_name="tokens")
        # For phrases of words of grammar alone, as most pages have each of the words: after the
        # common grams of Lucene (org.apache.lucene.analysis.commongrams).
        builder.add_text_field("pairs", tokenizer_name="tokens")
        builder.add_text_field("title", tokenizer_name="tokens", index_option="basic")
        builder.add_text_field("title_key", tokenizer_name="raw", index_option="basic")
        for name in self.boosts:
            builder.add_text_field(f"field_{name}", tokenizer_name="tokens", index_option="freq")
        for name in ("tag", "author"):
            builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
        builder.add_text_field("section", tokenizer_name="raw", index_option="basic")
        builder.add_integer_field("year", indexed=True, fast=True)
        # Whole numbers, as tantivy's dates end at 1677 and 2262: days since the first of all
        # calendars, and seconds since 1970.
        builder.add_integer_field("day", indexed=True, fast=True)
        builder.add_integer_field("moment", fast=True)
        builder.add_float_field("recency", fast=True)
        builder.add_bytes_field("texts", stored=True)
        return builder.build()

    def prepared(self, index: tantivy.Index) -> tantivy.Index:
        tokens = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        index.register_tokenizer("tokens", tokens)
        index.config_reader("manual")
        return index

    def create(self, path: Path) -> tantivy.Index:
        return self.prepared(tantivy.Index(self.schema, str(path), reuse=False))

    def open(self, path: Path) -> tantivy.Index:
        return self.prepared(tantivy.Index.open(str(path)))


@dataclass(frozen=True)
class Hits:
    """Pairs of page id and score, the best first, and how many pages match in all."""

    pages: list[tuple[int, float]]
    total: int = 0


class Reader:
    """One state of an index, which `state` names: what is written meanwhile is not seen."""

    def __init__(self, shape: Shape, searcher: tantivy.Searcher, state: object) -> None:
        self.state = state
        self.shape = shape
        self.schema = shape.schema
        self.analyser = shape.analyser
        self.searcher = searcher

    # Queries

    def term(self, field: str, token: object) -> Query:
        return Query.term_query(self.schema, field, token)

    def any_of(self, field: str, tokens: Sequence[str]) -> Query:
        return Query.term_set_query(self.schema, field, list(tokens))

    def stems(self, stems: Sequence[str]) -> Query:
        """Return the query for stems that follow each other."""
        if len(stems) == 1:
            return self.term("stems", stems[0])
        return Query.phrase_query(self.schema, "stems", list(stems))

    def phrase(self, tokens: Sequence[str]) -> Query:
        """Return the query for exact tokens that follow each other."""
        if not tokens or NO_TOKEN in tokens:
            return Query.empty_query()
        if len(tokens) == 1:
            return self.term("exact", tokens[0])
        pairs = self.analyser.pairs(list(tokens))
        if NO_TOKEN in pairs:
            return Query.phrase_query(self.schema, "exact", list(tokens))
        if len(pairs) == 1:
            return self.term("pairs", pairs[0])
        return Query.phrase_query(self.schema, "pairs", pairs)

    def between(self, first: dt.date | None, last: dt.date | None) -> Query:
        """Return the query for pages of some days; `last` is exclusive."""
        return Query.range_query(
            self.schema,
            "day",
            tantivy.FieldType.Integer,
            # A page without a date has no place between two.
            lower_bound=first.toordinal() if first else 0,
            upper_bound=last.toordinal() if last else None,
            include_lower=True,
            include_upper=last is None,
        )

    def among(self, pages: Iterable[int]) -> Query:
        """Return the query for some hundred pages: a third of the time that a set takes."""
        return Query.boolean_query(
            [(Occur.Should, self.term("page", page)) for page in sorted(pages)]
        )

    def scored(self, matching: Query, weights: dict[str, float]) -> Query:
        """Return what matches, the better the more of the stems it has."""
        clauses = [(Occur.Must, Query.const_score_query(matching, SLIGHT))]
        for stem, weight in weights.items():
            clauses.append((Occur.Should, Query.boost_query(self.term("stems", stem), weight)))
            for name, boost in self.shape.boosts.items():
                term = Query.term_query(self.schema, f"field_{name}", stem, "freq")
                clauses.append((Occur.Should, Query.boost_query(term, weight * boost)))
        return Query.boolean_query(clauses)

    # Answers

    def hits(
        self,
        query: Query,
        start: int = 0,
        stop: int | None = 10,
        *,
        newest_first: bool = False,
        count: bool = True,
    ) -> Hits:
        """Return the pages that match, from the `start`th to before the `stop`th (None: all)."""
        limit = (self.searcher.num_docs if stop is None else stop) - start
        if limit <= 0:
            return Hits([], self.searcher.search(query, 1, count=True).count if count else 0)
        order = {"order_by_field": "moment"} if newest_first else {"weight_by_field": "recency"}
        result = self.searcher.search(query, limit, count=count, offset=start, **order)
        addresses = [address for _score, address in result.hits]
        pages = self.searcher.fast_field_values("page", addresses)
        scores = [0.0 if newest_first else score for score, _address in result.hits]
        return Hits(list(zip(pages, scores, strict=True)), result.count if count else 0)

    def facets(self, query: Query, size: int = 10) -> dict[str, list[tuple[str, int]]]:
        """Return how many of the matching pages each "year", "tag" and "author" has."""
        wanted = {
            name: {"terms": {"field": name, "size": 200 if name == "year" else size}}
            for name in ("year", "tag", "author")
        }
        found = self.searcher.aggregate(query, wanted)
        return {
            name: [(str(b["key"]), b["doc_count"]) for b in found[name]["buckets"]]
            for name in wanted
        }

    def texts(self, pages: Iterable[int]) -> dict[int, dict[str, tuple[str, str]]]:
        """Return each page's texts by the names of their fields, and the stems of their lines."""
        pages = list(pages)
        if not pages:
            return {}
        hits = self.searcher.search(self.among(pages), len(pages), count=False).hits
        addresses = [address for _score, address in hits]
        found = self.searcher.fast_field_values("page", addresses)
        return {
            page: json.loads(bytes(self.searcher.doc(address)["texts"][0]))
            for page, address in zip(found, addresses, strict=True)
        }

    def frequency(self, field: str, token: str) -> int:
        """Return in how many pages a token is, with some of those that are gone."""
        return self.searcher.doc_freq(field, token)

    def bearers(self, field: str, token: str, limit: int = 5) -> list[int]:
        """Return some of the pages that have a token now."""
        hits = self.hits(self.term(field, token), 0, limit, count=False)
        return [page for page, _score in hits.pages]

    def neighbours(self, stems: Sequence[str]) -> int:
        """Return in how many pages some stems follow each other."""
        return self.searcher.search(self.stems(stems), 1, count=True).count

    def size(self) -> int:
        return self.searcher.num_docs

    def terms(self, field: str) -> list[tuple[str, int]]:
        """Return all tokens of a field and in how many pages each is, some that are gone too."""
        return self.searcher.terms_with_prefix(field, "")

    def beginning(self, prefix: str) -> list[str]:
        """Return words that begin with a prefix, those of the most pages first."""
        found = self.searcher.terms_with_prefix("exact", prefix)
        found.sort(key=lambda term: -term[1])
        return [token for token, _count in found[:MOST_WORDS_OF_PREFIX]]

    def begun(self, words: Sequence[str], prefix: str, limit: int, section: str = "") -> list[int]:
        """
        Return pages that have all words and one that begins so: those with titles that do first.

        In other texts only the commonest words that begin so are looked for.
        """
        begins = re.sub(r"[.+*?()|\[\]{}^$\\#&~]", r"\\\g<0>", prefix) + ".*"
        title = Query.regex_query(self.schema, "title", begins)
        found = self._with_all("title", words, title, section, limit, newest_first=True)
        if len(found) < limit:
            endings = self.any_of("exact", self.beginning(prefix)[:MOST_ENDINGS])
            found += self._with_all("exact", words, endings, section, limit)
        return list(dict.fromkeys(found))[:limit]

    def _with_all(
        self,
        field: str,
        words: Sequence[str],
        last: Query,
        section: str,
        limit: int,
        newest_first: bool = False,
    ) -> list[int]:
        queries = [last, *(self.term(field, word) for word in words)]
        if section:
            queries.append(self.term("section", section))
        query = Query.boolean_query([(Occur.Must, query) for query in queries])
        hits = self.hits(query, 0, limit, newest_first=newest_first, count=False)
        return [page for page, _score in hits.pages]
