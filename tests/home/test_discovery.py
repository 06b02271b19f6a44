import datetime as dt

from django.utils import timezone
from lxml import etree

from blog.outgoing.sitemap import PostSitemap

SITEMAP = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "image": "http://www.google.com/schemas/sitemap-image/1.1",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
}


def found(client, path, query):
    return etree.fromstring(client.get(path).content).xpath(query, namespaces=SITEMAP)


class SitemapTests:
    def test_the_index_names_each_section(self, write, client):
        write()
        locations = found(client, "/sitemap.xml", "//s:loc/text()")
        assert [location.rpartition("/")[2] for location in locations] == [
            "sitemap-posts.xml",
            "sitemap-pages.xml",
            "sitemap-news.xml",
        ]

    def test_many_posts_come_in_chunks(self, write, client, monkeypatch):
        monkeypatch.setattr(PostSitemap, "limit", 2)
        for _post in range(3):
            write()
        assert "http://testserver/sitemap-posts.xml?p=2" in found(
            client, "/sitemap.xml", "//s:loc/text()"
        )
        assert len(found(client, "/sitemap-posts.xml?p=2", "//s:url")) == 1

    def test_hidden_posts_are_not_in_it(self, write, client):
        write(slug="draft", live=False)
        write(slug="private", private=True)
        write(slug="open")
        [location] = found(client, "/sitemap-posts.xml", "//s:loc/text()")
        assert location.endswith("/blog/open/")

    def test_news_are_two_days_old_at_most(self, write, client):
        now = timezone.now()
        write("New & true", published_at=now - dt.timedelta(hours=47))
        write("Old", published_at=now - dt.timedelta(hours=49))
        assert found(client, "/sitemap-news.xml", "//news:title/text()") == ["New & true"]

    def test_pages_of_other_kinds_have_a_section(self, blog, client):
        locations = found(client, "/sitemap-pages.xml", "//s:loc/text()")
        assert any(location.endswith("/blog/") for location in locations)


class RobotsTests:
    def test_search_engines_may_come_in_production(self, blog, client, settings):
        settings.SEARCH_ENGINES = True
        text = client.get("/robots.txt").text
        assert "Sitemap: http://testserver/sitemap.xml" in text
        assert "Disallow: /\n" not in text

    def test_everywhere_else_they_stay_outside(self, blog, client):
        assert "Disallow: /\n" in client.get("/robots.txt").text


class LanguageModelTests:
    def test_llms_txt_leads_to_the_markdown_of_the_newest_posts(self, write, client):
        write("Soup", slug="soup")
        write("Secret", private=True)
        text = client.get("/llms.txt").text
        assert "[Soup](http://testserver/blog/soup.md)" in text
        assert "Secret" not in text


class IndexNowTests:
    def test_the_key_is_shown_to_those_who_ask_for_it(self, db, client, settings):
        settings.INDEXNOW_KEY = "0123456789abcdef"
        assert client.get("/0123456789abcdef.txt").text == "0123456789abcdef"
        assert client.get("/fedcba9876543210.txt").status_code == 404

    def test_without_a_key_there_is_nothing(self, db, client):
        assert client.get("/0123456789abcdef.txt").status_code == 404
