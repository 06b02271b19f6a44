import pytest
from wagtail.models import Page

from tests.benchmarks import posts

pytestmark = pytest.mark.django_db


class GeneratedPostsTests:
    def test_the_tree_is_whole_and_every_post_is_shown(self, blog, client):
        posts.write(45, blog)
        assert not any(Page.find_problems())
        assert blog.posts.count() == 45
        assert client.get("/blog/?page=3").status_code == 200
        for post in blog.posts[:5]:
            assert post.title in client.get(post.url).text

    def test_they_can_be_added_to(self, blog):
        posts.write(3, blog, seed=1)
        posts.write(4, blog, seed=2)
        assert not any(Page.find_problems())
        assert blog.posts.count() == 7

    def test_the_same_seed_makes_the_same_posts(self):
        assert list(posts.generate(5, seed=3)) == list(posts.generate(5, seed=3))
        assert list(posts.generate(5, seed=3)) != list(posts.generate(5, seed=4))
