"""How text becomes words that can be compared: the same for what is written and what is asked."""

import re
import threading
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, filterfalse

import tantivy

# A number keeps its decimal point, a word its apostrophe; a hyphen and an underscore divide.
TOKEN = r"\d+(?:\.\d+)+|[^\W_]+(?:'[^\W_]+)*"  # noqa: S105
WORD = re.compile(TOKEN)
# As a text has them before it is folded.
SURFACE = re.compile(r"\d+(?:[.,]\d+|[\u00a0\u202f]\d{3}(?!\d))+|[^\W_]+(?:['’ʼ\xad][^\W_]+)*")
NO_BREAK = "\u00a0", "\u202f"
HYPHENATED = re.compile(r"[^\W\d_]+(?:[-‐‑][^\W\d_]+)+")
THOUSANDS = re.compile(r"(?<=\d)[,\u00a0\u202f](?=\d{3}(?!\d))")
MAY_HAVE_THOUSANDS = re.compile(r"\d[,\u00a0\u202f]\d")
LOOKALIKES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "′": "'", "‐": "-", "‑": "-", "\xad": ""})
# In bytes; so many characters never have more.
LONGEST_TOKEN = 60
SHORT = 14
# How many pieces of texts are kept with their tokens.
MOST_PIECES = 50_000
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
    """Text whose numbers are one piece, with as many lines: folded where that makes a change."""
    return fold(text) if any(space in text for space in NO_BREAK) else text


class Pieces(dict[str, tuple[str, ...]]):
    """
    What stands between two spaces in the texts that were looked through, with its tokens.

    The same pieces stand in many texts, and a token is in few of them. Pieces that are longer than
    a token may be are not kept.
    """

    def __init__(self, tokens_of: Callable[[str], Iterable[str]]) -> None:
        self.tokens_of = tokens_of
        self._having: defaultdict[str, set[str]] = defaultdict(set)
        self._signs: dict[str, tuple[int, list[str]]] = {}
        self._texts: set[int] = set()

    def __missing__(self, piece: str) -> tuple[str, ...]:
        tokens = tuple(self.tokens_of(piece))
        if len(piece) <= LONGEST_TOKEN:
            for token in tokens:
                self._having[token].add(piece)
            # Last, so that a piece that is known to another thread has all its tokens.
            self[piece] = tokens
        return tokens

    def learn(self, text: str) -> list[str]:
        """Get to know all pieces of a text; returns those that are too long to be kept."""
        key = hash(text)
        if key in self._texts:
            return []
        pieces = set(text.split())
        for piece in filterfalse(self.__contains__, pieces):
            self[piece]
        long = [piece for piece in pieces if len(piece) > LONGEST_TOKEN]
        if not long and len(self._texts) < MOST_PIECES:
            self._texts.add(key)
        return long

    def signs(self, token: str) -> list[str]:
        """What a text has, of all texts that were learnt, if one of its pieces has the token."""
        having = self._having.get(token)
        if not having:
            return []
        count, signs = self._signs.get(token, (0, []))
        if count != len(having):
            pieces = sorted(having.copy(), key=len)
            signs = []
            for piece in pieces:
                # "run" is in all that "running" is in.
                if not any(sign in piece for sign in signs):
                    signs.append(piece)
            self._signs[token] = len(pieces), signs
        return signs


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
        self._pieces = {"stems": Pieces(self.stems), "exact": Pieces(self.exact)}

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

    def pieces(self, kind: str) -> Pieces:
        """The pieces of texts that were met before, with their `stems` or `exact` tokens."""
        pieces = self._pieces[kind]
        if len(pieces) >= MOST_PIECES:
            # Another, as threads may be reading this one.
            pieces = self._pieces[kind] = Pieces(pieces.tokens_of)
        return pieces

    def signs(self, kind: str, tokens: Iterable[str], text: str) -> dict[str, list[str]]:
        """For those of the tokens that a text may have, what it or a line of it has then."""
        known = self.pieces(kind)
        long = known.learn(text)
        found = {token: known.signs(token) for token in tokens}
        for piece in long:
            for token in found.keys() & known[piece]:
                found[token] = [*found[token], piece]
        return {token: signs for token, signs in found.items() if signs}

    def all_stems(self, text: str) -> Iterator[str]:
        """The `stems` of a long text, most of whose pieces were met before."""
        return chain.from_iterable(map(self.pieces("stems").__getitem__, unbroken(text).split()))

    def all_exact(self, text: str) -> Iterator[str]:
        """The `exact` tokens of a long text, with "" in the place of one that is too long."""
        known = self.pieces("exact")
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
        is_grammar = [not stems for stems in map(self.pieces("stems").__getitem__, tokens)]
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
