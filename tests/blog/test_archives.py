import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.users.models import UserProfile

from blog.models import BlogIndexPage
from tests.factories import (
    AuthorFactory,
    BlogIndexPageFactory,
    PostPageFactory,
    SeriesFactory,
    moment,
)

pytestmark = pytest.mark.django_db


class DayHeadingTests:
    def test_posts_of_one_day_stand_under_one_heading(self, write, client):
        write("Morning", published_at=moment(2014, 10, 18, 9))
        write("Evening", published_at=moment(2014, 10, 18, 21))
        html = client.get("/blog/").text
        assert html.count("Saturday, 18 October 2014") == 1
        assert html.index("Evening") < html.index("Morning")

    def test_the_day_is_that_of_the_sites_zone(self, write, client):
        # 23:30 on 30 June in UTC is half past midnight on 1 July in London.
        write("Late", published_at=moment(2015, 7, 1, 0, 30))
        assert client.get("/blog/2015/07/01/").status_code == 200
        assert client.get("/blog/2015/06/30/").status_code == 404

    def test_an_editor_elsewhere_previews_the_times_that_readers_see(
        self, blog, write, editor, client
    ):
        UserProfile.objects.create(user=editor, current_time_zone="Asia/Tokyo")
        write("Evening", published_at=moment(2014, 10, 18, 21))
        client.force_login(editor)
        html = client.get(reverse("wagtailadmin_pages:view_draft", args=[blog.pk])).text
        assert 'datetime="2014-10-18T21:00:00+01:00">9 p.m.</time>' in html


class TagArchiveTests:
    def test_a_tag_lists_only_its_own_posts(self, write, client):
        write("Soup", tags=["food"])
        write("Trains", tags=["travel"])
        html = client.get("/blog/tags/food/").text
        assert "Soup" in html
        assert "Trains" not in html

    def test_a_tag_nobody_used_is_not_found(self, write, client):
        write("Soup", tags=["food"])
        assert client.get("/blog/tags/drink/").status_code == 404

    def test_tags_are_listed_by_the_alphabet(self, write, client):
        write(tags=["travel"])
        write(tags=["food"])
        html = client.get("/blog/tags/").text
        assert html.index(">food<") < html.index(">travel<")

    def test_each_tag_counts_the_posts_of_its_own_blog_that_anyone_may_read(self, write, blog):
        yesterday = timezone.now() - dt.timedelta(days=1)
        write(tags=["food", "travel"])
        write(tags=["food"])
        write(tags=["food", "secret"], live=False)
        write(tags=["food"], private=True)
        write(tags=["food"], expire_at=yesterday)
        other = BlogIndexPageFactory(parent=blog.get_parent())
        PostPageFactory(parent=other, tags=["food"])
        assert {tag.name: tag.count for tag in blog.subjects} == {"food": 2, "travel": 1}
        assert {tag.name: tag.count for tag in other.subjects} == {"food": 1}

    def test_a_list_of_tags_is_not_older_than_the_change_it_is_kept_with(
        self, write, client, monkeypatch, changes
    ):
        post = write(tags=["secret"])
        list_subjects = BlogIndexPage.list_subjects

        def hide_and_list(*args, **kwargs):
            post.unpublish()
            changes.bump()
            return list_subjects(*args, **kwargs)

        monkeypatch.setattr(BlogIndexPage, "list_subjects", hide_and_list)
        client.get("/blog/tags/")
        monkeypatch.setattr(BlogIndexPage, "list_subjects", list_subjects)
        assert "secret" not in client.get("/blog/tags/").text


class NewestPostTests:
    def test_they_are_found_behind_any_number_of_newer_ones_that_are_hidden(self, write, blog):
        first = write(published_at=moment(2015, 1, 1))
        second = write(published_at=moment(2015, 1, 2))
        for day in range(1, 21):
            write(published_at=moment(2015, 2, day), live=False)
        other = BlogIndexPageFactory(parent=blog.get_parent())
        elsewhere = PostPageFactory(parent=other, published_at=moment(2015, 3, 1))
        assert list(blog.newest(1)) == [second]
        assert list(blog.newest(3)) == [second, first]
        assert list(other.newest(3)) == [elsewhere]

    def test_those_of_one_moment_stand_as_in_the_list(self, write, blog):
        for _ in range(3):
            write(published_at=moment(2015, 1, 1))
        assert list(blog.newest(3)) == list(blog.posts)


class AuthorArchiveTests:
    def test_an_author_without_posts_has_a_page(self, blog, client):
        AuthorFactory(name="Ada Quill", slug="ada-quill")
        assert "Ada Quill" in client.get("/blog/authors/ada-quill/").text

    def test_an_author_lists_only_what_they_wrote(self, write, client):
        write("Hers", authors=[AuthorFactory(slug="ada")])
        write("His", authors=[AuthorFactory(slug="ben")])
        html = client.get("/blog/authors/ada/").text
        assert "Hers" in html
        assert "His<" not in html


class SeriesArchiveTests:
    def test_a_series_is_read_from_its_first_part(self, write, client):
        series = SeriesFactory(slug="thresholds")
        write("Second part", series=series, published_at=moment(2015, 2, 1))
        write("First part", series=series, published_at=moment(2015, 1, 1))
        html = client.get("/blog/series/thresholds/").text
        assert html.index("First part") < html.index("Second part")

    def test_its_parts_are_counted_on_from_page_to_page(self, write, client, monkeypatch):
        monkeypatch.setattr(BlogIndexPage, "posts_per_page", 1)
        series = SeriesFactory(slug="thresholds")
        write("First", series=series, published_at=moment(2015, 1, 1))
        write("Between", published_at=moment(2015, 1, 2))
        write("Second", series=series, published_at=moment(2015, 2, 1))
        assert "Part 1<" in client.get("/blog/series/thresholds/").text
        html = client.get("/blog/series/thresholds/?page=2").text
        assert "Part 2<" in html
        assert "Second" in html


class MonthListTests:
    def test_each_month_has_its_count(self, write, client):
        write(published_at=moment(2014, 10, 1))
        write(published_at=moment(2014, 10, 31, 23, 59))
        write(published_at=moment(2014, 11, 1))
        html = client.get("/blog/archive/").text
        assert "2 posts" in html
        assert "1 post<" in html
