class GonePostTests:
    def test_a_post_taken_away_for_good_says_so(self, write, client):
        write(slug="soup", gone=True).unpublish()
        response = client.get("/blog/soup/")
        assert response.status_code == 410
        assert "taken away" in response.text

    def test_a_published_post_is_there_whatever_it_will_say_later(self, write, client):
        write(slug="soup", gone=True)
        assert client.get("/blog/soup/").status_code == 200

    def test_a_post_that_was_only_unpublished_is_not_found(self, write, client):
        write(slug="soup").unpublish()
        assert client.get("/blog/soup/").status_code == 404

    def test_a_gone_post_has_no_markdown(self, write, client):
        write(slug="soup", gone=True).unpublish()
        assert client.get("/blog/soup.md").status_code == 404
