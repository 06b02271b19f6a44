from functools import partialmethod

from django.utils.functional import cached_property
from wagtail.models import Page
from wagtail.search import index

from blog.body import reading


class SearchableBody:
    """The search fields of a page's `body`, one for each kind of text."""

    body_search_fields = [
        index.SearchField("get_prose"),
        index.SearchField("get_captions"),
        index.SearchField("get_code"),
        index.SearchField("get_notes"),
        index.SearchField("get_alts"),
    ]

    @cached_property
    def searchable_body(self):
        return reading.searchable(self.body)

    def get_lines(self, kind):
        return "\n".join(self.searchable_body[kind])

    get_prose = partialmethod(get_lines, "prose")
    get_captions = partialmethod(get_lines, "captions")
    get_code = partialmethod(get_lines, "code")
    get_notes = partialmethod(get_lines, "notes")
    get_alts = partialmethod(get_lines, "alts")


class SearchablePost(SearchableBody):
    """The search fields of a post. Goes before `Page` among the bases."""

    # `search.signals` updates the index instead, but not when a draft is saved.
    search_auto_update = False
    search_fields = [
        *Page.search_fields,
        index.SearchField("introduction", boost=1.5),
        *SearchableBody.body_search_fields,
        index.SearchField("get_tag_names", boost=1.5),
        index.SearchField("get_author_names", boost=1.5),
        index.SearchField("get_series_title"),
        index.SearchField("get_corrections"),
        index.FilterField("expire_at"),
        index.FilterField("published_at"),
        index.FilterField("alias_of"),
        index.FilterField("slug"),
    ]

    def get_tag_names(self):
        return "\n".join(tag.name for tag in self.sorted_tags)

    def get_author_names(self):
        return "\n".join(author.name for author in self.authors)

    def get_series_title(self):
        return self.series.title if self.series else ""

    def get_corrections(self):
        return "\n".join(reading.plain(note.text) for note in self.corrections.all())
