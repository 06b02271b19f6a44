"""Links to pages in rich text lead where the pages are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, get_page_models
from wagtail.rich_text import expand_db_html

from tests.factories import StandardPageFactory

pytestmark = pytest.mark.django_db


def link(page):
    return f'<a linktype="page" id="{page.pk}">{page}</a>'


class PageLinkTests:
    def test_they_lead_to_each_kind_of_page(self, home_page, blog, write):
        pages = [home_page, blog, write("A post"), StandardPageFactory(parent=home_page)]
        html = expand_db_html("".join(map(link, pages)))
        assert html == "".join(f'<a href="{page.url}">{page}</a>' for page in pages)

    def test_they_cost_one_query_for_a_text(self, write):
        text = "".join(link(write()) for _ in range(3))
        expand_db_html(text)  # reads where the sites are
        with CaptureQueriesContext(connection) as captured:
            expand_db_html(text)
        assert len(captured) == 1

    def test_one_to_a_page_that_is_gone_leads_nowhere(self, write):
        post = write()
        text = link(post)
        post.delete()
        assert expand_db_html(text) == f"<a>{post}</a>"

    def test_no_kind_of_page_makes_an_address_of_its_own(self):
        for model in get_page_models():
            for name in ("get_url_parts", "get_url", "get_full_url", "url"):
                assert getattr(model, name) is getattr(Page, name), (model, name)
