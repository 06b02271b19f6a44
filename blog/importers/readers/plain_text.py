"""
Reads a weblog that was saved as plain text.

A line with a date begins a day. The paragraph after it is a title, and paragraphs follow, separated
by empty lines. Another post of the day begins with its title, without a date before it. Whether a
paragraph is such a title is decided by `looks_like`. Days with an uncertain one are reported and
not imported until a person decides.
"""

import calendar
import datetime as dt
import html
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from itertools import zip_longest
from pathlib import Path

from blog import slugs
from blog.importers.imported import (
    CONTROL_CHARACTERS,
    ArchiveError,
    ImportedPost,
    Item,
    Options,
    Problem,
)

NAME = "plain_text"

WEEKDAYS = [name.lower() for name in calendar.day_name]
MONTHS = [name.lower() for name in calendar.month_name[1:]]

# "Tuesday, 21 October 2014", "Tuesday 21st October, 2014" and "Tuesday, October 21, 2014".
DATE_LINE = re.compile(
    rf"""(?:(?P<weekday>{"|".join(WEEKDAYS)})[ ]?,?[ ]+)?
    (?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ ]+(?P<month>{"|".join(MONTHS)})
      |(?P<month_first>{"|".join(MONTHS)})[ ]+(?P<day_second>\d{{1,2}})(?:st|nd|rd|th)?)
    ,?[ ]+(?P<year>[12]\d{{3}})\.?""",
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)

# What may stand round a date on its line, such as a place.
ROUND = re.compile(r"[^.!?]{0,40}")

# A longer paragraph is not a certain title, in characters.
SHORT = 90
# A longer paragraph is not a title, in characters.
LONG = 160

CLOSING = "\"'”’)]»"
OPENING = "\"'“‘([«"
ELLIPSIS = re.compile(r"(?:…|\.\s?\.\s?\.)$")
# A last word whose full stop need not end a sentence: an initial or a common abbreviation.
ABBREVIATION = re.compile(
    r"(?:\.\w|(?<![\w'’])[A-Z]"
    r"|\b(?:Mr|Mrs|Ms|Dr|St|Jr|Sr|Co|Ltd|Inc|plc|No|Vol|etc|et al|vs|cf))\.$"
)
# The end of a sentence and the beginning of another.
TWO_SENTENCES = re.compile(r"[.!?…][\"'”’)\]]*\s+[\"'“‘(\[]*[A-Z]")
# Pronouns of a speaker, and words with which a question or an aside begins. Titles that end in a
# question mark or an ellipsis may have them too, so such a line is uncertain.
SPEAKER = re.compile(r"\b(?:I|me|my|we|us|our|you|your)\b|\bI[’']", re.I)
ASIDE = re.compile(
    r"(?:and|but|or|nor|so|yet|then|if|because|who|whom|whose|what|when|where|why|which|how|is|are|was"
    r"|were|am|do|does|did|has|have|had|can|could|shall|should|will|would|may|might|must|it|they|he|she"
    r"|this|that|these|those|there|isn|aren|wasn|weren|don|doesn|didn|hasn|haven|hadn|can|couldn|won"
    r"|wouldn|shouldn|really|indeed|well|yes|no|not|perhaps|maybe|oh)\b",
    re.I,
)


class Kind(Enum):
    TITLE = "a title"
    PROSE = "a paragraph"
    EITHER = "a title or a short paragraph"


@dataclass(frozen=True)
class Paragraph:
    """Lines without an empty one between them. `line` is the number of the first, from 1."""

    line: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The paragraph on one line."""
        return " ".join(self.lines)


@dataclass
class Draft:
    """A post while it is being read."""

    title: Paragraph
    paragraphs: list[Paragraph] = field(default_factory=list)


@dataclass
class Day:
    """A line with a date and what follows up to the next. `date` is None if it does not exist."""

    line: int
    date: dt.date | None
    paragraphs: list[Paragraph] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    undecided: bool = False


def decode(data: bytes) -> str:
    """
    Return the text of a file in UTF-8, with or without a byte order mark, with "\\n" as line ends.

    Raise ArchiveError with the position of what is no such text.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The error counts positions without the byte order mark.
        start = error.start + len(data) - len(error.object)
        line = data.count(b"\n", 0, start) + 1
        raise ArchiveError(
            f"The file is not UTF-8: line {line} has the byte 0x{data[start]:02X} at position"
            f" {start}. Save it as UTF-8 and try again."
        ) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise ArchiveError("The file is empty.")
    # A form feed separates paragraphs like an empty line.
    text = text.replace("\f", "\n")
    if found := CONTROL_CHARACTERS.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise ArchiveError(
            f"The file is not plain text: line {line} has the character U+{ord(found[0]):04X},"
            " which no page can show. Remove it and try again."
        )
    return text


