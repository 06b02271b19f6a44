"""The piece of a text that shows why it was found, with the words that were asked for marked."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from urllib.parse import quote

from markupsafe import Markup, escape

from blog.body.reading import NOTE_MARK
from search.analysis import SURFACE, Analyser

PASSAGE_LENGTH = 240
# A line longer than this is not looked through to its end, in characters.
LONGEST_LINE = 20_000
# So many of the lines that may have something are looked through.
MOST_LINES = 200
FRAGMENT_WORDS = 8
# Between the cells of a table's row.
CELL_END = " | "


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


def promising(text: str, stems: str, wanted: Wanted, analyser: Analyser) -> list[tuple[int, str]]:
    """
    Return the lines of a text that may have something of what is wanted, and how much at most.

    `stems` has the stems of each line between spaces, so that this is known much sooner than where
    the line has them.
    """
    # What counts for how much, and which stems must be there; words of grammar have none.
    signs = [(1, [f" {stem} "]) for stem in wanted.stems]
    for phrase in wanted.phrases:
        signs.append((len(phrase), [f" {stem} " for stem in map(analyser.stem, phrase) if stem]))
    signs = [(value, needed) for value, needed in signs if all(part in stems for part in needed)]
    if not signs:
        return []
    return [
        (most, line)
        for line, there in zip(text.split("\n"), stems.split("\n"), strict=False)
        if (most := sum(value for value, needed in signs if all(part in there for part in needed)))
    ]


def places_of(text: str, wanted: Wanted, analyser: Analyser) -> list[Span]:
    """Return where a text or a line has what is wanted: beginnings, ends and what it is."""
    found: list[Span] = []
    tokens: list[Span] = []
    stems, phrases = wanted.stems, wanted.phrases
    for match in SURFACE.finditer(text):
        word, begin = analyser.word(match[0]), match.start()
        for part in (*word.parts, *word.characters):
            if part.stem in stems:
                found.append((begin + part.start, begin + part.end, part.stem))
        if phrases:
            tokens += [(begin + p.start, begin + p.end, p.exact) for p in word.parts]
        found += [(begin, match.end(), stem) for stem in word.whole if stem in stems]
    by_token: dict[str, list[int]] = {}
    for place, (_start, _end, token) in enumerate(tokens):
        by_token.setdefault(token, []).append(place)
    for phrase in phrases:
        for first in by_token.get(phrase[0], ()):
            piece = tokens[first : first + len(phrase)]
            if tuple(token for *_span, token in piece) == phrase:
                # One piece, and as good as its words.
                found += [(piece[0][0], piece[-1][1], token) for token in phrase]
    # Of two that begin together the longer one is marked.
    return sorted(set(found), key=lambda span: (span[0], -span[1], span[2]))


def marked(text: str, places: Iterable[Span]) -> Markup:
    """Return a text as HTML with some places marked; those that overlap are one."""
    spans: list[tuple[int, int]] = []
    for start, end, _stem in places:
        if spans and start < spans[-1][1]:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((start, end))
    html, last = [], 0
    for start, end in spans:
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
    Return a text fragment that leads to what stands at `start` of a line; empty for none.

    It ends with a cell of a table, and before a word that has the number of a note behind it. See
    https://wicg.github.io/scroll-to-text-fragment/.
    """
    words = text[start:].split(CELL_END)[0].split()[:FRAGMENT_WORDS]
    words = list(takewhile(lambda word: NOTE_MARK not in word, words))
    return "#:~:text=" + quote(" ".join(words), safe="").replace("-", "%2D") if words else ""


def passage(texts: Iterable[tuple[str, str, bool]], wanted: Wanted, analyser: Analyser) -> Passage:
    """
    Return the first passage that has the most of what is wanted.

    Each text comes with the stems of its lines, and with whether the page shows it so that a
    browser can jump there. The beginning of the first one when none has any.
    """
    beginning = ""
    lines: list[tuple[int, str, bool]] = []
    for text, stems, is_seen in texts:
        beginning = beginning or (text if is_seen else "")
        lines += [(*line, is_seen) for line in promising(text, stems, wanted, analyser)]
    # The most promising first: then few of the others need be looked through.
    order = sorted(range(len(lines)), key=lambda number: -lines[number][0])
    best, found = (0, 0), None
    for number in order[:MOST_LINES]:
        most, line, is_seen = lines[number]
        if (most, -number) > best:
            line = line[:LONGEST_LINE]
            places = places_of(line, wanted, analyser)
            count, chosen = best_window(places, PASSAGE_LENGTH)
            if count and (count, -number) > best:
                best, found = (count, -number), (line, places, chosen, is_seen)
    return around(*found) if found else opening(beginning)


def opening(text: str) -> Passage:
    """Return the beginning of a text."""
    piece = cut(" ".join(text[: PASSAGE_LENGTH * 2].split()), 0, 0)[1]
    return Passage(escape(piece) + (" …" if len(piece) < len(text) else ""))


def around(line: str, places: list[Span], chosen: list[Span], is_seen: bool) -> Passage:
    """Return the piece of a line that has the chosen ones of its places."""
    first, last = chosen[0][0], max(end for _start, end, _stem in chosen)
    start, piece = cut(line, first, last)
    end = start + len(piece)
    shown = [(a - start, b - start, stem) for a, b, stem in places if a >= start and b <= end]
    html = escape("… " if start else "") + marked(piece, shown) + (" …" if end < len(line) else "")
    begin = line.rfind(" ", 0, first) + 1
    return Passage(html, fragment_of(line, begin) if is_seen else "")


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
