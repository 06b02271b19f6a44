from django.utils.functional import cached_property
from wagtail.search import index

from blog.body import reading


class SearchableBody:
    """Tells the search what is in the `body` of a page, each kind of text on its own."""

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

    def get_prose(self):
        return "\n".join(self.searchable_body["prose"])

    def get_captions(self):
        return "\n".join(self.searchable_body["captions"])

    def get_code(self):
        return "\n".join(self.searchable_body["code"])

    def get_notes(self):
        return "\n".join(self.searchable_body["notes"])

    def get_alts(self):
        return "\n".join(self.searchable_body["alts"])