def looks_like(paragraph: Paragraph) -> Kind:
    """
    Return what kind of text a paragraph is, regardless of those around it.

    It is prose if it has several lines or more than 160 characters, begins with a small letter, or
    ends in a full stop, colon, semicolon, comma or dash.

    Otherwise it is a title if it is one sentence of at most 90 characters that either has at least
    three words and no mark at the end, or has at least four words, ends in a question mark, an
    exclamation mark or an ellipsis, does not contain "I", "we" or "you", and does not begin like a
    question or an aside.

    Anything else may be either.
    """
    text = paragraph.text.strip()
    words = text.split()
    core = text.rstrip(CLOSING)
    opening = text.lstrip(OPENING)
    trails = bool(ELLIPSIS.search(core))
    if (
        len(paragraph.lines) > 1
        or len(text) > LONG
        or opening[:1].islower()
        or core.endswith((":", ";", ",", "–", "—", "-"))
        or not any(letter.isalnum() for letter in text)
    ):
        return Kind.PROSE
    if core.endswith(".") and not trails:
        return Kind.EITHER if ABBREVIATION.search(core) and len(text) <= SHORT else Kind.PROSE
    if trails or core.endswith(("?", "!")):
        if len(text) > SHORT:
            return Kind.PROSE
        certain = len(words) >= 4 and not SPEAKER.search(text) and not ASIDE.match(opening)
    else:
        certain = len(words) >= 3 and len(text) <= SHORT
    quoted = text[0] in OPENING and text[-1] in CLOSING
    whole = not TWO_SENTENCES.search(text) and not DATE_LINE.fullmatch(text)
    return Kind.TITLE if certain and whole and not quoted else Kind.EITHER


def claims(path: Path, head: bytes) -> bool:
    """Return whether a file is text with a line that is a date."""
    if path.suffix.lower() not in {".txt", ".text", ""} or b"\x00" in head:
        return False
    lines = head.decode("utf-8-sig", errors="replace").splitlines()
    return any(DATE_LINE.fullmatch(line.strip()) for line in lines)


def read(paths: list[Path], root: Path, options: Options) -> Iterator[Item]:
    """
    Yield the posts of the files, and problems for the days that are uncertain.

    The posts of a day are dated from noon on, a minute apart, so that a list of the newest first
    has the order of the file. In a file with the oldest day first, so is the first post of a day.
    """
    for path in paths:
        posts, undecided, problems = parse(path.read_bytes(), options, path.name)
        yield from problems
        for post in undecided:
            message = f"“{post.title}” is held back until its day is clear."
            yield Problem(post.line, message, path.name, is_loss=True)
        yield from posts


def parse(
    data: bytes, options: Options, file: str = ""
) -> tuple[list[ImportedPost], list[ImportedPost], list[Problem]]:
    """
    Return the posts of an archive, those that are held back as their day is uncertain, and why.

    Raise ArchiveError for a file that is no such archive, and for a number in the options that is
    not the line of a paragraph.
    """
    reader = _Reader(decode(data), set(options.titles), set(options.paragraphs), file)
    posts, undecided = reader.posts(options.zone)
    return posts, undecided, sorted(reader.problems, key=_line)


