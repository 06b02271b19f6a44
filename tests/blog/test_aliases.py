import re

import pytest

from home.models import StandardPage
from tests.factories import AuthorFactory, BlogIndexPageFactory, StandardPageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(write):
    return write("Weirdly", tags=["food"])


@pytest.fixture(params=["beside it", "in another blog"])
def alias(request, post, blog, home_page):
    other = blog if request.param == "beside it" else BlogIndexPageFactory(parent=home_page)
    other = type(other).objects.get(pk=other.pk)
    return post.create_alias(parent=other, update_slug="alias")


class AliasTests:
    """An alias shows a post at a second address; the post stands for both of them."""

    def test_it_names_the_original(self, post, alias, client):
        html = client.get(alias.url).content.decode()
        assert f'<link rel="canonical" href="{post.full_url}">' in html
        assert f'property="og:url" content="{post.full_url}"' in html
        assert f'"url": "{post.full_url}"' in html
        twin = client.get(f"{alias.url.rstrip('/')}.md")
        assert twin["Link"] == f'<{post.full_url}>; rel="canonical"'

    def test_it_is_not_listed_twice(self, post, alias, client):
        for address in (
            *("/", "/blog/", "/blog/tags/food/", "/blog/feed/", "/blog/feed/json/"),
            *("/sitemap-posts.xml", "/sitemap-news.xml", "/llms.txt", "/search/?q=weirdly"),
            *("/search/suggestions/?q=weird", "/sitemap-pages.xml", alias.get_parent().url),
        ):
            response = client.get(address)
            assert "/alias" not in response.content.decode(), address
        found = client.get("/search/?q=weirdly").content.decode()
        assert len(re.findall(r'href="/blog/weirdly/"', found)) == 1
        assert "1 post" in client.get("/blog/tags/").content.decode()

    def test_the_posts_around_it_are_no_aliases(self, post, alias, client, write):
        write("Another", tags=["food"])
        for address in (post.url, "/blog/another/"):
            assert "/alias" not in client.get(address).content.decode()

    def test_an_alias_of_an_alias_names_the_first(self, post, alias, client):
        second = alias.create_alias(update_slug="second")
        html = client.get(second.url).content.decode()
        assert f'<link rel="canonical" href="{post.full_url}">' in html


class BlogTests:
    def test_its_archives_name_those_of_the_original(self, blog, home_page, client):
        AuthorFactory(slug="ada")
        blog.create_alias(parent=home_page, update_slug="other")
        for path in ("", "archive/", "authors/ada/"):
            html = client.get(f"/other/{path}").content.decode()
            assert f'<link rel="canonical" href="{blog.full_url}{path}">' in html.replace(
                "http://testserver/", "http://127.0.0.1:8000/"
            )
            assert f'"url": "http://testserver/other/{path}"' not in html
            assert f'"url": "http://127.0.0.1:8000/other/{path}"' not in html


class StandardPageTests:
    def test_so_it_is_with_other_pages(self, home_page, client):
        page = StandardPageFactory(parent=home_page, slug="about", title="Weirdly")
        StandardPage.objects.get(pk=page.pk).create_alias(update_slug="alias")
        html = client.get("/alias/").content.decode()
        assert f'<link rel="canonical" href="{page.full_url}">' in html
        for address in ("/sitemap-pages.xml", "/search/?q=weirdly", "/llms.txt"):
            assert "/alias" not in client.get(address).content.decode(), address
