"""Links to pages in rich text."""

from wagtail.models import Page
from wagtail.rich_text.pages import PageLinkHandler


class PageLinks(PageLinkHandler):
    """
    Links to pages, of which only the addresses are read.

    Wagtail loads each specific page, as its model may override its address. None of ours does.
    """

    @classmethod
    def get_many(cls, attrs_list):
        keys = [attrs.get("id") for attrs in attrs_list]
        pages = Page.objects.filter(pk__in=keys).only("url_path", "live")
        found = {str(page.pk): page for page in pages}
        return [found.get(str(key)) for key in keys]
