"""How text becomes words that can be compared: the same for what is written and what is asked."""

import re
import threading
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

import tantivy

# A number keeps its decimal point, a word its apostrophe; a hyphen and an underscore divide.
TOKEN = r"\d+(?:\.\d+)+|[^\W_]+(?:'[^\W_]+)*"  # noqa: S105
WORD = re.compile(TOKEN)
# As a text has them before it is folded.
SURFACE = re.compile(r"\d+(?:[.,]\d+|[\u00a0\u202f]\d{3}(?!\d))+|[^\W_]+(?:['’‘ʼ′\xad][^\W_]+)*")
NO_BREAK = "\u00a0", "\u202f"
HYPHENATED = re.compile(r"[^\W\d_]+(?:[-‐‑][^\W\d_]+)+")
THOUSANDS = re.compile(r"(?<=\d)[,\u00a0\u202f](?=\d{3}(?!\d))")
MAY_HAVE_THOUSANDS = re.compile(r"\d[,\u00a0\u202f]\d")
LOOKALIKES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "′": "'", "‐": "-", "‑": "-", "\xad": ""})
# In bytes; so many characters never have more.
LONGEST_TOKEN = 60
SHORT = 14
# How many words are kept with their tokens.
MOST_KEPT = 50_000
# No token has an underscore.
NO_PAIR = "_"

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


