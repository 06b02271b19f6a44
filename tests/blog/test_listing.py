"""“Posts” and “New post” in the admin's menu."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from blog.editing.moments import format_moment
from tests.factories import AuthorFactory, SeriesFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def later():
    return timezone.now() + dt.timedelta(days=3)


@pytest.fixture
def posts(write, later, author):
    """A post in each state."""
    ada, thresholds = AuthorFactory(name="Ada"), SeriesFactory(title="Thresholds")
    live = write("The live one", authors=[ada], tags=["Soup"], series=thresholds)
    planned = write("The planned one", live=False, published_at=None, go_live_at=later)
    planned.save_revision().publish()
    reviewed = write("The reviewed one", live=False)
    reviewed.save_revision()
    reviewed.get_workflow().start(reviewed, author)
    write("The draft", live=False)
    write("The expired one", live=False, expired=True)
    return live


@pytest.fixture
def listed(client, editor):
    client.force_login(editor)

    def listed(**query):
        return client.get(reverse("posts:index"), query).text

    return listed


class PostListingTests:
    def test_each_post_says_who_wrote_it_and_what_becomes_of_it(self, posts, listed, later):
        page = listed()
        for words in ("Ada", "Soup", "In review", "Draft", "Expired"):
            assert words in page
        assert f"Goes live on {format_moment(later)}" in page

    @pytest.mark.parametrize(
        ("state", "title"),
        [
            ("live", "The live one"),
            ("scheduled", "The planned one"),
            ("review", "The reviewed one"),
            ("draft", "The draft"),
            ("expired", "The expired one"),
        ],
    )
    def test_it_is_filtered_by_state(self, posts, listed, state, title):
        page = listed(state=state)
        others = {"The live one", "The planned one", "The reviewed one", "The draft"} - {title}
        assert title in page
        assert not [other for other in others if other in page]

    def test_it_is_filtered_by_author_tag_and_series(self, posts, listed):
        for name, subject in (
            ("author", posts.authors[0]),
            ("tag", posts.sorted_tags[0]),
            ("series", posts.series),
        ):
            page = listed(**{name: subject.pk})
            assert "The live one" in page
            assert "The draft" not in page

    def test_twice_the_posts_cost_the_same_queries(
        self, posts, listed, write, django_assert_max_num_queries
    ):
        def write_some():
            for number in range(3):
                write(authors=[AuthorFactory()], tags=[f"tag {number}"])
            listed()

        write_some()
        with django_assert_max_num_queries(1000) as first:
            listed()
        few = len(first)
        write_some()
        with django_assert_max_num_queries(few):
            listed()

    def test_a_new_post_is_one_click_away(self, blog, author, client):
        client.force_login(author)
        address = reverse("posts:choose_parent")
        assert address in client.get("/admin/").text
        assert client.get(address)["Location"] == reverse(
            "wagtailadmin_pages:add", args=["blog", "postpage", blog.pk]
        )
