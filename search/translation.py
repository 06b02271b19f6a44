"""From what a reader asks to what the index is asked."""

import re
from collections.abc import Iterable

from django.core.cache import caches
from tantivy import Occur, Query

from search.analysis import NO_TOKEN, Analyser, Word, is_unspaced
from search.engine import Reader
from search.models import Synonym
from search.passages import Wanted
from search.question import NO_CHOICE, Choice, Question, Term
from search.subjects import named

SYNONYM_WEIGHT = 0.8
# Of a word with a hyphen written without it.
WHOLE_WEIGHT = 0.3
PREFIX_WEIGHT = 0.5
# One word is the usual one when so many times more pages have it than have it divided.
USUAL = 3
# Two words that the index has as one are looked for as one too, if they are not as short as this.
SHORTEST_JOINED = 5
# Three or four numbers may be one, as a telephone's is.
LONGEST_JOINED = 4
# A word of so few pages may be one of pages that are gone, which an index still counts for a while.
RARE = 10
# What is behind a title in the title bar of a browser.
SITE_NAME = re.compile(r"\s+[-–—|·»:]\s+[^-–—|·»:]+$")

Stems = tuple[str, ...]


def all_of(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def one_of(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def synonyms(analyser: Analyser) -> dict[Stems, list[Stems]]:
    """Return the stems of what editors gave synonyms to, and those of the synonyms."""

    def read() -> dict[Stems, list[Stems]]:
        found: dict[Stems, list[Stems]] = {}
        for synonym in Synonym.objects.all():
            forms = [stems for form in synonym.forms if (stems := tuple(analyser.stems(form)))]
            for form in forms:
                found.setdefault(form, []).extend(other for other in forms if other != form)
        return found

    return caches["until_change"].get_or_set(f"synonyms {analyser.language}", read)


class Translation:
    """
    A question in the terms of one state of the index.

    `match` is what all words ask for and `some` what any of them does, None where that is no more;
    `chosen` narrows both. `weights` are the stems that make a page better. `titles` are the keys of
    titles that may have been typed in whole; `unknown` are the words that no page has. `is_empty`
    when nothing of it can be looked for.

    `apart` says what becomes of words of grammar alone: each is wanted, else all in a row.
    """

    def __init__(
        self,
        reader: Reader,
        question: Question,
        choice: Choice = NO_CHOICE,
        section: str = "",
        apart: bool = False,
    ) -> None:
        self.reader = reader
        self.analyser = reader.analyser
        self.has_words = bool(question.wanted)
        self.weights: dict[str, float] = {}
        self.phrases: list[tuple[str, ...]] = []
        self.unknown: list[str] = []
        words = self._words(question)
        others = [self._phrase(text) for text in question.phrases]
        others += [self._prefix(prefix) for prefix in question.values("prefix")]
        if not words and not others:
            others = self._grammar(question, apart)
        self.is_empty = self.has_words and not words and not others
        self.titles = self._titles(question) if self.has_words else []
        narrowing = self._narrowing(question)
        self.match = self._query([*words, *others], narrowing)
        self.some = None
        if len(self.weights) > 1:
            any_word = one_of(map(self._stem, self.weights))
            self.some = self._query([any_word, *others], narrowing)
        if self.is_empty:
            self.match = Query.empty_query()
        chosen = {"author": choice.author, "tag": choice.tag, "year": choice.year}
        self.chosen = [
            (Occur.Must, reader.term(name, value))
            for name, value in {**chosen, "section": section}.items()
            if value
        ]

    @property
    def wanted(self) -> Wanted:
        """What shows why a page was found."""
        phrases = tuple(p for p in self.phrases if p and NO_TOKEN not in p)
        return Wanted(frozenset(self.weights), phrases)

    @staticmethod
    def _query(wanted: list[Query], narrowing: list[tuple[Occur, Query]]) -> Query:
        required = [(Occur.Must, query) for query in wanted or [Query.all_query()]]
        return Query.boolean_query([*required, *narrowing])

    def _stem(self, stem: str) -> Query:
        return self.reader.term("stems", stem)

    def is_there(self, field: str, token: str) -> bool:
        """Return whether a page has a token now."""
        count = self.reader.frequency(field, token)
        return count > RARE or bool(count and self.reader.bearers(field, token, 1))

    # Words

    def _words(self, question: Question) -> list[Query]:
        """Return what each word asks for, as one may be written as two or two as one."""
        words = [
            (text, word)
            for text in question.words
            for word in self.analyser.words(text)
            if word.stems or word.whole
        ]
        same = synonyms(self.analyser)
        found = []
        while words:
            rest = [word for _text, word in words]
            length, options = (
                self._synonyms(rest, same) or self._joined(rest) or self._alone(*words[0])
            )
            found.append(one_of(options))
            words = words[length:]
        return found

    def _synonyms(
        self, words: list[Word], same: dict[Stems, list[Stems]]
    ) -> tuple[int, list[Query]] | None:
        """Return how many of the first words have synonyms together, and what to look for."""
        longest = max(map(len, same), default=0)
        for length in range(min(longest, len(words)), 0, -1):
            form = tuple(stem for word in words[:length] for stem in word.stems)
            if form in same:
                together = self._together(words[:length])
                for other in same[form]:
                    for stem in other:
                        self.weights.setdefault(stem, SYNONYM_WEIGHT / len(other))
                return length, [together, *map(self.reader.stems, same[form])]
        return None

    def _joined(self, words: list[Word]) -> tuple[int, list[Query]] | None:
        """Return how many of the first words the index has as one, and what to look for."""
        for length in range(LONGEST_JOINED, 1, -1):
            parts = words[:length]
            text = "".join(token for word in parts for token in word.exact)
            if len(parts) < length or len(text) < SHORTEST_JOINED or is_unspaced(text):
                continue
            stem = self.analyser.stem(text) if length == 2 or text.isdigit() else ""
            if stem and self.is_there("stems", stem):
                together = self._together(parts)
                if self._is_usual(stem, parts):
                    self.weights.setdefault(stem, float(length))
                return length, [together, self._stem(stem)]
        return None

    def _is_usual(self, stem: str, parts: list[Word]) -> bool:
        """Return whether far more pages have one word than have what it is made of in a row."""
        stems = [stem for word in parts for stem in word.stems]
        if len(stems) < len(parts):
            return True
        return self.reader.frequency("stems", stem) >= USUAL * self.reader.neighbours(stems)

    def _alone(self, text: str, word: Word) -> tuple[int, list[Query]]:
        if not self._is_known(word):
            self.unknown.append(text)
        return 1, self._options(word)

    def _is_known(self, word: Word) -> bool:
        return any(self.is_there("stems", stem) for stem in (*word.stems, *word.whole))

    def _together(self, words: list[Word]) -> Query:
        return all_of(one_of(self._options(word)) for word in words)

    def _options(self, word: Word) -> list[Query]:
        """Return the ways in which a word is looked for, and weigh its stems."""
        stems, exact = word.stems, word.exact
        for stem in stems:
            self.weights[stem] = self.weights.get(stem, 0) + 1.0
        for stem in word.whole:
            self.weights.setdefault(stem, WHOLE_WEIGHT)
        options = list(map(self._stem, word.whole))
        if stems and all(token.isdigit() for token in exact):
            # Numbers side by side are only sometimes one.
            options.append(all_of(map(self._stem, stems)))
        elif stems and len(stems) == len(exact):
            options.append(self.reader.stems(stems))
        elif stems and NO_TOKEN not in exact:
            # With words of grammar inside.
            self.phrases.append(exact)
            options.append(self.reader.phrase(exact))
        return options

    # Quotations and operators

    def _phrase(self, text: str) -> Query:
        exact = tuple(self.analyser.exact(text))
        self.phrases.append(exact)
        for stem in self.analyser.stems(text):
            self.weights[stem] = self.weights.get(stem, 0) + 1.0
        return self.reader.phrase(exact)

    def _prefix(self, prefix: str) -> Query:
        begins = "".join(self.analyser.exact(prefix)[-1:]) or prefix
        tokens = self.reader.beginning(begins)
        self.phrases += [(token,) for token in tokens]
        for token in tokens[:5]:
            if stem := self.analyser.stem(token):
                self.weights.setdefault(stem, PREFIX_WEIGHT)
        return self.reader.any_of("exact", tokens)

    def _grammar(self, question: Question, apart: bool) -> list[Query]:
        """Return what words of grammar ask for where there are no others."""
        tokens = self.analyser.exact(" ".join(question.words))
        tokens = [token for token in tokens if token != NO_TOKEN]
        groups = [(token,) for token in dict.fromkeys(tokens)] if apart else [tuple(tokens)]
        groups = [group for group in groups if group]
        self.phrases += groups
        return list(map(self.reader.phrase, groups))

    def _titles(self, question: Question) -> list[str]:
        """Return the keys of titles that the whole question may be, with the site's name or not."""
        texts = (question.text, SITE_NAME.sub("", question.text))
        return list(dict.fromkeys(filter(None, map(self.analyser.key, texts))))

    def _narrowing(self, question: Question) -> list[tuple[Occur, Query]]:
        """Return what a question leaves out, and what its operators ask for."""
        reader = self.reader
        clauses = [(Occur.MustNot, self._without(term)) for term in question.without]
        for kind, slugs, is_wanted in named(question):
            # What nobody is called nobody has written.
            clauses.append(
                (Occur.Must if is_wanted else Occur.MustNot, reader.any_of(kind, slugs or [""]))
            )
        after, before = question.day("after"), question.day("before")
        if after or before:
            clauses.append((Occur.Must, reader.between(after, before)))
        return clauses

    def _without(self, term: Term) -> Query:
        if term.kind == "word" and (stems := self.analyser.stems(term.value)):
            return self.reader.stems(stems)
        return self.reader.phrase(self.analyser.exact(term.value))
