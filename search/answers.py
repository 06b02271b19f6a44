"""What a reader's words find, one page of it."""

from search.engine import Reader, UnavailableError, reader_copy
from search.plain import plain_answer
from search.question import NO_CHOICE, Choice, Question, understood
from search.ranking import RESULTS_PER_PAGE, rank
from search.results import MOST_PAGES, Answer, named_facets, promoted, result
from search.spelling import corrections, is_real
from search.translation import Translation
from search.visible import visible_pages

# So often a page of results is made anew, as some of it was hidden since it was indexed.
ATTEMPTS = 5


def answer_to(query: str, choice: Choice = NO_CHOICE, number: int = 1, section: str = "") -> Answer:
    """Answer a reader's query with one page of results, of a section of the page tree or all."""
    question = understood(query)
    answer = Answer(question, number=max(1, min(number, MOST_PAGES)))
    if not question:
        return answer
    copy = reader_copy()
    try:
        if copy:
            Search(copy.reader(), choice, section).answer(answer)
        else:
            plain_answer(answer, choice, "reader", section)
    except UnavailableError:
        answer.unavailable = True
        plain_answer(answer, choice, "default", section)
    answer.promoted = promoted(answer.corrected or question)
    return answer


class Search:
    """A search in one state of the index."""

    def __init__(self, reader: Reader, choice: Choice, section: str) -> None:
        self.reader = reader
        self.choice = choice
        self.section = section

    def answer(self, answer: Answer) -> None:
        """Fill an answer to its question."""
        question = answer.question
        self._ask(question, answer)
        phrases = question.phrases
        if not phrases and not self.reader.analyser.stems(" ".join(question.words)):
            # Only words of grammar, which were looked for as one phrase.
            phrases = (" ".join(question.words),) if len(question.words) > 1 else ()
        if phrases and not answer.shown:
            self._ask(question.unquoted(), answer, apart=True)
            answer.apart = phrases if answer.shown else ()

    def _ask(self, question: Question, answer: Answer, apart: bool = False) -> None:
        asked = self._translation(question, apart)
        answer.corrected, answer.maybe = self._spelt(question, asked)
        if answer.corrected:
            asked = self._translation(answer.corrected, apart)
        answer.is_empty = asked.is_empty
        self._fill(answer, asked)

    def _translation(self, question: Question, apart: bool) -> Translation:
        return Translation(self.reader, question, self.choice, self.section, apart)

    def _spelt(
        self, question: Question, asked: Translation
    ) -> tuple[Question | None, Question | None]:
        """Return the question that is answered instead, and the one that is offered."""
        if not asked.unknown or any(asked.is_there("title_key", key) for key in asked.titles):
            return None, None
        found = corrections(self.reader, asked.unknown)
        language = self.reader.analyser.language
        likely = {word: meant for word, meant in found.items() if not is_real(word, language)}
        if likely and not self.choice.as_typed:
            return question.spelt(likely), None
        return None, question.spelt(found) if found else None

    def _fill(self, answer: Answer, asked: Translation) -> None:
        start = (answer.number - 1) * RESULTS_PER_PAGE
        newest_first = self.choice.newest_first
        hidden: set[int] = set()
        for _attempt in range(ATTEMPTS):
            ranking = rank(
                self.reader,
                asked,
                start,
                start + RESULTS_PER_PAGE,
                newest_first=newest_first,
                hidden=hidden,
            )
            keys = [page for page, _related in ranking.pages]
            visible = visible_pages(keys)
            if len(visible) == len(keys):
                break
            hidden.update(key for key in keys if key not in visible)
        answer.total, answer.related = ranking.total, ranking.related
        texts = self.reader.texts(visible)
        answer.results = [
            result(visible[page], texts.get(page, {}), asked.wanted, self.reader.analyser, related)
            for page, related in ranking.pages
            if page in visible
        ]
        counts = self.reader.facets(ranking.counted) if answer.shown else {}
        answer.facets = named_facets(counts, self.choice)
