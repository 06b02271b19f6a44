"""What a reader may have meant by a word that no page has."""

from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4
# From this length on two letters may be wrong, below it one.
LONG = 7
CLOSEST = 24


class Vocabulary:
    """All words of an index, and which of them are near another word."""

    def __init__(self, words: dict[str, int]) -> None:
        self.counts = words
        self.by_length: dict[int, list[str]] = {}
        for word in words:
            if len(word) >= SHORTEST - 1 and not word[0].isdigit():
                self.by_length.setdefault(len(word), []).append(word)

    def __contains__(self, word: str) -> bool:
        return word in self.counts

    def near(self, word: str) -> list[str]:
        """
        Words that differ in a letter or two, the likeliest first.

        A neighbouring pair of letters that changed places is one difference (optimal string
        alignment). Fewer differences come first, then the same first letter, then the words of
        more pages. When nothing is near, `word` may be the beginning of one.
        """
        if len(word) < SHORTEST or not word.isalpha():
            return []
        most = 2 if len(word) >= LONG else 1
        found: list[tuple[float, bool, int, str]] = []
        for length in range(len(word) - most, len(word) + most + 1):
            candidates: Iterable[str] = self.by_length.get(length, ())
            for near, distance, _index in process.extract(
                word,
                candidates,
                # Its stub asks for sequences of anything, and a word is one.
                scorer=OSA.distance,  # type: ignore[arg-type]
                processor=None,
                score_cutoff=most,
                limit=None,
            ):
                if near != word:
                    found.append((distance, near[0] != word[0], -self.counts[near], near))
        found.sort()
        return [near for *_rest, near in found[:CLOSEST]] or self.finished(word)

    def finished(self, word: str) -> list[str]:
        """Words that begin with one that was not finished, that of the most pages first."""
        longer = [
            other
            for length, words in self.by_length.items()
            if length > len(word)
            for other in words
            if other.startswith(word)
        ]
        return sorted(longer, key=lambda other: (-self.counts[other], other))[:CLOSEST]
