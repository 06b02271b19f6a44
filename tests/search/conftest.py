import pytest

from search.answers import answer_to
from search.engine import reader_copy
from search.question import Choice


@pytest.fixture
def search_index(db):
    """This machine's copy of the index, which takes in what a test writes when it is asked."""
    copy = reader_copy()
    copy.reset()
    return copy


@pytest.fixture
def find(search_index):
    """The titles that a query finds, the best first: `find("run")`."""

    def find(query, number=1, **choice):
        answer = answer_to(query, Choice(**choice), number)
        return [result.page.title for result in answer.results]

    return find
