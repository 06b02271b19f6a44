"""What a reader's line of words means."""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field, replace

LONGEST_QUERY = 200
MOST_WORDS = 32

QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
PART = re.compile(
    r"""(?P<minus>(?<!\S)[-−–])?
        (?:(?P<operator>author|tag|before|after):)?
        (?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))""",
    re.VERBOSE | re.IGNORECASE,
)
UNFINISHED = re.compile(r"(?:author|tag|before|after):", re.IGNORECASE)
DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$")


@dataclass(frozen=True)
class Question:
    """
    A query taken apart.

    `words` in their order; `phrases` were quoted; `without` are (text, was it quoted) pairs;
    `after` is the first day wanted and `before` the first day no longer wanted.
    """

    text: str = ""
    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    without: tuple[tuple[str, bool], ...] = ()
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    after: dt.date | None = None
    before: dt.date | None = None
    ignored: tuple[str, ...] = field(default=())

    def __bool__(self) -> bool:
        """Whether it asks for anything at all."""
        return bool(
            self.words or self.phrases or self.authors or self.tags or self.after or self.before
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether it says more than which words are wanted."""
        return bool(self.without or self.authors or self.tags or self.after or self.before)

    @property
    def wanted(self) -> str:
        """Its words and phrases alone, as they were typed."""

        def keep(part: re.Match[str]) -> str:
            return "" if part["operator"] or part["minus"] else part[0]

        return " ".join(PART.sub(keep, self.text.translate(QUOTES)).split())

    def unquoted(self) -> "Question":
        """The same question, whose phrases are words like others."""

        def unquote(part: re.Match[str]) -> str:
            plain = part["quoted"] is not None and not part["operator"] and not part["minus"]
            return part["quoted"] if plain else part[0]

        text = PART.sub(unquote, self.text.translate(QUOTES))
        words = [*self.words, *(word for phrase in self.phrases for word in phrase.split())]
        return replace(self, text=text, words=tuple(words[:MOST_WORDS]), phrases=())

    def spelt(self, corrections: dict[str, str]) -> "Question":
        """The same question with some words replaced, in its text too."""

        def spell(part: re.Match[str]) -> str:
            plain = part["bare"] and not part["operator"] and not part["minus"]
            return corrections.get(part[0], part[0]) if plain else part[0]

        text = PART.sub(spell, self.text.translate(QUOTES))
        words = tuple(corrections.get(word, word) for word in self.words)
        return replace(self, text=text, words=words)


def normalised(query: str) -> str:
    """A query as one line of at most `LONGEST_QUERY` characters, without control characters."""
    text = unicodedata.normalize("NFC", query[: LONGEST_QUERY * 4])
    text = "".join(" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in text)
    return " ".join(text.split())[:LONGEST_QUERY].strip()


def first_day(text: str) -> dt.date | None:
    """The first day of "2015", "2014-10" or "2014-10-18"; None for what is no date."""
    match = DATE.match(text)
    if not match:
        return None
    year, month, day = (int(part) if part else 1 for part in match.groups())
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def understood(query: str) -> Question:
    """Take a query apart. Anything can be a query; what is no operator is a word."""
    text = normalised(query)
    words: list[str] = []
    phrases: list[str] = []
    without: list[tuple[str, bool]] = []
    authors: list[str] = []
    tags: list[str] = []
    ignored: list[str] = []
    dates: dict[str, dt.date] = {}
    for part in list(PART.finditer(text.translate(QUOTES)))[:MOST_WORDS]:
        quoted = part["quoted"] is not None
        value = (part["quoted"] if quoted else part["bare"]).strip()
        operator = (part["operator"] or "").lower()
        if not any(char.isalnum() for char in value) or UNFINISHED.fullmatch(value):
            continue
        if operator in ("before", "after"):
            day = first_day(value)
            if day and not part["minus"]:
                dates[operator] = day
            else:
                ignored.append(part[0])
        elif operator and part["minus"]:
            ignored.append(part[0])
        elif operator == "author":
            authors.append(value)
        elif operator == "tag":
            tags.append(value)
        elif part["minus"]:
            without.append((value, quoted))
        elif quoted:
            phrases.append(value)
        else:
            words.append(value)
    return Question(
        text=text,
        words=tuple(words),
        phrases=tuple(phrases),
        without=tuple(without),
        authors=tuple(authors),
        tags=tuple(tags),
        ignored=tuple(ignored),
        **dates,
    )
