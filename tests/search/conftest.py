import pytest
from wagtail.search.backends import get_search_backend

ENGINES = [
    "tantivy",
    pytest.param("postgresql", marks=pytest.mark.postgres),
]


@pytest.fixture(params=ENGINES)
def engine(request, db, settings):
    """Each engine in turn as the one that answers readers."""
    backends = {name: dict(params) for name, params in settings.WAGTAILSEARCH_BACKENDS.items()}
    backends["reader"] |= {"BACKEND": f"search.backends.{request.param}", "AUTO_UPDATE": True}
    settings.WAGTAILSEARCH_BACKENDS = backends
    backend = get_search_backend("reader")
    backend.reset()
    backend.rebuild_all()
    return backend


@pytest.fixture
def search_index(db, settings):
    """The site's own engine, kept in step with what a test writes."""
    backends = {name: dict(params) for name, params in settings.WAGTAILSEARCH_BACKENDS.items()}
    backends["reader"] |= {"AUTO_UPDATE": True}
    settings.WAGTAILSEARCH_BACKENDS = backends
    return get_search_backend("reader")


@pytest.fixture
def find(engine):
    """The titles that a query finds, the best first: `find("run")`."""
    from search.queries import Choice, Search

    def find(query, number=1, **choice):
        answer = Search().answer(query, Choice(**choice), number)
        return [result.page.title for result in answer.results]

    return find
