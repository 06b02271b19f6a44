"""What a reader's line of words means."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice

from search.days import first_day

LONGEST_QUERY = 1000
MOST_WORDS = 128

QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
PART = re.compile(
    # A minus before a number is its sign, and a dash no operator.
    r"""(?P<minus>(?<!\S)[-−](?![\d.,£$€¥]))?
        (?:(?P<operator>author|tag|before|after):)?
        (?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))""",
    re.VERBOSE | re.IGNORECASE,
)
UNFINISHED = re.compile(r"(?:author|tag|before|after):", re.IGNORECASE)
PREFIX = re.compile(r"[^\W_]{2,}\*")
# What is looked for in texts; the other kinds of terms narrow the answer.
IN_TEXTS = ("word", "phrase", "prefix")


@dataclass(frozen=True)
class Term:
    """
    A part of a query, as it was `typed` and what it means.

    Its `kind` is one of `IN_TEXTS`, an operator, or "ignored" for what was not understood.
    """

    typed: str
    kind: str
    value: str
    is_wanted: bool = True


@dataclass(frozen=True)
class Choice:
    """What a reader chose besides the words; each narrows the results."""

    year: int | None = None
    tag: str = ""
    author: str = ""
    newest_first: bool = False
    as_typed: bool = False


NO_CHOICE = Choice()


@dataclass(frozen=True)
class Question:
    """A query taken apart."""

    text: str = ""
    terms: tuple[Term, ...] = ()

    @classmethod
    def of(cls, terms: Iterable[Term]) -> "Question":
        terms = tuple(terms)
        return cls(" ".join(term.typed for term in terms), terms)

    def __bool__(self) -> bool:
        """Return whether it asks for anything at all."""
        return any(term.is_wanted and term.kind != "ignored" for term in self.terms)

    def values(self, kind: str, is_wanted: bool = True) -> tuple[str, ...]:
        """Return what the terms of a kind have, in their order."""
        return tuple(t.value for t in self.terms if (t.kind, t.is_wanted) == (kind, is_wanted))

    @property
    def words(self) -> tuple[str, ...]:
        return self.values("word")

    @property
    def phrases(self) -> tuple[str, ...]:
        return self.values("phrase")

    @property
    def without(self) -> list[Term]:
        """What the texts of a page must not have."""
        return [term for term in self.terms if term.kind in IN_TEXTS and not term.is_wanted]

    @property
    def is_narrowed(self) -> bool:
        """Whether it says more than which words are wanted."""
        return any(t.kind not in (*IN_TEXTS, "ignored") or not t.is_wanted for t in self.terms)

    @property
    def wanted(self) -> str:
        """Its words and phrases alone, as they were typed; empty when it has none."""
        return " ".join(t.typed for t in self.terms if t.kind in IN_TEXTS and t.is_wanted)

    def day(self, operator: str) -> dt.date | None:
        """Return the first day that is wanted "after", or no longer "before"."""
        return next(map(first_day, reversed(self.values(operator))), None)

    def unquoted(self) -> "Question":
        """Return the same question, whose phrases are words like others."""
        terms: list[Term] = []
        for term in self.terms:
            if term.kind == "phrase" and term.is_wanted:
                terms += [Term(word, "word", word) for word in term.value.split()]
            else:
                terms.append(term)
        return Question.of(terms)

    def spelt(self, corrections: dict[str, str]) -> "Question":
        """
        Return the same question with some words replaced, in its text too.

        Two words with a hyphen are read as two, and looked for side by side.
        """

        def corrected(term: Term) -> Term:
            meant = corrections.get(term.value)
            if meant is None or term.kind != "word" or not term.is_wanted:
                return term
            return replace(term, typed=meant.replace("-", " "), value=meant)

        return Question.of(map(corrected, self.terms))


def normalised(query: str) -> str:
    """Return a query as one line of at most `LONGEST_QUERY` characters, without controls."""
    text = unicodedata.normalize("NFC", query[: LONGEST_QUERY * 4])
    text = "".join(" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in text)
    return " ".join(text.split())[:LONGEST_QUERY].strip()


def understood(query: str) -> Question:
    """Take a query apart. Anything can be a query; what is no operator is a word."""
    text = normalised(query)
    parts = islice(PART.finditer(text.translate(QUOTES)), MOST_WORDS)
    return Question(text, tuple(term for part in parts if (term := term_of(part))))


def term_of(part: re.Match[str]) -> Term | None:
    """Return what a part of a query means; None for what says nothing, such as a dash."""
    value = (part["bare"] or part["quoted"]).strip()
    kind = (part["operator"] or "").lower()
    is_wanted = not part["minus"]
    if not any(char.isalnum() for char in value) or UNFINISHED.fullmatch(value):
        return None
    if kind in ("before", "after") and not (is_wanted and first_day(value)):
        return Term(part[0], "ignored", part[0])
    if not kind:
        is_prefix = is_wanted and part["bare"] and PREFIX.fullmatch(value)
        kind = "prefix" if is_prefix else "word" if part["bare"] else "phrase"
    return Term(part[0], kind, value.removesuffix("*") if kind == "prefix" else value, is_wanted)
