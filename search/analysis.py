"""How text becomes words that can be compared: the same for what is written and what is asked."""

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import tantivy
from django.conf import settings

from search.variants import american

# In bytes.
LONGEST_TOKEN = 60
# How many words are kept with their tokens.
MOST_KEPT = 100_000
# Holds the place of what cannot be looked for; no token has an underscore.
NO_TOKEN = "_"  # noqa: S105


def _ranges(numbers: Iterable[int]) -> str:
    """Return code points as what stands between the brackets of a regular expression."""
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in found)


# Vowel signs and the like, which Python's `\w` lacks; those beyond belong to dead scripts.
MARKS = _ranges(n for n in range(0x12000) if unicodedata.category(chr(n)) in ("Mn", "Mc"))
# Scripts that put no spaces between words: each two neighbouring characters are a token.
UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    r"\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
LETTERS = rf"[^\W_]+(?:[{MARKS}\u200c\u200d]+[^\W_]*)*"
APOSTROPHES = "'’‘ʼ′\xad"
HYPHENS = "-‐‑"
NO_BREAK = "\u00a0\u202f"
PLAIN = rf"{LETTERS}(?:[{APOSTROPHES}]{LETTERS})*"
# A word as texts have it. Several digits with spaces between them may be one number, what has
# hyphens may be one word: each is looked for in both ways.
SURFACE = re.compile(
    rf"""(?<![^\W_])(?:
      (?:[^\W\d_]\.){{2,}}(?:[^\W\d_](?![^\W_]))?                   # N.H.S.
    | [vV]?\d+(?:[.,]\d+|[{NO_BREAK}]\d{{3}}(?!\d))+                # 340,000  v2.10.3
    | [^\W\d_](?:\+\+|\#)(?![^\W_])                                 # C++  C#
    )
    | (?<![\w.])\.[^\W\d_][^\W_]+                                   # .NET
    | (?<![^\W_])\d+(?:[ {NO_BREAK}()]{{1,2}}\d+)+(?![^\W_]|[.,]\d) # 0121 496 0000
    | {PLAIN}(?:[{HYPHENS}]{PLAIN})*""",
    re.VERBOSE,
)
COMPOUND = re.compile(rf"[{HYPHENS} {NO_BREAK}()]")
PART = re.compile(rf"\d+(?:[.]\d+)+|\.?{PLAIN}(?:\+\+|\#)?")
SCRIPT = re.compile(rf"[{UNSPACED}]+(?:[{MARKS}{UNSPACED}]+)*|[^{UNSPACED}]+")
UNSPACED_RUN = re.compile(rf"[{UNSPACED}]")
VERSION = re.compile(r"v(\d+\.)", re.IGNORECASE)
THOUSANDS = re.compile(rf"(?<=\d)[,{NO_BREAK}](?=\d{{3}}(?!\d))")
INITIALS = re.compile(r"(?:[^\W\d_]\.){2,}[^\W\d_]?")
ACCENTS = re.compile(
    r"(?<=[A-Za-z\u0370-\u03ff\u1f00-\u1fff])[\u0300-\u036f]+|[\u0591-\u05c7\u0640\u064b-\u065f\u0670]"
)
LOOKALIKES = str.maketrans(
    dict.fromkeys("’‘ʼ′", "'")
    | {"\xad": "", "\u200c": "", "\u200d": ""}
    | dict(zip("æœøđðþłħıŋ", ("ae", "oe", "o", "d", "d", "th", "l", "h", "i", "n"), strict=True))
    | dict(zip("أإآٱىة", "ااااي" + "ه", strict=True))
)

# What tantivy's short English list leaves out: words of grammar that say nothing about a subject.
# After the list of Fox, C. (1989), "A stop list for general text", SIGIR Forum 24.
MORE_STOP_WORDS = {
    "english": """
        about above after again all also am any because been before being below between both
        can cannot could did do does doing down during each few from further had has have
        having he her here hers him his how i me more most my myself nor off once only other
        our ours out over own same she should so some than them themselves those through too
        under until up very was we were what when where which while who whom why would you
        your yours
    """
}


def fold(word: str) -> str:
    """Return a word in lower case, without accents and in the plainest of equal characters."""
    if word.isascii():
        return word.lower()
    word = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", word).casefold())
    return unicodedata.normalize("NFC", ACCENTS.sub("", word)).translate(LOOKALIKES)


