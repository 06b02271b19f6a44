"""Two sites in one Wagtail: each finds its own."""

import re

import pytest
from wagtail.models import Page, Site

from blog.models import BlogIndexPage
from home.models import HomePage
from tests.factories import AuthorFactory, BlogIndexPageFactory, PostPageFactory


@pytest.fixture
def other_blog(db):
    root = Page.objects.get(depth=1)
    home = root.add_child(instance=HomePage(title="Other", slug="other"))
    Site.objects.create(hostname="other.example", port=80, root_page=home)
    return home.add_child(instance=BlogIndexPage(title="Other blog", slug="blog"))


def found(client, host, query):
    """The titles that a site finds, as the page shows them."""
    response = client.get("/search/", {"q": query}, headers={"host": host})
    assert response.status_code == 200
    titles = re.findall(r'class="result__title"[^>]*>\s*<a [^>]*>(.*?)</a>', response.text)
    return [re.sub("<.*?>", "", title) for title in titles]


class TwoSiteTests:
    def test_each_finds_its_own(self, client, write, other_blog, site):
        write("Bananas here", tags=["Bananas"], authors=[AuthorFactory(name="Ann Banana")])
        PostPageFactory(parent=other_blog, title="Bananas there")
        here, there = site.hostname, "other.example"
        assert found(client, here, "bananas") == ["Bananas here"]
        assert found(client, there, "bananas") == ["Bananas there"]
        assert found(client, there, "author:ann") == []
        suggested = {here: {"Bananas", "Ann Banana", "Bananas here"}, there: {"Bananas there"}}
        for host, labels in suggested.items():
            response = client.get("/search/suggest/?q=bana", headers={"host": host})
            rows = response.json()["suggestions"]
            assert {row["label"] for row in rows if row["kind"] != "all"} == labels
        nothing = client.get("/search/?q=qwertyuiop", headers={"host": there}).text
        assert "Bananas here" not in nothing
        assert "Bananas there" in nothing

    @pytest.mark.parametrize("address", ["/blog/feed/", "/sitemap-posts.xml"])
    def test_feeds_and_sitemaps_tell_only_of_their_own(
        self, client, write, other_blog, site, address
    ):
        write("Bananas here", slug="bananas-here")
        PostPageFactory(parent=other_blog, title="Bananas there", slug="bananas-there")
        sites = {site.hostname: ("here", "there"), "other.example": ("there", "here")}
        for host, (own, other) in sites.items():
            response = client.get(address, headers={"host": host}, follow=True)
            assert response.status_code == 200
            text = b"".join(response).decode()
            assert f"bananas-{own}" in text
            assert f"bananas-{other}" not in text


class TwoBlogTests:
    def test_a_tag_leads_to_a_blog_that_has_it(self, client, write, home_page):
        write("Soup", tags=["food"])
        second = BlogIndexPageFactory(parent=home_page, slug="second")
        PostPageFactory(parent=second, tags=["zebra"])
        [suggested, *_] = client.get("/search/suggest/?q=zebr").json()["suggestions"]
        assert suggested["url"] == "/second/tags/zebra/"
        nothing = client.get("/search/?q=xxfoodzebraxx").text
        assert set(re.findall(r'href="(/[^"]*/tags/[^"]+)"', nothing)) == {
            "/blog/tags/food/",
            "/second/tags/zebra/",
        }
        assert client.get("/second/tags/zebra/").status_code == 200
