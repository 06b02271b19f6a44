"""
The engine of the reader's search: a tantivy index on each machine, and an outbox that feeds it.

`search.engine` names the backend in Wagtail's `WAGTAILSEARCH_BACKENDS`.
"""

from search.engine.backend import SearchBackend, reader_copy
from search.engine.copy import UnavailableError
from search.engine.index import Reader

__all__ = ["Reader", "SearchBackend", "UnavailableError", "reader_copy"]