def is_unspaced(token: str) -> bool:
    """Return whether a token is of a script that puts no spaces between words."""
    return bool(UNSPACED_RUN.match(token))


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a word from `start` to `end`; `stem` is empty for words of grammar."""

    start: int
    end: int
    exact: str
    stem: str


@dataclass(frozen=True, slots=True)
class Word:
    """
    What a word of a text is looked for by: its parts, or one of the stems of it as a whole.

    `characters` are those of what has no spaces, for who asks for one of them.
    """

    parts: tuple[Part, ...]
    whole: tuple[str, ...] = ()
    characters: tuple[Part, ...] = ()

    @property
    def stems(self) -> tuple[str, ...]:
        return tuple(part.stem for part in self.parts if part.stem)

    @property
    def exact(self) -> tuple[str, ...]:
        return tuple(part.exact for part in self.parts)

    @property
    def others(self) -> tuple[str, ...]:
        """What finds it besides the stems of its parts."""
        return self.whole + tuple(part.stem for part in self.characters)


class Analyser:
    """
    Divides text into words, and these into what can be compared.

    A stem is in lower case, without accents, stemmed, and not a word of grammar; an exact token
    is in lower case and without accents only. `language` is the English name of a language that
    tantivy can stem; ValueError for another.
    """

    def __init__(self, language: str = "english", stop_words: Iterable[str] = ()) -> None:
        self.language = language
        self.more_stop_words = (*MORE_STOP_WORDS.get(language, "").split(), *stop_words)
        self._local = threading.local()
        # Words come again and again.
        self.stem = lru_cache(MOST_KEPT)(self._stem)
        self.word = lru_cache(MOST_KEPT)(self._word)
        self._stemmer()

    def _stemmer(self) -> tantivy.TextAnalyzer:
        # An analyser of tantivy's cannot be used by two threads at once.
        if not hasattr(self._local, "stemmer"):
            self._local.stemmer = (
                tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
                .filter(tantivy.Filter.stopword(self.language))
                .filter(tantivy.Filter.custom_stopword(list(self.more_stop_words)))
                .filter(tantivy.Filter.stemmer(self.language))
                .filter(tantivy.Filter.ascii_fold())
                .build()
            )
        return self._local.stemmer

    def _stem(self, lower: str) -> str:
        """Return the stem of a word in lower case; empty for a word of grammar."""
        spelt = american(lower) if self.language == "english" else lower
        return "".join(self._stemmer().analyze(spelt))

    def _word(self, surface: str) -> Word:
        """Return what a word, as `SURFACE` finds it, is looked for by."""
        if INITIALS.fullmatch(surface):
            return Word(tuple(self._parts(surface.replace(".", ""), 0, len(surface))))
        number = THOUSANDS.sub("", surface)
        if (number[-1:].isdigit() and number != surface) or VERSION.match(surface):
            plain = VERSION.sub(r"\1", number)
            if not COMPOUND.search(plain):
                return Word(tuple(self._parts(plain, 0, len(surface))))
        parts = [
            part
            for match in PART.finditer(surface)
            for part in self._parts(match[0], match.start(), match.end())
        ]
        whole = []
        if COMPOUND.search(surface):
            joined = fold(COMPOUND.sub("", surface))
            if len(joined.encode()) <= LONGEST_TOKEN:
                whole.append(self.stem(joined))
        if surface[0] == ".":
            whole.append(self.stem(fold(surface[1:])))
        characters = tuple(
            Part(place, place + 1, fold(surface[place]), fold(surface[place]))
            for part in parts
            if is_unspaced(part.exact) and len(part.exact) > 1
            for place in (part.start, part.end - 1)
        )
        return Word(tuple(parts), tuple(stem for stem in whole if stem), characters)

    def _parts(self, text: str, start: int, end: int) -> Iterator[Part]:
        if not UNSPACED_RUN.search(text):
            yield self._part(text, start, end)
            return
        for match in SCRIPT.finditer(text):
            first, run = start + match.start(), match[0]
            if not is_unspaced(run):
                yield self._part(run, first, first + len(run))
                continue
            for place in range(max(1, len(run) - 1)):
                pair = fold(run[place : place + 2])
                yield Part(first + place, first + min(place + 2, len(run)), pair, pair)

    def _part(self, text: str, start: int, end: int) -> Part:
        exact = "".join(fold(text).split())
        if not exact or len(exact.encode()) > LONGEST_TOKEN:
            return Part(start, end, NO_TOKEN, "")
        return Part(start, end, exact, self.stem(exact))

    # Whole texts

    def words(self, text: str) -> list[Word]:
        return [self.word(surface) for surface in SURFACE.findall(text)]

    def exact(self, text: str) -> list[str]:
        """Return the exact tokens of a text."""
        return [part.exact for word in self.words(text) for part in word.parts]

    def stems(self, text: str) -> list[str]:
        """Return the stems of a text."""
        return [part.stem for word in self.words(text) for part in word.parts if part.stem]

    def line_stems(self, text: str) -> str:
        """Return all that finds the words of each line of a text, between spaces."""
        lines = (
            [s for w in self.words(line) for s in w.stems + w.others] for line in text.split("\n")
        )
        return "\n".join(" ".join(["", *stems, ""]) for stems in lines)

    def key(self, text: str) -> str:
        """Return what two titles have in common that are the same but for case and signs."""
        return " ".join(self.exact(unicodedata.normalize("NFC", text)))

    def pairs(self, tokens: list[str]) -> list[str]:
        """Return each two neighbours that are words of grammar as one token; others as none."""
        is_grammar = [token != NO_TOKEN and not self.stem(token) for token in tokens]
        return [
            f"{left}_{right}" if first and second else NO_TOKEN
            for left, right, first, second in zip(
                tokens, tokens[1:], is_grammar, is_grammar[1:], strict=False
            )
        ]


@lru_cache
def analyser(language: str, stop_words: tuple[str, ...] = ()) -> Analyser:
    """Return the one analyser of a language and its stop words, as it remembers words."""
    return Analyser(language, stop_words)


def site_analyser() -> Analyser:
    """Return the analyser of what readers read and ask."""
    return analyser(settings.SEARCH_LANGUAGE.lower(), tuple(settings.SEARCH_STOP_WORDS))
