"""What a reader's words find, one page of it."""

import threading
import time
from collections.abc import Iterable

from wagtail.models import Page

from search.engine import Reader, UnavailableError, reader_copy
from search.passages import Wanted
from search.plain import plain_answer
from search.question import Question, understood
from search.ranking import RESULTS_PER_PAGE, Ranking, rank
from search.results import MOST_PAGES, Answer, Result, named_facets, promoted, result
from search.spelling import Vocabulary, is_real
from search.translation import NO_CHOICE, Choice, Translation, Translator
from search.visible import visible_pages

# How long the list of all words may be out of date, in seconds.
LIST_AGE = 60


def answer_to(query: str, choice: Choice = NO_CHOICE, number: int = 1, section: str = "") -> Answer:
    """Answer a reader's query with one page of results, of a section of the page tree or all."""
    question = understood(query)
    answer = Answer(question, number=max(1, min(number, MOST_PAGES)))
    if not question:
        return answer
    copy = reader_copy()
    try:
        if copy:
            Search(copy.reader(), section).answer(answer, choice)
        else:
            plain_answer(answer, choice, "reader", section)
    except UnavailableError:
        answer.unavailable = True
        plain_answer(answer, choice, "default", section)
    answer.promoted = promoted(answer.corrected or question)
    return answer


class Search:
    """A search in one state of the index."""

    def __init__(self, reader: Reader, section: str = "") -> None:
        self.reader = reader
        self.analyser = reader.analyser
        self.translator = Translator(reader, section)

    def answer(self, answer: Answer, choice: Choice) -> None:
        """Fill an answer to its question."""
        question = answer.question
        self._answer_to(question, answer, choice)
        if answer.shown:
            return
        phrases = question.phrases
        if not phrases and not self.analyser.stems(" ".join(question.words)):
            # Only words of grammar, which were looked for as one phrase.
            phrases = (" ".join(question.words),) if len(question.words) > 1 else ()
        if phrases:
            self._answer_to(question.unquoted(), answer, choice, apart=True)
            answer.apart = phrases if answer.shown else ()

    def _answer_to(
        self, question: Question, answer: Answer, choice: Choice, apart: bool = False
    ) -> None:
        answer.corrected = answer.maybe = None
        asked = self.translator.translation(question, choice, apart)
        answer.is_empty = asked.is_empty
        unknown = asked.unknown
        if unknown and not asked.is_empty and not self._has_title(asked):
            corrections = self.corrections(unknown)
            likely = {
                word: meant
                for word, meant in corrections.items()
                if not choice.as_typed and not is_real(word, self.analyser.language)
            }
            if likely:
                answer.corrected = question.spelt(likely)
                asked = self.translator.translation(answer.corrected, choice, apart)
            elif corrections:
                answer.maybe = question.spelt(corrections)
        self._fill(answer, asked, choice)

    def _has_title(self, asked: Translation) -> bool:
        return any(self.translator.is_there("title_key", key) for key in asked.titles)

    # Spelling

    def corrections(self, words: Iterable[str]) -> dict[str, str]:
        """Return words that no page has, and what may have been meant by them."""
        listed = vocabulary(self.reader)
        found = {}
        for word in words:
            exact = self.analyser.exact(word)
            if len(exact) != 1 or (exact[0] in listed and self.is_told(exact[0])):
                continue
            if halves := self._halves(listed, exact[0]):
                found[word] = halves
            elif near := next(filter(self.is_told, listed.near(exact[0])), None):
                found[word] = near
        return found

    def _halves(self, listed: Vocabulary, word: str) -> str:
        """Return the two words that one is made of, with a hyphen if they stand side by side."""
        told = []
        for left, right in listed.halves(word)[:5]:
            forms = [self.analyser.stem(half) for half in (left, right)]
            if all(stem and visible_pages(self.reader.bearers("stems", stem)) for stem in forms):
                if self.reader.neighbours(forms):
                    return f"{left}-{right}"
                told.append((left, right))
        language = self.analyser.language
        both_real = [pair for pair in told if all(is_real(half, language) for half in pair)]
        return " ".join(both_real[0]) if both_real else ""

    def is_told(self, word: str) -> bool:
        """Return whether a page that anyone may read has this word: the list may be older."""
        return bool(visible_pages(self.reader.bearers("exact", word)))

    # Results

    def _fill(self, answer: Answer, asked: Translation, choice: Choice) -> None:
        start = (answer.number - 1) * RESULTS_PER_PAGE
        hidden: frozenset[int] = frozenset()
        # A page may have been hidden since it was indexed: then another takes its place.
        for _attempt in range(5):
            ranking = rank(
                self.reader,
                asked,
                start,
                start + RESULTS_PER_PAGE,
                newest_first=choice.newest_first,
                hidden=hidden,
            )
            visible = visible_pages(page for page, _related in ranking.pages)
            unseen = {page for page, _related in ranking.pages if page not in visible}
            if not unseen:
                break
            hidden |= unseen
        answer.total, answer.related = ranking.total, ranking.related
        answer.results = self._results(ranking, visible, asked.wanted)
        counts = self.reader.facets(ranking.counted) if answer.shown else {}
        answer.facets = named_facets(counts, choice)

    def _results(self, ranking: Ranking, visible: dict[int, Page], wanted: Wanted) -> list[Result]:
        shown = [(page, related) for page, related in ranking.pages if page in visible]
        texts = self.reader.texts(page for page, _related in shown)
        return [
            result(visible[page], texts.get(page, {}), wanted, self.analyser, related)
            for page, related in shown
        ]


# The words of an index by its name, with its state and the time when they were read.
_words: dict[str, tuple[object, float, Vocabulary]] = {}
_reading_words = threading.Lock()


def vocabulary(reader: Reader) -> Vocabulary:
    """Return all words of the index; at most `LIST_AGE` seconds old when it was asked for."""
    copy = reader_copy()
    key, age = str(copy), 0 if copy and copy.at_once else LIST_AGE
    with _reading_words:
        state, then, words = _words.get(key, (None, 0.0, None))
        now = time.monotonic()
        if words is None or (state != reader.state and now - then > age):
            words = Vocabulary(dict(reader.terms("exact")), reader.analyser)
            _words[key] = reader.state, now, words
        return words
