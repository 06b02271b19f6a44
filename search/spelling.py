"""What a reader may have meant by a word that no page has."""

import gzip
import importlib.resources
import json
import math
import threading
import time
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from search.analysis import Analyser, is_unspaced
from search.engine import Reader
from search.variants import american
from search.visible import visible_pages

# How long the list of all words may be out of date, in seconds.
LIST_AGE = 60
SHORTEST = 4
# From these lengths on two and three letters may be wrong, below them one.
TWO_WRONG = 6
THREE_WRONG = 11
CLOSEST = 24
SHORTEST_HALF = 3
MOST_HALVES = 5
# What another ending costs, in letters that are wrong.
ENDING = 0.6
# How much of a letter is made up for by twice as many pages.
FREQUENT = 0.12
LANGUAGES = {
    "arabic": "ar", "dutch": "nl", "english": "en", "french": "fr", "german": "de",
    "italian": "it", "portuguese": "pt", "russian": "ru", "spanish": "es",
}  # fmt: skip


@lru_cache
def real_words(language: str) -> frozenset[str]:
    """Return the words of a language's word list, in lower case; none where there is no list."""
    code = LANGUAGES.get(language)
    if code is None:
        return frozenset()
    # Only the lists of that package are wanted; to load them with it takes a second.
    lists = importlib.resources.files("spellchecker") / "resources"
    with (lists / f"{code}.json.gz").open("rb") as file:
        return frozenset(json.loads(gzip.decompress(file.read())))


def is_real(word: str, language: str) -> bool:
    """Return whether a word is one of its language, so that who typed it probably meant it."""
    lower = word.casefold().replace("’", "'").removesuffix("'s")
    listed = real_words(language)
    # The English list has more of the American spellings.
    return lower in listed or (language == "english" and american(lower) in listed)


def within(word: str, others: Iterable[str]) -> list[tuple[str, float]]:
    """Return those of some words that differ by no more letters than may be wrong, and how many."""
    if len(word) < SHORTEST:
        return []
    most = 1 + (len(word) >= TWO_WRONG) + (len(word) >= THREE_WRONG)
    found = process.extract(
        word,
        list(others),
        # Its stub asks for sequences of anything, and a word is one.
        scorer=OSA.distance,
        score_cutoff=most,
        limit=None,
    )
    return [(near, distance) for near, distance, _index in found]


class Vocabulary:
    """All words of an index with their numbers of pages, and which are near another word."""

    def __init__(self, counts: dict[str, int], analyser: Analyser) -> None:
        self.counts = counts
        self.analyser = analyser
        # By themselves without an apostrophe, which is left out more often than a letter.
        self.plain = {
            plain: word
            for word in counts
            if (plain := word.replace("'", "")).isalpha()
            and len(plain) >= SHORTEST - 1
            and not is_unspaced(plain)
        }
        self.by_stem: dict[str, list[str]] = {}
        for word in self.plain.values():
            self.by_stem.setdefault(analyser.stem(word), []).append(word)

    def near(self, word: str) -> list[str]:
        """
        Return words that differ in a letter or a few, the likeliest first.

        Words whose stems are near are near as well, as of "whistelblower" "whistleblowing" is.
        When nothing is near, `word` may be the beginning of one.
        """
        if len(word) < SHORTEST or not word.isalpha():
            return []
        wrong = {self.plain[near]: distance for near, distance in within(word, self.plain)}
        for stem, distance in within(self.analyser.stem(word), self.by_stem):
            for near in self.by_stem[stem]:
                wrong[near] = min(wrong.get(near, math.inf), distance + ENDING)
        wrong.pop(word, None)
        for near in wrong:
            wrong[near] -= FREQUENT * math.log2(1 + self.counts[near])
        likely = sorted(wrong, key=lambda near: (wrong[near], near))
        return likely[:CLOSEST] or self.finished(word)

    def finished(self, word: str) -> list[str]:
        """Return words that begin with one that was not finished, that of the most pages first."""
        longer = [other for other in self.plain if other.startswith(word) and other != word]
        counted = [(-self.counts[self.plain[other]], self.plain[other]) for other in longer]
        return [other for _count, other in sorted(counted)[:CLOSEST]]

    def halves(self, word: str) -> list[tuple[str, str]]:
        """Return the ways to divide a word into two of the index, the likeliest first."""
        places = range(SHORTEST_HALF, len(word) - SHORTEST_HALF + 1)
        counted = [(self._count(word[:p]), self._count(word[p:]), p) for p in places]
        likely = sorted(counted, key=lambda pair: (-min(pair[:2]), pair[2]))
        return [(word[:p], word[p:]) for left, right, p in likely if left and right][:MOST_HALVES]

    def _count(self, word: str) -> int:
        forms = (word, *self.by_stem.get(self.analyser.stem(word), ()))
        return max(self.counts.get(form, 0) for form in forms)


# The last list of all words, with the state of the index and the time at which it was read.
_kept: tuple[object, float, Vocabulary] | None = None
_reading = threading.Lock()


def vocabulary(reader: Reader) -> Vocabulary:
    """Return all words of the index; at most `LIST_AGE` seconds old when it was asked for."""
    global _kept
    with _reading:
        now = time.monotonic()
        if _kept is None or (_kept[0] != reader.state and now - _kept[1] > LIST_AGE):
            words = Vocabulary(dict(reader.terms("exact")), reader.analyser)
            _kept = reader.state, now, words
        return _kept[2]


def corrections(reader: Reader, words: Iterable[str]) -> dict[str, str]:
    """Return words that no page has, and what may have been meant by them."""
    listed = vocabulary(reader)

    def is_told(word: str) -> bool:
        # The list may be older than what hid the last page that has the word.
        return bool(visible_pages(reader.bearers("exact", word)))

    found = {}
    for word in words:
        exact = reader.analyser.exact(word)
        if len(exact) != 1 or (exact[0] in listed.counts and is_told(exact[0])):
            continue
        meant = in_two(reader, listed, exact[0]) or next(filter(is_told, listed.near(exact[0])), "")
        if meant:
            found[word] = meant
    return found


def in_two(reader: Reader, listed: Vocabulary, word: str) -> str:
    """Return the two words that one is made of, with a hyphen if they stand side by side."""
    language = reader.analyser.language
    apart = ""
    for pair in listed.halves(word):
        stems = [reader.analyser.stem(half) for half in pair]
        if not all(stem and visible_pages(reader.bearers("stems", stem)) for stem in stems):
            continue
        if reader.neighbours(stems):
            return "-".join(pair)
        if not apart and all(is_real(half, language) for half in pair):
            apart = " ".join(pair)
    return apart
