"""The page that explains feeds, and feeds that are opened in a browser."""

import pytest
from lxml import etree

from tests.factories import AuthorFactory, SeriesFactory


class FollowTests:
    def test_it_leads_to_the_feeds_of_the_blog_its_authors_series_and_tags(self, write, client):
        write(
            tags=["food"], authors=[AuthorFactory(slug="ada")], series=SeriesFactory(slug="meals")
        )
        html = client.get("/blog/follow/").text
        assert 'data-copy="http://127.0.0.1:8000/blog/feed/"' in html
        for path in ("tags/food", "authors/ada", "series/meals"):
            assert f'href="/blog/{path}/feed/"' in html

    @pytest.mark.parametrize("path", ["/", "/blog/", "/blog/soup/", "/search/"])
    def test_every_page_leads_to_it(self, write, client, path):
        write(slug="soup")
        assert 'href="/blog/follow/"' in client.get(path).text

    def test_a_page_of_a_tag_leads_to_the_feed_of_the_tag(self, write, client):
        write(tags=["food"])
        assert '<a href="/blog/tags/food/feed/">' in client.get("/blog/tags/food/").text

    def test_a_feed_names_the_site(self, write, client, home_page, site):
        write()
        site.site_name = "The Duty Desk"
        site.save()
        title = etree.fromstring(client.get("/blog/feed/").content).findtext("{*}title")
        assert title == "Blog – The Duty Desk"


@pytest.mark.parametrize("path", ["/blog/feed/", "/blog/feed/rss/"])
class ReadableFeedTests:
    def test_browsers_show_it_with_a_style_sheet_and_links(self, write, client, path):
        write("Soup", slug="soup")
        response = client.get(path)
        assert response["Content-Type"] == "application/xml; charset=utf-8"
        assert b"<?xml-stylesheet" in response.content
        links = etree.fromstring(response.content).iterfind(".//{http://www.w3.org/1999/xhtml}a")
        found = {link.text: link.get("href") for link in links}
        assert found["Soup"].endswith("/blog/soup/")
        assert found["How to follow"].endswith("/blog/follow/")


class WholeListTests:
    def test_a_list_of_no_subject_leads_to_no_feed_of_its_own(self, write, client):
        write(slug="soup")
        assert "Feed of these posts" not in client.get("/blog/").text
