from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from blog.blocks import BodyBlock
from blog.body import reading
from blog.models.base_page import BasePage
from blog.models.searchable import SearchableBody
from blog.slugs import check_free


class StandardPage(SearchableBody, BasePage):
    """A page without a date: about, contact, privacy."""

    introduction = models.TextField(_("introduction"), blank=True, max_length=1000)
    body = StreamField(BodyBlock(), verbose_name=_("body"), blank=True)

    parent_page_types = ["home.HomePage", "home.StandardPage"]
    subpage_types = ["home.StandardPage"]
    template = "home/standard_page.html"

    content_panels = [*Page.content_panels, "introduction", "body"]
    search_fields = [
        *Page.search_fields,
        index.SearchField("introduction", boost=1.5),
        *SearchableBody.body_search_fields,
    ]

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")

    def check_slug(self):
        check_free(self.slug)

    @property
    def summary(self):
        return self.introduction or reading.excerpt(self.body)

    def get_meta_description(self):
        return self.search_description or self.summary
