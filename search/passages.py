"""The piece of a text that shows why it was found, with the words that were asked for marked."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from search.analysis import SURFACE, Analyser, fold

PASSAGE_LENGTH = 240
# A text longer than this is not looked through to its end, in characters.
LONGEST_TEXT = 100_000
FRAGMENT_WORDS = 8


@dataclass(frozen=True)
class Wanted:
    """What to mark: single `stems`, and `phrases` of exact tokens."""

    stems: frozenset[str]
    phrases: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Passage:
    """
    `html` is escaped and has `<mark>`s; `found` counts the different words in it; `fragment` is the
    end of an address at which a browser jumps to the passage, empty when nothing was marked.
    """

    html: SafeString
    found: int = 0
    fragment: str = ""


Span = tuple[int, int, str]


@dataclass(frozen=True)
class Sought:
    """
    What of the wanted words a text has: its own `forms` of them, each with its stem, and `phrases`
    whose words it has, with the forms that they may begin with (`heads`).
    """

    forms: dict[str, str]
    phrases: tuple[tuple[str, ...], ...]
    heads: frozenset[str]

    def may_be_in(self, line: str) -> bool:
        """Whether a line of the text is worth being divided into words."""
        return any(form in line for form in self.forms) or any(head in line for head in self.heads)


def sought(text: str, wanted: Wanted, analyser: Analyser) -> Sought:
    """What of the wanted words a text has: known much sooner than where it has them."""
    words = set(SURFACE.findall(text, 0, LONGEST_TEXT))
    stem_of, stems = analyser.stem, wanted.stems
    forms = {word: stem for word in words if (stem := stem_of(word)) in stems}
    if not wanted.phrases:
        return Sought(forms, (), frozenset())
    tokens = {word: analyser.exact_word(word) for word in words}
    there = {token for found in tokens.values() for token in found}
    phrases = tuple(phrase for phrase in wanted.phrases if there.issuperset(phrase))
    begin = {phrase[0] for phrase in phrases}
    heads = (word for word, found in tokens.items() if not begin.isdisjoint(found))
    return Sought(forms, phrases, frozenset(heads))


def places_of(text: str, what: Sought, analyser: Analyser) -> list[Span]:
    """Where a text or a line of it has what was found to be in it."""
    if not what.may_be_in(text):
        return []
    found: list[Span] = []
    tokens: list[Span] = []
    forms, phrases = what.forms, what.phrases
    for match in SURFACE.finditer(text, 0, LONGEST_TEXT):
        word = match[0]
        if word in forms:
            found.append((*match.span(), forms[word]))
        if phrases:
            tokens += [(*match.span(), token) for token in analyser.exact_word(word)]
    for phrase in phrases:
        for first in range(len(tokens) - len(phrase) + 1):
            if tokens[first][2] == phrase[0] and all(
                tokens[first + i][2] == token for i, token in enumerate(phrase)
            ):
                # One piece, and as good as its words.
                start, end = tokens[first][0], tokens[first + len(phrase) - 1][1]
                found += [(start, end, token) for token in phrase]
    # Of two that begin together the longer one is marked.
    return sorted(set(found), key=lambda span: (span[0], -span[1], span[2]))


def spans(text: str, wanted: Wanted, analyser: Analyser) -> list[Span]:
    """Where the wanted words are in a text: their beginnings, ends and what they are."""
    return places_of(text, sought(text, wanted, analyser), analyser)


def marked(text: str, places: Iterable[Span]) -> SafeString:
    """A text as HTML with some places marked."""
    parts, last = [], 0
    for start, end, _stem in places:
        if start >= last:
            parts += [(text[last:start], text[start:end])]
            last = end
    return format_html("{}{}", format_html_join("", "{}<mark>{}</mark>", parts), text[last:])


def best_window(places: list[Span], length: int) -> tuple[int, int]:
    """The first and last index of the places that lie within `length` and differ the most."""
    best, chosen, last = -1.0, (0, 0), 0
    for first in range(len(places)):
        last = max(last, first)
        while last + 1 < len(places) and places[last + 1][1] - places[first][0] <= length:
            last += 1
        window = places[first : last + 1]
        value = len({stem for *_rest, stem in window}) + len(window) / 100
        if value > best:
            best, chosen = value, (first, last)
    return chosen


def fragment_of(text: str, start: int) -> str:
    """
    A text fragment that leads to what stands at `start` of a line.

    See https://wicg.github.io/scroll-to-text-fragment/.
    """
    words = text[start:].split()[:FRAGMENT_WORDS]
    return "#:~:text=" + quote(" ".join(words), safe="").replace("-", "%2D") if words else ""


def passage(text: str, wanted: Wanted, analyser: Analyser) -> Passage:
    """The best passage of a text whose blocks are lines; its beginning when nothing is wanted."""
    best: tuple[float, str, list[Span]] | None = None
    if len(text) > LONGEST_TEXT:
        # Not in the middle of a word, which would be another one.
        text = text[:LONGEST_TEXT].rsplit(None, 1)[0]
    what = sought(text, wanted, analyser)
    for line in text.split("\n"):
        places = places_of(line, what, analyser)
        if places:
            first, last = best_window(places, PASSAGE_LENGTH)
            chosen = places[first : last + 1]
            value = len({stem for *_rest, stem in chosen}) + len(chosen) / 100
            if best is None or value > best[0]:
                best = (value, line, chosen)
    if best is None:
        start_of_text = " ".join(text[: PASSAGE_LENGTH * 2].split())
        piece = cut(start_of_text, 0)[1]
        return Passage(format_html("{}{}", piece, " …" if len(piece) < len(text) else ""))
    _value, line, chosen = best
    start, piece = cut(line, chosen[0][0])
    places = [
        (left - start, right - start, stem)
        for left, right, stem in places_of(line, what, analyser)
        if left >= start and right <= start + len(piece)
    ]
    html = format_html(
        "{}{}{}",
        "… " if start else "",
        marked(piece, places),
        " …" if start + len(piece) < len(line) else "",
    )
    begin = line.rfind(" ", 0, chosen[0][0]) + 1
    return Passage(html, len({stem for *_rest, stem in chosen}), fragment_of(line, begin))


def cut(line: str, first: int) -> tuple[int, str]:
    """A piece of a line with what stands at `first`, from one word's beginning to one's end."""
    start = max(0, first - PASSAGE_LENGTH // 3)
    if start:
        sentence = max(line.rfind(mark, start, first) for mark in (". ", "? ", "! "))
        start = sentence + 2 if sentence >= 0 else line.rfind(" ", 0, start) + 1
    if len(line) - start <= PASSAGE_LENGTH:
        return start, line[start:]
    end = line.rfind(" ", start, start + PASSAGE_LENGTH)
    return start, line[start : end if end > start else start + PASSAGE_LENGTH]


def normal_words(text: str) -> str:
    """A text as it is compared when two queries are the same: folded, lower case, one space."""
    return re.sub(r"\s+", " ", fold(text).casefold()).strip()
