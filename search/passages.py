"""The piece of a text that shows why it was found, with the words that were asked for marked."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup, escape

from search.analysis import SURFACE, Analyser, fold, unbroken

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
    `html` is escaped and has `<mark>`s; `fragment` is the end of an address at which a browser
    jumps to the passage, empty when nothing was marked.
    """

    html: Markup
    fragment: str = ""


Span = tuple[int, int, str]


def has_any(text: str, wanted: Wanted, analyser: Analyser) -> bool:
    """Whether a text may have anything of what is wanted."""
    if not wanted.stems.isdisjoint(analyser.all_stems(text)):
        return True
    return bool(wanted.phrases) and any(
        map(set(analyser.all_exact(text)).issuperset, wanted.phrases)
    )


def promising(text: str, wanted: Wanted, analyser: Analyser) -> list[tuple[int, str]]:
    """
    The lines of a text that may have something of what is wanted, and how much at most.

    Known much sooner than where they have it.
    """
    plain = unbroken(text)
    # What counts for how much, and of what lists something each must be there.
    signs = [(1, [there]) for there in analyser.signs("stems", wanted.stems, plain).values()]
    for phrase in wanted.phrases:
        tokens = set(phrase)
        there = analyser.signs("exact", tokens, plain)
        if len(there) == len(tokens):
            signs.append((len(tokens), list(there.values())))
    found = []
    for line, plain_line in zip(text.split("\n"), plain.split("\n"), strict=True):
        most = 0
        for value, parts in signs:
            for part in parts:
                # As a loop, as this is what a search does most often.
                for piece in part:
                    if piece in plain_line:
                        break
                else:
                    break
            else:
                most += value
        if most:
            found.append((most, line))
    return found


def places_of(text: str, wanted: Wanted, analyser: Analyser) -> list[Span]:
    """Where a text or a line of it has what is wanted: beginnings, ends and what it is."""
    found: list[Span] = []
    tokens: list[Span] = []
    stems, phrases = wanted.stems, wanted.phrases
    stems_of, exact_of = analyser.kept("stems"), analyser.kept("exact")
    for match in SURFACE.finditer(text):
        word = match[0]
        for stem in stems_of[word]:
            if stem in stems:
                found.append((*match.span(), stem))
        if phrases:
            tokens += [(*match.span(), token) for token in exact_of[word]]
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
    """`places_of` a short text, which seldom has any."""
    return places_of(text, wanted, analyser) if has_any(text, wanted, analyser) else []


def marked(text: str, places: Iterable[Span]) -> Markup:
    """A text as HTML with some places marked."""
    html, last = [], 0
    for start, end, _stem in places:
        if start >= last:
            html += [escape(text[last:start]), "<mark>", escape(text[start:end]), "</mark>"]
            last = end
    # All but the marks is escaped; to format each piece takes five times as long.
    return Markup("".join([*html, escape(text[last:])]))  # noqa: S704


def best_window(places: list[Span], length: int) -> tuple[int, list[Span]]:
    """Of the places that lie within `length`, those that differ the most; and how many do."""
    best, chosen, last = (0, 0), places[:1], 0
    for first in range(len(places)):
        last = max(last, first)
        while last + 1 < len(places) and places[last + 1][1] - places[first][0] <= length:
            last += 1
        window = places[first : last + 1]
        value = len({stem for *_rest, stem in window}), len(window)
        if value > best:
            best, chosen = value, window
    return best[0], chosen


def fragment_of(text: str, start: int) -> str:
    """
    A text fragment that leads to what stands at `start` of a line.

    See https://wicg.github.io/scroll-to-text-fragment/.
    """
    words = text[start:].split()[:FRAGMENT_WORDS]
    return "#:~:text=" + quote(" ".join(words), safe="").replace("-", "%2D") if words else ""


def passage(texts: Iterable[str], wanted: Wanted, analyser: Analyser) -> Passage:
    """
    The first passage that has the most of what is wanted, of texts whose blocks are lines.

    The beginning of the first of the texts when none has any.
    """
    beginning = ""
    lines: list[tuple[int, str]] = []
    for text in texts:
        # An accent beside its letter would end a word.
        text = unicodedata.normalize("NFC", text)
        if len(text) > LONGEST_TEXT:
            # Not in the middle of a word, which would be another one.
            text = text[
                : text.rfind(" ", LONGEST_TEXT - PASSAGE_LENGTH, LONGEST_TEXT) + 1 or LONGEST_TEXT
            ]
        beginning = beginning or text
        lines += promising(text, wanted, analyser)
    most, number = 0, len(lines)
    where: tuple[str, list[Span], list[Span]] = ("", [], [])
    # The most promising first: then few of the others need be looked through.
    for place in sorted(range(len(lines)), key=lambda place: -lines[place][0]):
        bound, line = lines[place]
        if bound < most:
            break
        if bound == most and place > number:
            continue
        places = places_of(line, wanted, analyser)
        count, chosen = best_window(places, PASSAGE_LENGTH)
        if count > most or (count == most and count and place < number):
            most, number, where = count, place, (line, places, chosen)
    if not most:
        start_of_text = " ".join(beginning[: PASSAGE_LENGTH * 2].split())
        piece = cut(start_of_text, 0, 0)[1]
        return Passage(escape(piece) + (" …" if len(piece) < len(beginning) else ""))
    line, places, chosen = where
    start, piece = cut(line, chosen[0][0], max(end for _start, end, _stem in chosen))
    shown = [
        (left - start, right - start, stem)
        for left, right, stem in places
        if left >= start and right <= start + len(piece)
    ]
    html = marked(piece, shown)
    if start:
        html = "… " + html
    if start + len(piece) < len(line):
        html += " …"
    begin = line.rfind(" ", 0, chosen[0][0]) + 1
    return Passage(html, fragment_of(line, begin))


def cut(line: str, first: int, last: int) -> tuple[int, str]:
    """A piece of a line with what stands from `first` to `last`, between two words if it can be."""
    start = max(0, first - max(0, min(PASSAGE_LENGTH // 3, PASSAGE_LENGTH - (last - first))))
    if start:
        sentence = max(line.rfind(mark, start, first) for mark in (". ", "? ", "! "))
        start = sentence + 2 if sentence >= 0 else line.find(" ", start, first) + 1 or start
    if len(line) - start <= PASSAGE_LENGTH:
        return start, line[start:]
    most = max(last, start + PASSAGE_LENGTH)
    end = line.rfind(" ", max(last, start + 1), most + 1)
    return start, line[start : end if end >= 0 else most]


def normal_words(text: str) -> str:
    """A text as it is compared when two queries are the same: folded, lower case, one space."""
    return re.sub(r"\s+", " ", fold(text).casefold()).strip()
