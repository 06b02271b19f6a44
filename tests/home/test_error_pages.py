import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


class MissingPageTests:
    def test_what_the_words_of_the_address_find_is_offered(self, write, client):
        write("The long walk home", slug="walk")
        write("Newest of all")
        response = client.get("/blog/2014/the-long-walk/", headers={"Accept": "text/html"})
        assert response.status_code == 404
        likely = response.text.partition("Did you look for one of these?")[2]
        assert "The long walk home" in likely.partition("</ul>")[0]
        assert "Newest of all" in likely
        assert response.text.count("The long walk home") == 1

    @pytest.mark.parametrize("path", ["/wp-login.php", "/" + "x" * 900 + "/", "/-/", "/blog/%22/"])
    def test_nothing_is_looked_for_where_the_address_has_no_words(self, write, client, path):
        write("Anything")
        response = client.get(path, headers={"Accept": "text/html"})
        assert response.status_code == 404
        assert "Did you look for one of these?" not in response.text

    def test_a_hidden_post_is_not_guessed(self, write, client):
        write("The long walk home", slug="walk", private=True)
        assert "long walk home" not in client.get("/the-long-walk-home/").text


class ServerErrorTests:
    def test_it_says_so_in_the_sites_dress(self, blog, monkeypatch):
        def broken(*_):
            raise RuntimeError("nothing works")

        monkeypatch.setattr("blog.models.BlogIndexPage.list_posts", broken)
        response = Client(raise_request_exception=False).get("/blog/")
        assert response.status_code == 500
        assert "Something went wrong on our side" in response.text
        assert 'lang="en-gb"' in response.text
