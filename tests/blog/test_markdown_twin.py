from tests.factories import AuthorFactory, moment, paragraph


def heading(text):
    return {"type": "heading", "value": {"text": text, "level": "2"}}


class MarkdownTwinTests:
    def test_a_post_is_to_be_had_as_markdown(self, write, client):
        write(
            "Soup",
            slug="soup",
            body=[heading("Leek"), paragraph("Cut <b>small</b>, <a href='/'>so</a>.")],
            authors=[AuthorFactory(name="Ada")],
            published_at=moment(2014, 10, 18, 9),
        )
        response = client.get("/blog/soup.md")
        assert response["Content-Type"] == "text/markdown; charset=utf-8"
        assert response.text.startswith("# Soup\n")
        assert "2014-10-18" in response.text
        assert "Ada" in response.text
        assert "## Leek" in response.text
        assert "Cut **small**, [so](http://127.0.0.1:8000/)." in response.text

    def test_it_is_what_those_get_who_prefer_markdown(self, write, client):
        write("Soup", slug="soup")
        response = client.get("/blog/soup/", headers={"Accept": "text/markdown"})
        assert response.text.startswith("# Soup\n")
        assert "Accept" in response["Vary"]
        assert "no-store" in response["Cache-Control"]
        browser = client.get("/blog/soup/", headers={"Accept": "text/html,*/*;q=0.8"})
        assert browser.text.startswith("<!doctype html>")

    def test_hidden_posts_have_none(self, write, client):
        write(slug="draft", live=False)
        write(slug="private", private=True)
        assert client.get("/blog/draft.md").status_code == 404
        assert client.get("/blog/private.md").status_code == 404

    def test_lists_and_unknown_addresses_have_none(self, write, client):
        write(tags=["food"])
        for path in ("/blog.md", "/blog/tags/food.md", "/nothing.md", "/blog/nothing.md"):
            assert client.get(path).status_code == 404
