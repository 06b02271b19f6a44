import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


class ServerErrorTests:
    def test_it_says_so_in_the_sites_dress(self, blog, monkeypatch):
        def broken(*_):
            raise RuntimeError("nothing works")

        monkeypatch.setattr("blog.models.BlogIndexPage.list_posts", broken)
        response = Client(raise_request_exception=False).get("/blog/")
        assert response.status_code == 500
        assert "Something went wrong on our side" in response.text
        assert 'lang="en-gb"' in response.text