class _Reader:
    def __init__(self, text: str, titles: set[int], paragraphs: set[int], file: str = "") -> None:
        self.file = file
        self.lines = text.split("\n")
        self.titles = titles
        self.prose = paragraphs
        self.problems: list[Problem] = []
        self.days: list[Day] = []

    def posts(self, zone: dt.tzinfo) -> tuple[list[ImportedPost], list[ImportedPost]]:
        """Return the certain posts, and those of days that are uncertain."""
        self._split()
        for day in self.days:
            self._find_posts(day)
        return self._posts(zone)

    def _report(self, line: int, message: str, is_loss: bool = False) -> None:
        self.problems.append(Problem(line, message, self.file, is_loss))

    def _split(self) -> None:
        """Divide the file into days, and these into paragraphs."""
        matches = [DATE_LINE.fullmatch(line.strip()) for line in self.lines]
        # If dates have a weekday, a date without one is text.
        with_weekday = any(match and match["weekday"] for match in matches)
        before: list[int] = []
        lines: list[str] = []
        inside: set[int] = set()
        settled = self.titles | self.prose

        def end_paragraph(number: int) -> None:
            if lines:
                self.days[-1].paragraphs.append(Paragraph(number - len(lines), tuple(lines)))
                lines.clear()

        for number, (line, match) in enumerate(zip(self.lines, matches, strict=True), start=1):
            if match and (match["weekday"] or not with_weekday) and number not in settled:
                if not lines:
                    self._open_day(number, match)
                    continue
                self._report(
                    number,
                    "A date within a paragraph. If it opens a day, put an empty line before it; if"
                    f" it belongs to the paragraph, say --paragraph {number}.",
                )
                self.days[-1].undecided = True
            elif number not in settled and not lines and self.days and _nearly_a_date(line):
                self._report(
                    number,
                    "A date with other words on its line. If it opens a day, leave it alone on the"
                    f" line; if it belongs to the text, say --paragraph {number}.",
                )
                self.days[-1].undecided = True
            if not line.strip():
                end_paragraph(number)
            elif not self.days:
                before.append(number)
            else:
                if number in self.titles:
                    end_paragraph(number)
                lines.append(line.strip(" \t"))
                inside.add(number)
                if number in self.titles:
                    end_paragraph(number + 1)
        end_paragraph(len(self.lines) + 1)

        if not self.days:
            raise ArchiveError(
                "The file is no archive of dated posts: no line is a date such as"
                " “Tuesday, 21 October 2014”."
            )
        if before:
            self._report(before[0], "Text before the first date is not imported.", is_loss=True)
        for option, numbers in (("--title", self.titles), ("--paragraph", self.prose)):
            if wrong := sorted(numbers - inside):
                raise ArchiveError(
                    f"{option} {wrong[0]}: that line is not one of a day's paragraphs."
                )
        if both := sorted(self.titles & self.prose):
            raise ArchiveError(f"Line {both[0]} cannot be a title and a paragraph.")

    def _open_day(self, number: int, match: re.Match[str]) -> None:
        written = match[0]
        month = MONTHS.index((match["month"] or match["month_first"]).lower()) + 1
        try:
            date = dt.date(int(match["year"]), month, int(match["day"] or match["day_second"]))
        except ValueError:
            self._report(number, f"“{written}” is no date of the calendar. Correct it in the file.")
            self.days.append(Day(number, None, undecided=True))
            return
        day = Day(number, date)
        weekday = WEEKDAYS[date.weekday()]
        if match["weekday"] and match["weekday"].lower() != weekday:
            self._report(
                number,
                f"“{written}” was a {weekday.capitalize()}. Correct the weekday or the date in the"
                " file.",
            )
            day.undecided = True
        self.days.append(day)

    def _kind(self, paragraph: Paragraph) -> Kind:
        numbers = range(paragraph.line, paragraph.line + len(paragraph.lines))
        if self.titles.intersection(numbers):
            return Kind.TITLE
        if self.prose.intersection(numbers):
            return Kind.PROSE
        return looks_like(paragraph)

    def _find_posts(self, day: Day) -> None:
        """Divide a day into posts, and report where that is uncertain."""
        for paragraph, after in zip_longest(day.paragraphs, day.paragraphs[1:]):
            last = day.drafts[-1] if day.drafts else None
            if last is None:
                if not self._may_open(paragraph):
                    day.undecided = True
                day.drafts.append(Draft(paragraph))
            elif paragraph.line in self.titles:
                day.drafts.append(Draft(paragraph))
            else:
                kind = self._kind(paragraph)
                # A post has at least one paragraph, so what follows a title or ends a day is not
                # a title.
                inner = bool(last.paragraphs) and after is not None
                fits = inner and self._can_begin_post(last.paragraphs[-1], after)
                if (kind is Kind.TITLE and not fits) or (kind is Kind.EITHER and inner):
                    day.undecided = True
                    self._report(
                        paragraph.line,
                        f"“{paragraph.text.strip()}” may be the title of a further post or a short"
                        f" paragraph. Say --title {paragraph.line} or"
                        f" --paragraph {paragraph.line}.",
                    )
                if kind is Kind.TITLE and inner:
                    day.drafts.append(Draft(paragraph))
                else:
                    last.paragraphs.append(paragraph)
        if not day.drafts:
            self._report(day.line, "Nothing follows this date.")
        for draft in day.drafts:
            if not draft.paragraphs:
                day.undecided = True
                self._report(draft.title.line, "A title without a paragraph after it.")

    def _may_open(self, paragraph: Paragraph) -> bool:
        """Return whether the first paragraph of a day can be a title. Report it if not."""
        line = paragraph.line
        if line in self.titles:
            return True
        if len(paragraph.lines) > 1:
            self._report(
                line,
                "A title was expected after the date, and here are several lines together. If line"
                f" {line} alone is the title, say --title {line}; if the title is wrapped, put it"
                " on one line in the file.",
            )
            return False
        text = paragraph.text.strip()
        kind = self._kind(paragraph)
        forced = line in self.prose
        if forced or DATE_LINE.fullmatch(text) or (kind is Kind.PROSE and len(text) > SHORT):
            self._report(
                line,
                "A title was expected after the date, and this looks like a paragraph. If it is the"
                f" title, say --title {line}; if not, write the title above it in the file.",
            )
            return False
        return True

    def _can_begin_post(self, before: Paragraph, after: Paragraph | None) -> bool:
        """Return whether a sentence ends before a title, and prose follows it."""
        core = before.text.strip().rstrip(CLOSING)
        ends = core[-1:].isalnum() or core.endswith((".", "!", "?", "…"))
        return ends and after is not None and self._kind(after) is Kind.PROSE

    def _posts(self, zone: dt.tzinfo) -> tuple[list[ImportedPost], list[ImportedPost]]:
        dates = [day.date for day in self.days if day.date]
        oldest_first = dates == sorted(dates) and len(set(dates)) > 1
        # From the oldest to the newest, so that numbers and times stay when posts are added.
        days = self.days if oldest_first else self.days[::-1]
        dated: dict[dt.date, list[Draft]] = defaultdict(list)
        unsure = {day.date for day in self.days if day.undecided}
        for day in days:
            if day.date:
                dated[day.date] += day.drafts if oldest_first else day.drafts[::-1]
        posts: list[ImportedPost] = []
        undecided: list[ImportedPost] = []
        for date, drafts in dated.items():
            noon = dt.datetime.combine(date, dt.time(12), zone)
            step = dt.timedelta(hours=12) / max(720, len(drafts))
            names: dict[str, int] = defaultdict(int)
            for index, draft in enumerate(drafts):
                slug = slugs.slug_from(draft.title.text, "post", 150)
                names[slug] += 1
                number = f":{names[slug]}" if names[slug] > 1 else ""
                text = "".join(
                    f"<p>{html.escape(part.text, quote=False)}</p>" for part in draft.paragraphs
                )
                post = ImportedPost(
                    source_id=f"plain_text:{date}:{slug}{number}",
                    title=draft.title.text.strip(),
                    slug=slug,
                    html=text,
                    published_at=noon + index * step,
                    file=self.file,
                    line=draft.title.line,
                )
                (undecided if date in unsure else posts).append(post)
        return sorted(posts, key=_line), sorted(undecided, key=_line)


def _line(item: Problem | ImportedPost) -> int:
    return item.line


def _nearly_a_date(line: str) -> bool:
    """Return whether a short line has a date with its weekday, and little beside it."""
    found = DATE_LINE.search(line)
    if not found or not found["weekday"]:
        return False
    return all(map(ROUND.fullmatch, (line[: found.start()].strip(), line[found.end() :].strip())))
