"""What a reader's line of words means."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

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

# The lists of a question, by the names of its fields.
LISTS = (
    *("words", "phrases", "prefixes", "without", "ignored"),
    *("authors", "tags", "without_authors", "without_tags"),
)


@dataclass(frozen=True)
class Question:
    """
    A query taken apart.

    `words` in their order; `phrases` were quoted; `prefixes` ended in an asterisk; `without` are
    (text, was it quoted) pairs; `after` is the first day wanted and `before` the first day no
    longer wanted; `ignored` is what was not understood.
    """

    text: str = ""
    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    without: tuple[tuple[str, bool], ...] = ()
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    without_authors: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = ()
    after: dt.date | None = None
    before: dt.date | None = None
    ignored: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return whether it asks for anything at all."""
        return self.has_words or bool(self.authors or self.tags or self.after or self.before)

    @property
    def has_words(self) -> bool:
        return bool(self.words or self.phrases or self.prefixes)

    @property
    def is_narrowed(self) -> bool:
        """Whether it says more than which words are wanted."""
        narrowing = (self.without, self.authors, self.tags, self.without_authors, self.without_tags)
        return any(narrowing) or bool(self.after or self.before)

    @property
    def wanted(self) -> str:
        """Its words and phrases alone, as they were typed."""
        text = self._rewritten(lambda part: part[0], others="")
        return " ".join(text.split())

    def _rewritten(self, change: Callable[[re.Match[str]], str], others: str | None = None) -> str:
        """Return its text with words and phrases changed; all else becomes `others` or stays."""

        def rewrite(part: re.Match[str]) -> str:
            if part["operator"] or part["minus"]:
                return part[0] if others is None else others
            return change(part)

        return PART.sub(rewrite, self.text.translate(QUOTES))

    def unquoted(self) -> "Question":
        """Return the same question, whose phrases are words like others."""
        text = self._rewritten(lambda part: part["bare"] or part["quoted"])
        words = [*self.words, *(word for phrase in self.phrases for word in phrase.split())]
        return replace(self, text=text, words=tuple(words[:MOST_WORDS]), phrases=())

    def spelt(self, corrections: dict[str, str]) -> "Question":
        """
        Return the same question with some words replaced, in its text too.

        Two words with a hyphen are read as two, and looked for side by side.
        """
        spaced = {word: meant.replace("-", " ") for word, meant in corrections.items()}
        text = self._rewritten(lambda part: spaced.get(part[0], part[0]))
        words = tuple(w for word in self.words for w in corrections.get(word, word).split())
        return replace(self, text=text, words=words)


def normalised(query: str) -> str:
    """Return a query as one line of at most `LONGEST_QUERY` characters, without controls."""
    text = unicodedata.normalize("NFC", query[: LONGEST_QUERY * 4])
    text = "".join(" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in text)
    return " ".join(text.split())[:LONGEST_QUERY].strip()


def understood(query: str) -> Question:
    """Take a query apart. Anything can be a query; what is no operator is a word."""
    text = normalised(query)
    found: dict[str, Any] = {name: [] for name in LISTS}
    for part in list(PART.finditer(text.translate(QUOTES)))[:MOST_WORDS]:
        quoted = part["quoted"] is not None
        value = (part["quoted"] if quoted else part["bare"]).strip()
        operator = (part["operator"] or "").lower()
        if not any(char.isalnum() for char in value) or UNFINISHED.fullmatch(value):
            continue
        if operator in ("before", "after"):
            day = first_day(value)
            if day and not part["minus"]:
                found[operator] = day
            else:
                found["ignored"].append(part[0])
        elif operator:
            found[f"{'without_' if part['minus'] else ''}{operator}s"].append(value)
        elif part["minus"]:
            found["without"].append((value, quoted))
        elif quoted:
            found["phrases"].append(value)
        elif PREFIX.fullmatch(value):
            found["prefixes"].append(value[:-1])
        else:
            found["words"].append(value)
    fields: dict[str, Any] = {name: tuple(found.pop(name)) for name in LISTS}
    return Question(text=text, **fields, **found)
