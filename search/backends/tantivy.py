"""
The search of a site on one machine: a tantivy index in a folder, with any database.

In the folder, `current` leads to the index that answers; another is built beside it. One process
writes at a time. What is to be written is noted in `pending` first, so that a process that dies or
that waits in vain for its turn leaves its work to the next one. What a transaction changes is kept
in `begun.…`, a file of each process, until the transaction is over: nobody can read it before, and
the process may die right after.
"""

import errno
import fcntl
import json
import os
import shutil
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import tantivy
from django.conf import settings
from django.db import connection
from tantivy import Occur, Query

from search.analysis import NO_PAIR, fold
from search.backends.base import (
    NEAR,
    RECENCY_A_YEAR,
    RECENCY_BEGINS,
    SLIGHT,
    BusyError,
    ReaderBackend,
    UnavailableError,
    logger,
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

# The larger a writer's memory, the fewer and larger the parts that it leaves; with few large ones a
# publish does not begin to merge them.
HEAP = 256_000_000
SMALL_HEAP = 15_000_000
# How long a writer waits for its turn, in seconds.
PATIENCE = 5
# More parts than this are merged after a change, while nobody waits.
MOST_SEGMENTS = 7
RETRY_AFTER = 600
# How often a reader's process looks for changes that were noted and not written, in seconds.
LOOK_AFTER = 60


@contextmanager
def locked(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold a file's lock; the dead hold none. Raises `BusyError` after `patience` seconds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a")
    try:
        give_up = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= give_up:
                    raise BusyError(str(path)) from None
                time.sleep(0.01)
        yield
    finally:
        file.close()


def is_held(path: Path) -> bool:
    """Whether a living process holds a file's lock."""
    if not path.exists():
        return False
    with path.open() as file:
        try:
            # Shared, so that those who ask do not take each other for it.
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


class Folder:
    """Where an index lies, and the notes of what has changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.current = path / "current"
        self.writer_lock = path / "writer.lock"
        self.merge_lock = path / "merge.lock"
        self.rebuild_lock = path / "rebuild.lock"
        self.notes_lock = path / "notes.lock"
        self.pending = path / "pending"
        self.taken = path / "pending.taken"
        self.journal = path / "rebuild.journal"

    def generation(self) -> str | None:
        """The name of the index that answers; None when there is none."""
        try:
            return os.readlink(self.current)
        except OSError:
            return None

    def note(self, pages: Iterable[int]) -> None:
        """Remember that pages have changed, for the index and for one that is being built."""
        lines = "".join(f"{page}\n" for page in pages)
        with locked(self.notes_lock):
            if self.journal.exists() and not is_held(self.rebuild_lock):
                # Whoever was building is dead.
                self.journal.unlink()
            for path in (self.pending, self.journal):
                if path == self.pending or path.exists():
                    with path.open("a") as file:
                        file.write(lines)

    def begin(self, pages: Iterable[int]) -> None:
        """Remember what a transaction of this process changes, for the case that it dies."""
        key = (str(self.path), os.getpid())
        with locked(self.notes_lock):
            # The folder may have been removed meanwhile.
            if key not in BEGUN or not os.fstat(BEGUN[key][0].fileno()).st_nlink:
                file = (self.path / f"begun.{os.getpid()}").open("a")
                fcntl.flock(file, fcntl.LOCK_EX)
                BEGUN[key] = [file, 0]
            BEGUN[key][0].write("".join(f"{page}\n" for page in pages))
            BEGUN[key][0].flush()
            BEGUN[key][1] += 1

    def end(self) -> None:
        """Forget what was begun once nothing is under way; what is rolled back may stay."""
        begun = BEGUN.get((str(self.path), os.getpid()))
        if begun is None:
            return
        with locked(self.notes_lock):
            begun[1] = max(0, begun[1] - 1)
            if not begun[1]:
                begun[0].truncate(0)

    def left_by_the_dead(self) -> list[Path]:
        """What processes had begun that are no more: the dead hold no locks."""
        left = []
        for path in self.path.glob("begun.*"):
            with suppress(OSError), path.open("a") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.append(path)
        return left

    def take(self) -> list[int]:
        """The pages that were noted; they stay noted as taken until `done`."""
        with locked(self.notes_lock):
            for path in self.left_by_the_dead():
                text = path.read_text()
                for other in (self.pending, self.journal):
                    if text and (other == self.pending or other.exists()):
                        with other.open("a") as file:
                            file.write(text)
                path.unlink()
            if self.pending.exists():
                with self.taken.open("a") as file:
                    file.write(self.pending.read_text())
                self.pending.unlink()
        return self._read(self.taken)

    def is_merging(self) -> bool:
        """Whether a process is making few parts of many, and then writes what was noted before."""
        return is_held(self.merge_lock)

    def is_behind(self) -> bool:
        """Whether something is noted that nobody may be writing."""
        return self.pending.exists() or self.taken.exists() or bool(self.left_by_the_dead())

    def done(self) -> None:
        self.taken.unlink(missing_ok=True)

    def take_journal(self) -> list[int]:
        with locked(self.notes_lock):
            pages = self._read(self.journal)
            self.journal.write_text("")
        return pages

    @staticmethod
    def _read(path: Path) -> list[int]:
        # A process may have died in the middle of a line.
        text = path.read_text() if path.exists() else ""
        return sorted({int(line) for line in text.split("\n")[:-1] if line.isdigit()})

    def swap(self, generation: str) -> None:
        """Let `current` lead to another index, at one stroke."""
        new = self.path / f"current.{generation}"
        new.unlink(missing_ok=True)
        new.symlink_to(generation)
        new.replace(self.current)

    def clean(self, *keep: str | None) -> None:
        """Remove all indexes but some."""
        for path in self.path.iterdir():
            if path.is_dir() and not path.is_symlink() and path.name not in keep:
                shutil.rmtree(path, ignore_errors=True)


class Opened:
    """An index that is open for reading, and the state of the files it has seen."""

    def __init__(self, generation: str, index: tantivy.Index, stamp: tuple) -> None:
        self.generation = generation
        self.index = index
        self.stamp = stamp


OPENED: dict[str, Opened] = {}
# Folder and process → its file of what was begun, and how many transactions are not over.
BEGUN: dict[tuple[str, int], list] = {}
# When a folder was last looked at for what others left undone.
LOOKED: dict[str, float] = {}
OPENING = threading.Lock()
FAILED: dict[str, float] = {}
MERGING: set[str] = set()


def is_refused(error: BaseException) -> bool:
    """Whether a file could not be written: no space, no inodes, a quota, or read-only."""
    refusals = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES)
    # tantivy's own errors have no number, but the system's words.
    return getattr(error, "errno", None) in refusals or any(
        os.strerror(number) in str(error) for number in refusals
    )


def panicked(error: BaseException) -> bool:
    """Whether tantivy stopped at something its own code did not expect."""
    return type(error).__name__ == "PanicException"


class Rebuild:
    """A new index that is built beside the one that answers."""

    def __init__(self, backend: "SearchBackend", patience: float = PATIENCE) -> None:
        self.backend = backend
        self.folder = backend.folder
        self._lock = locked(self.folder.rebuild_lock, patience)
        self._lock.__enter__()
        with locked(self.folder.notes_lock):
            self.folder.journal.write_text("")
        self.generation = f"{backend.fingerprint}-{time.time_ns()}"
        self.folder.clean(self.folder.generation())
        path = self.folder.path / self.generation
        path.mkdir()
        self.index = backend.new_index(path)
        self.writer = self.index.writer(HEAP, 1)

    def add(self, documents: Iterable[Document]) -> None:
        for document in documents:
            self.writer.add_document(self.backend.tantivy_document(document))

    def finish(self) -> None:
        self.writer.commit()
        self.writer.wait_merging_threads()
        del self.writer
        with locked(self.folder.writer_lock):
            while pages := self.folder.take_journal():
                writer = self.index.writer(SMALL_HEAP, 1)
                self.backend.write(writer, pages)
                writer.commit()
                writer.wait_merging_threads()
            previous = self.folder.generation()
            self.folder.swap(self.generation)
            self.folder.journal.unlink(missing_ok=True)
        self.folder.clean(self.generation, previous)
        self.release()

    def release(self) -> None:
        self._lock.__exit__(None, None, None)


class SearchBackend(ReaderBackend):
    """A tantivy index in the folder `PATH`."""

    # It lets go of Python's lock while it searches.
    is_concurrent = True

    def __init__(self, params):
        super().__init__(params)
        self.folder = Folder(Path(params.get("PATH") or Path(settings.DATA_DIR) / "search_index"))

    def __str__(self):
        return f"tantivy index {self.folder.path}"

    # The shape of the index

    @property
    def schema(self) -> tantivy.Schema:
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("page", stored=True, indexed=True, fast=True)
        builder.add_text_field("model", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("stems", tokenizer_name="stems")
        builder.add_text_field("exact", tokenizer_name="exact")
        # For phrases of words of grammar alone, as most pages have each of the words: after the
        # common grams of Lucene (org.apache.lucene.analysis.commongrams).
        builder.add_text_field("pairs", tokenizer_name="pairs")
        builder.add_text_field("title", tokenizer_name="exact", index_option="basic")
        for name in self.boosts:
            builder.add_text_field(f"field_{name}", tokenizer_name="stems", index_option="freq")
        for name in ("tag", "author"):
            builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
        builder.add_integer_field("year", indexed=True, fast=True)
        builder.add_date_field("date", indexed=True, fast=True)
        builder.add_float_field("recency", fast=True)
        builder.add_bytes_field("texts", stored=True)
        return builder.build()

    def _prepared(self, index: tantivy.Index) -> tantivy.Index:
        index.register_tokenizer("stems", self.analyser.build_stems())
        index.register_tokenizer("exact", self.analyser.build_exact())
        index.register_tokenizer("pairs", self.analyser.build_pairs())
        index.config_reader("manual")
        return index

    def new_index(self, path: Path) -> tantivy.Index:
        return self._prepared(tantivy.Index(self.schema, str(path), reuse=False))

    def tantivy_document(self, document: Document) -> tantivy.Document:
        made = tantivy.Document()
        made.add_integer("page", document.page)
        made.add_text("model", document.model)
        for name, text in document.texts.items():
            if not text:
                continue
            folded = fold(text)
            made.add_text("stems", folded)
            made.add_text("exact", folded)
            pairs = self.analyser.pairs(list(self.analyser.all_exact(folded)))
            made.add_text("pairs", " ".join(pairs))
            if joined := " ".join(self.analyser.joined(folded)):
                made.add_text("stems", joined)
            if name in self.boosts:
                made.add_text(f"field_{name}", folded)
            if name == "title":
                made.add_text("title", folded)
        for tag in document.tags:
            made.add_text("tag", tag)
        for author in document.authors:
            made.add_text("author", author)
        if document.dated:
            made.add_integer("year", document.year)
        made.add_date("date", document.date)
        years = document.date.year + document.date.month / 12 - RECENCY_BEGINS
        made.add_float("recency", 1 + RECENCY_A_YEAR * max(0.0, years))
        made.add_bytes("texts", json.dumps(document.texts, ensure_ascii=False).encode())
        return made

    # Writing

    def begin(self, pages: list[int]) -> None:
        self.folder.begin(pages)

    def end(self, pages: list[int]) -> None:
        self.folder.note(pages)
        self.folder.end()

    def write(self, writer: tantivy.IndexWriter, pages: list[int]) -> None:
        """Replace pages in an index by what they are now; the caller commits."""
        for page in pages:
            writer.delete_documents_by_term("page", page)
        for document in self.current_documents(pages):
            writer.add_document(self.tantivy_document(document))

    def sync(self, pages: list[int]) -> None:
        if pages:
            self.folder.note(pages)
        if self.folder.is_merging():
            return
        try:
            with locked(self.folder.writer_lock):
                self._write_pending()
        except BusyError:
            # Whoever writes now writes that too, unless it has just looked for the last time.
            logger.warning(
                "The search index is being written by another process for more than %s s; %s"
                " changed pages are noted and will be indexed by it or with the next change.",
                PATIENCE,
                len(pages),
            )

    def _write_pending(self) -> None:
        # What is noted while this is written is written too: its process may have stopped waiting.
        while pages := self.folder.take():
            generation = self.folder.generation()
            if generation and generation.startswith(self.fingerprint):
                try:
                    self._write_to(self.folder.path / generation, pages)
                except BaseException as error:
                    if not isinstance(error, ValueError | OSError) and not panicked(error):
                        raise
                    if is_refused(error):
                        # It is the disk that is full, and not the index that is broken.
                        raise OSError(str(error)) from error
                    if "LockBusy" in str(error):
                        raise BusyError(str(error)) from error
                    if not self._broken(error):
                        # Another cause than the index; what is noted waits for the next change.
                        raise BusyError(str(error)) from error
            self.folder.done()

    def _write_to(self, path: Path, pages: list[int]) -> None:
        index = self._prepared(tantivy.Index.open(str(path)))
        # Gone with this call, and tantivy's own lock with it.
        writer = index.writer(SMALL_HEAP, 1)
        self.write(writer, pages)
        writer.commit()
        index.reload()
        key = str(self.folder.path)
        if index.searcher().num_segments > MOST_SEGMENTS and key not in MERGING:
            MERGING.add(key)
            threading.Thread(target=self._merge, args=(key,), name="search-merge").start()

    def _merge(self, key: str) -> None:
        """Let tantivy make few parts of many, while nobody waits."""
        try:
            with locked(self.folder.writer_lock):
                with locked(self.folder.merge_lock):
                    self._merge_parts()
                # Nobody waited who noted something meanwhile.
                self._write_pending()
        except BusyError:
            logger.info("The parts of the %s are not merged: another process writes.", self)
        except OSError:
            logger.exception("The parts of the %s could not be merged.", self)
        finally:
            MERGING.discard(key)
            connection.close()

    def _merge_parts(self) -> None:
        try:
            path = self.folder.path / (self.folder.generation() or "")
            writer = self._prepared(tantivy.Index.open(str(path))).writer(SMALL_HEAP, 1)
            # A commit makes it look at what there is to merge.
            writer.commit()
            writer.wait_merging_threads()
        except BaseException as error:
            if not isinstance(error, ValueError | OSError) and not panicked(error):
                raise
            # The next change tries again; meanwhile a search only takes a little longer.
            logger.info("The parts of the %s could not be merged: %r", self, error)

    def start_rebuild(self) -> Rebuild:
        try:
            return Rebuild(self)
        except BusyError:
            raise BusyError(
                f"Another process is rebuilding the {self}. Wait until it has finished."
            ) from None

    def reset(self) -> None:
        with locked(self.folder.writer_lock):
            self.folder.current.unlink(missing_ok=True)
            for path in (self.folder.pending, self.folder.taken, self.folder.journal):
                path.unlink(missing_ok=True)
            self.folder.clean()

    # Reading

    def generation(self) -> str:
        generation = self.folder.generation()
        return f"{generation} {self._stamp(generation)}" if generation else ""

    def _stamp(self, generation: str) -> tuple:
        status = os.stat(self.folder.path / generation / "meta.json")
        return status.st_ino, status.st_mtime_ns

    def _open(self) -> Opened:
        key = str(self.folder.path)
        generation = self.folder.generation()
        if generation is None or not generation.startswith(self.fingerprint):
            raise FileNotFoundError(f"There is no {self} of this version yet.")
        opened = OPENED.get(key)
        stamp = self._stamp(generation)
        if opened and (opened.generation, opened.stamp) == (generation, stamp):
            return opened
        with OPENING:
            opened = OPENED.get(key)
            if opened is None or opened.generation != generation:
                index = self._prepared(tantivy.Index.open(str(self.folder.path / generation)))
                opened = Opened(generation, index, stamp)
            if opened.stamp != stamp or OPENED.get(key) is not opened:
                opened.index.reload()
                opened.stamp = stamp
            OPENED[key] = opened
        return opened

    def _look_after(self) -> None:
        """From time to time, do in the background what others noted and did not come to do."""
        key = str(self.folder.path)
        now = time.monotonic()
        if self.lazy or now - LOOKED.get(key, now) < LOOK_AFTER:
            LOOKED.setdefault(key, now)
            return
        LOOKED[key] = now
        if self.folder.is_behind():
            self.sync_later([])

    @contextmanager
    def _searcher(self) -> Iterator[tuple[tantivy.Searcher, tantivy.Schema]]:
        """A searcher of the newest index; builds a missing one. Raises `UnavailableError`."""
        self.catch_up()
        self._look_after()
        try:
            opened = self._open()
        except FileNotFoundError as error:
            self.build_missing(error)
            opened = self._open()
        except BaseException as error:
            if not isinstance(error, ValueError | OSError) and not panicked(error):
                raise
            self._broken(error)
            self.build_missing(error)
            opened = self._open()
        try:
            yield opened.index.searcher(), opened.index.schema
        except BaseException as error:
            if isinstance(error, ValueError) or panicked(error):
                self._broken(error)
                raise UnavailableError(str(error)) from error
            raise

    def _broken(self, error: BaseException) -> bool:
        """
        Put an index that cannot be read aside, so that the next search builds another.

        Not twice within `RETRY_AFTER` seconds, as building it did not help then. Returns whether
        it was put aside.
        """
        key = str(self.folder.path)
        if time.monotonic() - FAILED.get(key, -RETRY_AFTER) < RETRY_AFTER:
            return False
        FAILED[key] = time.monotonic()
        logger.error("The %s cannot be read (%s); it will be built anew.", self, error)
        OPENED.pop(key, None)
        with suppress(OSError):
            self.folder.current.unlink()
        return True

    def is_built(self) -> bool:
        try:
            self._open()
        except BaseException as error:
            if not isinstance(error, ValueError | OSError) and not panicked(error):
                raise
            return self.lazy
        return True

    def build_unless_built(self) -> None:
        with locked(self.folder.path / "build.lock"):
            try:
                self._open()
            except BaseException as error:
                if not isinstance(error, Exception) and not panicked(error):
                    raise
                self.rebuild_all()

    def _tokens(self, schema: tantivy.Schema, leaf: Tokens) -> Query:
        name = "exact" if leaf.exact else "stems"
        tokens = [token for token in leaf.tokens if token]
        if not tokens:
            return Query.empty_query()
        pairs = self.analyser.pairs(tokens) if leaf.exact else []
        if pairs and NO_PAIR not in pairs:
            name, tokens = "pairs", pairs
        if len(tokens) == 1:
            return Query.term_query(schema, name, tokens[0])
        return Query.phrase_query(schema, name, tokens, slop=0 if leaf.exact else 1)

    def _query(self, schema: tantivy.Schema, expression: Expression) -> Query:
        match expression:
            case Tokens():
                return self._tokens(schema, expression)
            case All(()):
                return Query.all_query()
            case All(parts):
                clauses = []
                if all(isinstance(part, Not) for part in parts):
                    clauses.append((Occur.Must, Query.all_query()))
                for part in parts:
                    if isinstance(part, Not):
                        clauses.append((Occur.MustNot, self._query(schema, part.part)))
                    else:
                        clauses.append((Occur.Must, self._query(schema, part)))
                return Query.boolean_query(clauses)
            case Any(()):
                return Query.empty_query()
            case Any(parts):
                return Query.boolean_query(
                    [(Occur.Should, self._query(schema, part)) for part in parts]
                )
            case Not(part):
                return self._query(schema, All((Not(part),)))

    def _filtered(
        self, schema: tantivy.Schema, match: Expression, filters: Filters
    ) -> list[tuple[Occur, Query]]:
        clauses = []
        if match != EVERYTHING:
            clauses.append((Occur.Must, self._query(schema, match)))
        for name, wanted in (("author", filters.authors), ("tag", filters.tags)):
            for slugs in wanted:
                clauses.append((Occur.Must, Query.term_set_query(schema, name, list(slugs))))
        if filters.models:
            labels = list(filters.models)
            clauses.append((Occur.Must, Query.term_set_query(schema, "model", labels)))
        if filters.year is not None:
            clauses.append((Occur.Must, Query.term_query(schema, "year", filters.year)))
        if filters.after or filters.before:
            dates = Query.range_query(
                schema,
                "date",
                tantivy.FieldType.Date,
                lower_bound=filters.after,
                upper_bound=filters.before,
                include_lower=True,
                include_upper=filters.before is None,
            )
            clauses.append((Occur.Must, dates))
            # A page that is not dated has no place between two dates.
            clauses.append((Occur.Must, Query.exists_query("year")))
        if filters.among is not None:
            clauses.append((Occur.Must, self._among(schema, filters.among)))
        if not clauses:
            clauses.append((Occur.Must, Query.all_query()))
        if filters.excluded:
            clauses.append((Occur.MustNot, self._among(schema, filters.excluded)))
        return [
            (occur, Query.const_score_query(query, SLIGHT) if occur == Occur.Must else query)
            for occur, query in clauses
        ]

    @staticmethod
    def _among(schema: tantivy.Schema, pages: Iterable[int]) -> Query:
        """Some hundred pages: one by one in a third of the time that a set of terms takes."""
        terms = [Query.term_query(schema, "page", page) for page in sorted(pages)]
        return Query.boolean_query([(Occur.Should, term) for term in terms])

    def _scored(
        self, schema: tantivy.Schema, found: list[tuple[Occur, Query]], scoring: Scoring
    ) -> Query:
        """What is found, the better the more of the scoring's words it has."""
        clauses = list(found)
        for stem, weight in scoring.weights.items():
            term = Query.term_query(schema, "stems", stem)
            clauses.append((Occur.Should, Query.boost_query(term, weight)))
            for name, boost in self.boosts.items():
                term = Query.term_query(schema, f"field_{name}", stem, "freq")
                clauses.append((Occur.Should, Query.boost_query(term, weight * boost)))
        query = Query.boolean_query(clauses)
        for pair in scoring.pairs:
            # One around the other: of several side by side each is looked for on all pages.
            near = Query.phrase_query(schema, "stems", list(pair), slop=NEAR)
            near = Query.boost_query(near, pair_weight(scoring))
            query = Query.boolean_query([(Occur.Must, query), (Occur.Should, near)])
        return query

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
        with self._searcher() as (searcher, schema):
            query = self._scored(schema, self._filtered(schema, match, filters), scoring)
            limit = (searcher.num_docs if stop is None else stop) - start
            if limit <= 0:
                return Hits([], searcher.search(query, 1, count=True).count if count else 0)
            order = {"order_by_field": "date"} if newest_first else {"weight_by_field": "recency"}
            result = searcher.search(query, limit, count=count, offset=start, **order)
            addresses = [address for _score, address in result.hits]
            pages = searcher.fast_field_values("page", addresses)
            scores = [0.0 if newest_first else score for score, _address in result.hits]
            return Hits(list(zip(pages, scores, strict=True)), result.count if count else 0)

    def facets(self, match, filters=NO_FILTERS, size=10):
        with self._searcher() as (searcher, schema):
            query = Query.boolean_query(self._filtered(schema, match, filters))
            wanted = {
                name: {"terms": {"field": name, "size": 200 if name == "year" else size}}
                for name in ("year", "tag", "author")
            }
            found = searcher.aggregate(query, wanted)
            return {
                name: [(str(b["key"]), b["doc_count"]) for b in found[name]["buckets"]]
                for name in wanted
            }

    def texts(self, pages):
        pages = list(pages)
        if not pages:
            return {}
        with self._searcher() as (searcher, schema):
            query = self._among(schema, pages)
            found = [
                searcher.doc(address) for _score, address in searcher.search(query, len(pages)).hits
            ]
            return {doc["page"][0]: json.loads(bytes(doc["texts"][0])) for doc in found}

    def frequencies(self, stems):
        with self._searcher() as (searcher, _schema):
            return {stem: searcher.doc_freq("stems", stem) for stem in stems}

    def bearers(self, name, term, limit=5):
        # Its dictionaries keep the words of pages that are gone until their part is merged.
        with self._searcher() as (searcher, schema):
            hits = searcher.search(Query.term_query(schema, name, term), limit, count=False).hits
            return searcher.fast_field_values("page", [address for _score, address in hits])

    def size(self):
        with self._searcher() as (searcher, _schema):
            return searcher.num_docs

    def words(self):
        with self._searcher() as (searcher, _schema):
            return dict(searcher.terms_with_prefix("exact", ""))

    def terms(self, name):
        with self._searcher() as (searcher, _schema):
            return searcher.terms_with_prefix(name, "")

    def titled(self, words, prefix, limit):
        with self._searcher() as (searcher, schema):
            clauses = [(Occur.Must, Query.term_query(schema, "title", word)) for word in words]
            if prefix:
                # A token has letters, digits, points and apostrophes only.
                begins = prefix.replace(".", "\\.") + ".*"
                clauses.append((Occur.Must, Query.regex_query(schema, "title", begins)))
            if not clauses:
                return []
            query = Query.boolean_query(clauses)
            hits = searcher.search(query, limit, count=False, order_by_field="date").hits
            return searcher.fast_field_values("page", [address for _score, address in hits])
