from wagtail.search.backends import get_search_backend
from wagtail.search.management.commands import update_index

from search.engine import SearchBackend


class Command(update_index.Command):
    """
    Wagtail's command, for sites with many pages and with writers at work.

    Wagtail reads the pages by their offset, which takes the longer the further it comes, and
    within one transaction, during which nobody else can write to SQLite.
    """

    def update_backend(self, backend_name, **options):
        backend = get_search_backend(backend_name)
        if not isinstance(backend, SearchBackend):
            super().update_backend(backend_name, **options)
            return
        self.write(f"Rebuilding backend: {backend_name}")
        backend.copy.build()
        self.write(f"{backend_name}: indexed {backend.reader().size()} pages")

    def queryset_chunks(self, qs, chunk_size=update_index.DEFAULT_CHUNK_SIZE):
        last = None
        while items := list((qs if last is None else qs.filter(pk__gt=last))[:chunk_size]):
            yield items
            last = items[-1].pk
