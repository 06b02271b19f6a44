"""From what a reader asks to what the index is asked."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.cache import caches
from django.utils.text import slugify
from tantivy import Occur, Query

from blog.models import Author, Tag
from search.analysis import NO_TOKEN, Analyser, Word, is_unspaced
from search.engine import Reader
from search.models import Synonym
from search.passages import Wanted
from search.question import Question

SYNONYM_WEIGHT = 0.8
# Of a word with a hyphen written without it.
WHOLE_WEIGHT = 0.3
# One word is the usual one when so many times more pages have it than have it divided.
USUAL = 3
# Two words that the index has as one are looked for as one too, if they are not as short as this.
SHORTEST_JOINED = 5
# A word of so few pages may be one of pages that are gone, which an index still counts for a while.
RARE = 10
# What narrows an answer, as operators and choices name it.
SUBJECTS: dict[str, type[Author] | type[Tag]] = {"author": Author, "tag": Tag}
MOST_NAMED = 50
# What is behind a title in the title bar of a browser.
SITE_NAME = re.compile(r"\s+[-–—|·»:]\s+[^-–—|·»:]+$")


@dataclass(frozen=True)
class Choice:
    """What a reader chose besides the words; each narrows the results."""

    year: int | None = None
    tag: str = ""
    author: str = ""
    newest_first: bool = False
    as_typed: bool = False


NO_CHOICE = Choice()


@dataclass
class Translation:
    """
    A question in the terms of the index.

    `match` is what all words ask for and `some` what any of them does, None where that is no more.
    `filters` are those of operators and `chosen` those of choices. `titles` are the keys of titles
    that may have been typed in whole; `unknown` are the words that no page has. `is_empty` when
    nothing of it can be looked for.
    """

    match: Query
    some: Query | None
    filters: list[tuple[Occur, Query]]
    chosen: list[tuple[Occur, Query]]
    weights: dict[str, float]
    wanted: Wanted
    titles: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    has_words: bool = True
    is_empty: bool = False


def all_of(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def one_of(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def names(kind: str) -> dict[str, str]:
    """Return what readers call the slugs of a kind of `SUBJECTS`."""
    return caches["until_change"].get_or_set(
        f"names {kind}",
        lambda: dict(SUBJECTS[kind].objects.order_by("name").values_list("slug", "name")),
    )


def slugs_named(kind: str, name: str) -> tuple[str, ...]:
    """Return the slugs that a reader may mean by a slug or by a part of a name."""
    known = names(kind)
    spaced = name.replace("-", " ").casefold()
    meant = (name.casefold(), spaced)
    found = [slug for slug, label in known.items() if slug in meant or label.casefold() in meant]
    if not found:
        # With and without accents, but for scripts that a slug has nothing of.
        plain = [word for word in map(slugify, spaced.split()) if word]
        words = plain or [spaced]
        labels = {
            slug: slugify(label).split("-") if plain else label.casefold().split()
            for slug, label in known.items()
        }
        found = [slug for slug, label in labels.items() if label == words] or [
            slug
            for slug, label in labels.items()
            if all(any(part.startswith(word) for part in label) for word in words)
        ]
    return tuple(found[:MOST_NAMED])


def subjects_of(question: Question) -> list[tuple[str, tuple[str, ...], bool]]:
    """Return what the operators `author:` and `tag:` ask for: kind, slugs, and whether wanted."""
    operators = [
        *(("author", name, True) for name in question.authors),
        *(("tag", name, True) for name in question.tags),
        *(("author", name, False) for name in question.without_authors),
        *(("tag", name, False) for name in question.without_tags),
    ]
    return [(kind, slugs_named(kind, name), wanted) for kind, name, wanted in operators]


class Synonyms:
    """Which words mean the same, as editors say: lists of stems."""

    def __init__(self, analyser: Analyser, lists: Iterable[list[str]]) -> None:
        self.others: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        for forms in lists:
            stemmed = [tuple(analyser.stems(form)) for form in forms]
            for form in stemmed:
                if form:
                    others = [other for other in stemmed if other and other != form]
                    self.others.setdefault(form, []).extend(others)
        self.longest = max(map(len, self.others), default=0)

    @classmethod
    def of_editors(cls, analyser: Analyser) -> "Synonyms":
        return cls(analyser, [synonym.forms for synonym in Synonym.objects.all()])


class Translator:
    """Translates questions for one state of the index."""

    def __init__(self, reader: Reader, section: str = "") -> None:
        self.reader = reader
        self.analyser = reader.analyser
        self.section = section
        self.synonyms = Synonyms.of_editors(self.analyser)

    def translation(
        self, question: Question, choice: Choice = NO_CHOICE, apart: bool = False
    ) -> Translation:
        """
        Translate a question: which pages match it, and what makes them better.

        `apart` says what becomes of words of grammar alone: each is wanted, else all in a row.
        """
        self.weights: dict[str, float] = {}
        self.phrases: list[tuple[str, ...]] = []
        self.unknown: list[str] = []
        reader = self.reader
        required = self._words([w for text in question.words for w in self._split(text)])
        quoted = [reader.phrase(self._phrase(text)) for text in question.phrases]
        quoted += [self._prefix(prefix) for prefix in question.prefixes]
        if not required and not quoted:
            # Only words of grammar: then they are what is meant.
            tokens = self.analyser.exact(" ".join(question.words))
            tokens = [token for token in tokens if token != NO_TOKEN]
            groups = [[token] for token in dict.fromkeys(tokens)] if apart else [tokens]
            self.phrases += [tuple(group) for group in groups if group]
            quoted = [reader.phrase(group) for group in groups if group]
        without = [self._without(*part) for part in question.without]
        is_empty = question.has_words and not required and not quoted
        excluded = [(Occur.MustNot, query) for query in without if query is not None]
        match = self._query([*required, *quoted], excluded)
        some = None
        if len(self.weights) > 1:
            some = self._query([one_of(map(self._stem, self.weights)), *quoted], excluded)
        return Translation(
            match=Query.empty_query() if is_empty else match,
            some=some,
            filters=self._filters(question),
            chosen=self._chosen(choice),
            weights=self.weights,
            wanted=Wanted(
                frozenset(self.weights),
                tuple(p for p in self.phrases if p and NO_TOKEN not in p),
            ),
            titles=self._titles(question),
            unknown=self.unknown,
            has_words=question.has_words,
            is_empty=is_empty,
        )

    @staticmethod
    def _query(required: list[Query], excluded: list[tuple[Occur, Query]]) -> Query:
        clauses = [(Occur.Must, query) for query in required or [Query.all_query()]]
        return Query.boolean_query([*clauses, *excluded])

    def _stem(self, stem: str) -> Query:
        return self.reader.term("stems", stem)

    def _split(self, text: str) -> list[tuple[str, Word]]:
        return [(text, word) for word in self.analyser.words(text)]

    # Words

    def _words(self, words: list[tuple[str, Word]]) -> list[Query]:
        """Return what each word asks for, as one may be written as two or two as one."""
        words = [(text, word) for text, word in words if word.stems or word.whole]
        known = [self._is_known(word) for _text, word in words]
        joined = self._joined([word for _text, word in words], known)
        required = []
        position = 0
        while position < len(words):
            text, word = words[position]
            length, others = self._synonyms([word for _text, word in words[position:]])
            if others:
                options = [*self._options(word), *others] if length == 1 else others
            elif position in joined:
                # Both words, or the one that they make.
                length, stem = joined[position]
                parts = [one_of(self._options(w)) for _t, w in words[position : position + length]]
                options = [all_of(parts), self._stem(stem)]
                if self._is_usual(stem, words[position : position + length]):
                    self.weights.setdefault(stem, float(length))
            else:
                options = self._options(word)
                if not known[position]:
                    self.unknown.append(text)
            required.append(one_of(options) if len(options) > 1 else options[0])
            position += length
        return required

    def _options(self, word: Word) -> list[Query]:
        """Return the ways in which a word is looked for, and weigh its stems."""
        stems = word.stems
        for stem in stems:
            self.weights[stem] = self.weights.get(stem, 0) + 1.0
        for stem in word.whole:
            self.weights.setdefault(stem, WHOLE_WEIGHT)
        exact = word.exact
        options = []
        if len(stems) == len(exact) == 1:
            options.append(self._stem(stems[0]))
        elif stems and all(token.isdigit() for token in exact):
            # Numbers side by side are only sometimes one.
            options.append(all_of(map(self._stem, stems)))
        elif len(stems) == len(exact):
            options.append(self.reader.stems(stems))
        elif NO_TOKEN not in exact:
            # With words of grammar inside.
            self.phrases.append(exact)
            options.append(self.reader.phrase(exact))
        options += map(self._stem, word.whole)
        if len(stems) == 1 and len(stems[0]) == 1 and is_unspaced(stems[0]):
            # A character alone is in pairs of two.
            options.append(self._prefix(stems[0]))
        return options or [Query.empty_query()]

    def _synonyms(self, words: list[Word]) -> tuple[int, list[Query]]:
        """Return how many of the words have synonyms together, and what else to look for."""
        for count in range(min(self.synonyms.longest, len(words)), 0, -1):
            form = tuple(stem for word in words[:count] for stem in word.stems)
            if form not in self.synonyms.others:
                continue
            for stem in form:
                self.weights.setdefault(stem, 1.0)
            found = [all_of(map(self._stem, form))]
            for other in self.synonyms.others[form]:
                found.append(self.reader.stems(other))
                for stem in other:
                    self.weights.setdefault(stem, SYNONYM_WEIGHT / len(other))
            return count, found
        return 1, []

    def _joined(self, words: list[Word], known: list[bool]) -> dict[int, tuple[int, str]]:
        """
        Return which neighbours the index has as one word: place → how many, the stem of it.

        Three numbers may be one, as a telephone's is, but only two words.
        """
        found: dict[int, tuple[int, str]] = {}
        position = 0
        while position < len(words) - 1:
            for length in (4, 3, 2):
                parts = ["".join(word.exact) for word in words[position : position + length]]
                text = "".join(parts)
                if len(parts) < length or len(text) < SHORTEST_JOINED or is_unspaced(text):
                    continue
                if length > 2 and not text.isdigit():
                    continue
                stem = self.analyser.stem(text)
                if stem and self.is_there("stems", stem):
                    found[position] = length, stem
                    position += length - 1
                    break
            position += 1
        return found

    def _is_usual(self, stem: str, words: list[tuple[str, Word]]) -> bool:
        """Return whether far more pages have one word than have what it is made of in a row."""
        apart = [part for _text, word in words for part in word.stems]
        if len(apart) < len(words):
            return True
        return self.reader.frequency("stems", stem) >= USUAL * self.reader.neighbours(apart)

    def _is_known(self, word: Word) -> bool:
        stems = [*word.stems, *word.whole]
        if len(stems) == 1 and len(stems[0]) == 1 and is_unspaced(stems[0]):
            return bool(self.reader.beginning(stems[0])) or self.is_there("stems", stems[0])
        return any(self.is_there("stems", stem) for stem in stems)

    def is_there(self, field: str, token: str) -> bool:
        """Return whether a page has a token now."""
        count = self.reader.frequency(field, token)
        return count > RARE or bool(count and self.reader.bearers(field, token, 1))

    # Quotations and operators

    def _phrase(self, text: str) -> tuple[str, ...]:
        exact = tuple(self.analyser.exact(text))
        self.phrases.append(exact)
        for stem in self.analyser.stems(text):
            self.weights[stem] = self.weights.get(stem, 0) + 1.0
        return exact

    def _prefix(self, prefix: str) -> Query:
        begins = "".join(self.analyser.exact(prefix)[-1:]) or prefix
        tokens = self.reader.beginning(begins)
        self.phrases += [(token,) for token in tokens]
        for token in tokens[:5]:
            if stem := self.analyser.stem(token):
                self.weights.setdefault(stem, 0.5)
        return self.reader.any_of("exact", tokens)

    def _without(self, text: str, is_quoted: bool) -> Query | None:
        stems = [] if is_quoted else self.analyser.stems(text)
        if stems:
            return self.reader.stems(stems)
        exact = self.analyser.exact(text)
        return self.reader.phrase(exact) if exact else None

    def _titles(self, question: Question) -> list[str]:
        """Return the keys of titles that the whole question may be, with the site's name or not."""
        if not question.has_words:
            return []
        texts = [question.text, SITE_NAME.sub("", question.text)]
        return list(dict.fromkeys(filter(None, map(self.analyser.key, texts))))

    def _filters(self, question: Question) -> list[tuple[Occur, Query]]:
        """Return what operators narrow the answer to, without changing its order."""
        clauses = [
            # What nobody is called nobody has written.
            (Occur.Must if wanted else Occur.MustNot, self.reader.any_of(kind, slugs or ("",)))
            for kind, slugs, wanted in subjects_of(question)
        ]
        if question.after or question.before:
            after = question.after and question.after.toordinal()
            before = question.before and question.before.toordinal()
            clauses.append((Occur.Must, self.reader.between(after, before)))
        return clauses

    def _chosen(self, choice: Choice) -> list[tuple[Occur, Query]]:
        wanted = [
            ("author", choice.author),
            ("tag", choice.tag),
            ("year", choice.year),
            ("section", self.section),
        ]
        return [(Occur.Must, self.reader.term(name, value)) for name, value in wanted if value]
