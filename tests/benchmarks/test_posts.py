import re

import pytest
from wagtail.models import Page

from blog.models import PostPage
from tests.benchmarks import posts
from tests.benchmarks.addresses import addresses
from tests.benchmarks.drafts import generate
from tests.factories import PhotoFactory

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
        assert list(generate(5, seed=3)) == list(generate(5, seed=3))
        assert list(generate(5, seed=3)) != list(generate(5, seed=4))

    def test_they_are_like_those_of_the_demo(self, blog, client):
        PhotoFactory(), PhotoFactory()
        posts.write(60, blog)
        written = list(PostPage.objects.all())
        assert 20 < sum(post.cover is not None for post in written) < 40
        used = {block.block_type for post in written for block in post.body}
        assert used == {
            *("paragraph", "heading", "quote", "photo", "code", "table", "callout"),
        }
        links = [
            (post, key)
            for post in written
            for key in re.findall(r'linktype="page" id="(.+?)"', str(list(post.body.raw_data)))
        ]
        post, key = links[0]
        address = PostPage.objects.get(pk=key).url
        assert f'<a href="{address}">' in client.get(post.url).text

    def test_each_kind_of_page_has_an_address(self, blog, client):
        PhotoFactory()
        posts.write(60, blog)
        found = addresses(3)
        assert len(found["posts"]) == 3
        for address in [*found.pop("posts"), *found.pop("lists"), *found.values()]:
            assert client.get(address).status_code == 200, address
