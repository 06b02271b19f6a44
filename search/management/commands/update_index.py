from wagtail.search.management.commands import update_index


class Command(update_index.Command):
    """
    Wagtail's command, for sites with many pages and with writers at work.

    Wagtail reads the pages by their offset, which takes the longer the further it comes, and
    within one transaction, during which nobody else can write to SQLite.
    """

    def queryset_chunks(self, qs, chunk_size=update_index.DEFAULT_CHUNK_SIZE):
        last = None
        while items := list((qs if last is None else qs.filter(pk__gt=last))[:chunk_size]):
            yield items
            last = items[-1].pk