def fold(text: str) -> str:
    """Text with its quotes straight, its soft hyphens gone and "340,000" as "340000"."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(LOOKALIKES)
    # Twice, as the matches of one pass do not overlap: 1,234,567.
    return THOUSANDS.sub("", THOUSANDS.sub("", text)) if MAY_HAVE_THOUSANDS.search(text) else text


def unbroken(text: str) -> str:
    """
    Text that spaces divide as they divide tokens, with as many lines.

    Folded where a number is written with spaces that do not break.
    """
    return fold(text) if any(space in text for space in NO_BREAK) else text


class Kept(dict[str, tuple[str, ...]]):
    """The tokens of words, and of what stands between two spaces, that were met before."""

    def __init__(self, tokens_of: Callable[[str], Iterable[str]]) -> None:
        self.tokens_of = tokens_of

    def __missing__(self, piece: str) -> tuple[str, ...]:
        tokens = tuple(self.tokens_of(piece))
        if len(piece) <= LONGEST_TOKEN:
            self[piece] = tokens
        return tokens

    def is_full(self) -> bool:
        return len(self) >= MOST_KEPT


class Signs:
    """
    By what one sees at once that a text may have a token: the words that have it, as written.

    They are few, and known of all texts that were learnt.
    """

    def __init__(self, tokens_of: Callable[[str], Iterable[str]]) -> None:
        self.tokens_of = tokens_of
        self._signs: defaultdict[str, list[str]] = defaultdict(list)
        self._pieces: set[str] = set()
        self._texts: set[int] = set()
        self._learning = threading.Lock()

    def is_full(self) -> bool:
        return max(map(len, (self._signs, self._pieces, self._texts))) >= MOST_KEPT

    def learn(self, text: str) -> None:
        """Get to know the words of a text."""
        key = hash(text)
        if key in self._texts:
            return
        # Pieces that are too long to be words are met once, and not kept.
        for piece in set(text.split()).difference(self._pieces):
            with self._learning:
                self._learn(piece)
        self._texts.add(key)

    def _learn(self, piece: str) -> None:
        tokens = set(self.tokens_of(piece))
        for word in SURFACE.findall(piece):
            for token in set(self.tokens_of(word)):
                self._add(token, word)
                tokens.discard(token)
        for token in tokens:
            self._add(token, piece)
        if len(piece) <= LONGEST_TOKEN:
            self._pieces.add(piece)

    def _add(self, token: str, word: str) -> None:
        signs = self._signs[token]
        # "run" is in all that "running" is in.
        if not any(sign in word for sign in signs):
            self._signs[token] = [sign for sign in signs if word not in sign] + [word]

    def of(self, token: str) -> list[str]:
        return self._signs.get(token, [])


class Analyser:
    """
    Divides text into tokens.

    `stems` are for finding (lower case, without accents, stemmed, without stop words), `exact` for
    quotations and spelling (lower case and without accents only). `language` is the English name
    of a language that tantivy can stem; ValueError for another.
    """

    def __init__(self, language: str = "english", stop_words: Iterable[str] = ()) -> None:
        self.language = language
        self.more_stop_words = (*MORE_STOP_WORDS.get(language, "").split(), *stop_words)
        self._local = threading.local()
        self.build_exact()
        self.build_stems()
        self._kept = {"stems": Kept(self.stems), "exact": Kept(self.exact)}
        self._signs = {"stems": Signs(self.stems), "exact": Signs(self.exact)}

    def _builder(self) -> tantivy.TextAnalyzerBuilder:
        return (
            tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(TOKEN))
            .filter(tantivy.Filter.remove_long(LONGEST_TOKEN))
            .filter(tantivy.Filter.lowercase())
            .filter(tantivy.Filter.ascii_fold())
        )

    def build_exact(self) -> tantivy.TextAnalyzer:
        return self._builder().build()

    def build_stems(self) -> tantivy.TextAnalyzer:
        return (
            self._builder()
            .filter(tantivy.Filter.stopword(self.language))
            .filter(tantivy.Filter.custom_stopword(list(self.more_stop_words)))
            .filter(tantivy.Filter.stemmer(self.language))
            .build()
        )

    def build_pairs(self) -> tantivy.TextAnalyzer:
        """Of what `pairs` makes, joined by spaces; what is left out leaves its place free."""
        return (
            tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
            .filter(tantivy.Filter.custom_stopword([NO_PAIR]))
            .build()
        )

    def _analyse(self, kind: str, text: str) -> list[str]:
        # An analyser of tantivy's cannot be used by two threads at once.
        analyser = getattr(self._local, kind, None)
        if analyser is None:
            analyser = getattr(self, f"build_{kind}")()
            setattr(self._local, kind, analyser)
        return analyser.analyze(fold(text))

    def exact(self, text: str) -> list[str]:
        return self._analyse("exact", text)

    def stems(self, text: str) -> list[str]:
        return self._analyse("stems", text)

    def kept(self, kind: str) -> Kept:
        """The `stems` or `exact` tokens of words and pieces of texts."""
        kept = self._kept[kind]
        if kept.is_full():
            # Another, as threads may be reading this one.
            kept = self._kept[kind] = Kept(kept.tokens_of)
        return kept

    def signs(self, kind: str, tokens: Iterable[str], text: str) -> dict[str, list[str]]:
        """For those of the tokens that a text may have, what it or a line of it has then."""
        known = self._signs[kind]
        if known.is_full():
            known = self._signs[kind] = Signs(known.tokens_of)
        known.learn(text)
        return {token: signs for token in tokens if (signs := known.of(token))}

    def all_stems(self, text: str) -> Iterator[str]:
        """The `stems` of a long text, most of whose pieces were met before."""
        return chain.from_iterable(map(self.kept("stems").__getitem__, unbroken(text).split()))

    def all_exact(self, text: str) -> Iterator[str]:
        """The `exact` tokens of a long text, with "" in the place of one that is too long."""
        known = self.kept("exact")
        for piece in fold(text).split():
            if len(piece) <= SHORT:
                yield from known[piece]
            else:
                yield from (next(iter(self.exact(word)), "") for word in WORD.findall(piece))

    def pairs(self, tokens: Sequence[str]) -> list[str]:
        """
        Each two neighbours of exact tokens as one token, where both are words of grammar.

        `NO_PAIR` stands for all others, so that each keeps its place.
        """
        is_grammar = [not stems for stems in map(self.kept("stems").__getitem__, tokens)]
        return [
            f"{left}_{right}" if first and second else NO_PAIR
            for left, right, first, second in zip(
                tokens, tokens[1:], is_grammar, is_grammar[1:], strict=False
            )
        ]

    @staticmethod
    def joined(text: str) -> list[str]:
        """The hyphenated words of a text, written as one: "wellbeing" for "well-being"."""
        words = " ".join(word for word in text.split() if "-" in word or "‐" in word)
        return [re.sub(r"[-‐‑]", "", word) for word in HYPHENATED.findall(words)]
