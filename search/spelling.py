"""What a reader may have meant by a word that no page has."""

import gzip
import importlib.resources
import json
import math
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA, Levenshtein

from search.analysis import Analyser, is_unspaced
from search.variants import american

SHORTEST = 4
# From these lengths on two and three letters may be wrong, below them one.
TWO_WRONG = 6
THREE_WRONG = 11
CLOSEST = 24
SHORTEST_HALF = 3
# What is wrong at less than the cost of a letter: the likelier, the less.
SWAPPED = 0.7
NEIGHBOURING = 0.6
DOUBLED = 0.5
VOWELS = 0.75
FIRST = 0.4
ENDING = 0.6
# How many times as many pages make up for how much of a letter.
FREQUENT = 0.12
KEYBOARDS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
LANGUAGES = {
    "arabic": "ar", "dutch": "nl", "english": "en", "french": "fr", "german": "de",
    "italian": "it", "portuguese": "pt", "russian": "ru", "spanish": "es",
}  # fmt: skip


def _neighbours() -> set[tuple[str, str]]:
    found = set()
    for row, keys in enumerate(KEYBOARDS):
        for place, key in enumerate(keys):
            near = [keys[place + 1 : place + 2]]
            if row + 1 < len(KEYBOARDS):
                near += KEYBOARDS[row + 1][max(0, place - 1) : place + 1]
            found |= {pair for other in near if other for pair in ((key, other), (other, key))}
    return found


NEIGHBOURS = _neighbours()
SOUND_ALIKE = set("aeiouy")


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


def cost(typed: str, meant: str) -> float:
    """Return how many letters are wrong, with likely slips of the fingers for less."""
    total = FIRST if typed[:1] != meant[:1] else 0.0
    steps = Levenshtein.editops(typed, meant)
    for step in steps:
        kind, here, there = step.tag, step.src_pos, step.dest_pos
        if kind == "replace":
            pair = typed[here], meant[there]
            if pair in NEIGHBOURS:
                total += NEIGHBOURING
            else:
                total += VOWELS if SOUND_ALIKE.issuperset(pair) else 1
        else:
            word, place = (typed, here) if kind == "delete" else (meant, there)
            total += DOUBLED if place and word[place - 1] == word[place] else 1
    # Two letters that changed places are two steps there, and one here.
    swapped = len(steps) - OSA.distance(typed, meant)
    return total - swapped * (2 - SWAPPED)


class Vocabulary:
    """All words of an index, and which of them are near another word."""

    def __init__(self, words: dict[str, int], analyser: Analyser) -> None:
        self.counts = words
        self.analyser = analyser
        self.by_length: dict[int, list[str]] = {}
        self.by_stem: dict[str, list[str]] = {}
        for word in words:
            if len(word) >= SHORTEST - 1 and word.isalpha() and not is_unspaced(word):
                self.by_length.setdefault(len(word), []).append(word)
                stem = analyser.stem(word)
                if stem and stem != word:
                    self.by_stem.setdefault(stem, []).append(word)
        self.stems_by_length: dict[int, list[str]] = {}
        for stem in self.by_stem:
            self.stems_by_length.setdefault(len(stem), []).append(stem)

    def __contains__(self, word: str) -> bool:
        return word in self.counts

    def near(self, word: str) -> list[str]:
        """
        Return words that differ in a letter or a few, the likeliest first.

        Words whose stems are near are near as well, as of "whistelblower" "whistleblowing" is.
        When nothing is near, `word` may be the beginning of one.
        """
        if len(word) < SHORTEST or not word.isalpha():
            return []
        found: dict[str, float] = {}
        for near in self._within(word, self.by_length, self._most(word)):
            found[near] = cost(word, near) - self._worth(near)
        stem = self.analyser.stem(word)
        if len(stem) >= SHORTEST:
            for other in self._within(stem, self.stems_by_length, self._most(stem)):
                price = cost(stem, other) + ENDING
                for near in self.by_stem[other]:
                    found[near] = min(found.get(near, 99), price - self._worth(near))
        found.pop(word, None)
        ranked = sorted(found, key=lambda near: (found[near], near))
        return ranked[:CLOSEST] or self.finished(word)

    @staticmethod
    def _most(word: str) -> int:
        return 1 + (len(word) >= TWO_WRONG) + (len(word) >= THREE_WRONG)

    def _worth(self, word: str) -> float:
        return FREQUENT * math.log2(1 + self.counts[word])

    @staticmethod
    def _within(word: str, by_length: dict[int, list[str]], most: int) -> list[str]:
        """Return the words that are at most so many letters away; of many, the nearest."""
        found: list[tuple[int, str]] = []
        for length in range(len(word) - most, len(word) + most + 1):
            for near, distance, _index in process.extract(
                word,
                by_length.get(length, ()),
                # Its stub asks for sequences of anything, and a word is one.
                scorer=OSA.distance,
                processor=None,
                score_cutoff=most,
                limit=None,
            ):
                found.append((distance, near))
        found.sort()
        least = found[0][0] if found else 0
        # One letter may be a likelier slip than two, but three never are.
        return [near for distance, near in found if distance <= least + 1][: CLOSEST * 4]

    def finished(self, word: str) -> list[str]:
        """Return words that begin with one that was not finished, that of the most pages first."""
        longer = [
            other
            for length, words in self.by_length.items()
            if length > len(word)
            for other in words
            if other.startswith(word)
        ]
        return sorted(longer, key=lambda other: (-self.counts[other], other))[:CLOSEST]

    def halves(self, word: str) -> list[tuple[str, str]]:
        """Return the ways to divide a word into two of the index, the likeliest first."""
        found = []
        for place in range(SHORTEST_HALF, len(word) - SHORTEST_HALF + 1):
            left, right = word[:place], word[place:]
            if self._has_form(left) and self._has_form(right):
                least = min(self._count(left), self._count(right))
                found.append((-least, left, right))
        return [(left, right) for _least, left, right in sorted(found)]

    def _has_form(self, word: str) -> bool:
        return word in self.counts or self.analyser.stem(word) in self.by_stem

    def _count(self, word: str) -> int:
        forms = self.by_stem.get(self.analyser.stem(word), ())
        return max([self.counts.get(word, 0), *(self.counts[form] for form in forms)])
