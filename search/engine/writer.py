"""Writes what anyone may read of some pages to an index."""

import logging
from collections.abc import Iterable

import tantivy
from django.db import DatabaseError
from wagtail.models import Page

from blog.visibility import listed
from search.documents import document_of, prefetch
from search.engine.index import Shape, without_panic

logger = logging.getLogger("daybook.search")


class Writer:
    """Writes to an index, in `with`. There may be one at a time, with some bytes of memory."""

    def __init__(
        self, shape: Shape, models: Iterable[type[Page]], index: tantivy.Index, memory: int
    ) -> None:
        self.shape = shape
        self.models = models
        self.writer = index.writer(memory, 1)

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *error: object) -> None:
        # tantivy begins to merge at a commit. A merge that ends after its writer would write the
        # index's list of files over that of whoever writes next.
        self.writer.wait_merging_threads()

    def replace(self, pages: Iterable[int]) -> set[int]:
        """Do for pages that the index may have what `add` does."""
        for page in pages:
            self.writer.delete_documents_by_term("page", page)
        return self.add(pages)

    def add(self, pages: Iterable[int]) -> set[int]:
        """Add some hundred pages, as far as anyone may read them. Return what cannot be indexed."""
        skipped = set()
        for model in self.models:
            found = list(listed(model.objects.filter(pk__in=pages)))
            prefetch(found)
            skipped.update(page.pk for page in found if not self._add(page))
        return skipped

    def _add(self, page: Page) -> bool:
        try:
            with without_panic():
                document = document_of(page, self.shape.analyser, self.shape.boosts)
        except DatabaseError:
            raise
        except Exception:
            logger.exception("Page %s (%s) cannot be indexed and is not found.", page.pk, page)
            return False
        self.writer.add_document(document)
        return True

    def commit(self) -> None:
        """Let readers of the index find what was written."""
        self.writer.commit()
