import datetime as dt

import feedparser
import pytest
from django.utils import timezone

from blog.models import Correction, PostPage, Tag
from tests.factories import AuthorFactory, moment

pytestmark = pytest.mark.django_db


def edit(post, **fields):
    post = PostPage.objects.get(pk=post.pk)
    for name, value in fields.items():
        setattr(post, name, value)
    post.save_revision().publish()


@pytest.fixture
def post(write):
    post = write("A post", published_at=moment(2014, 10, 18, 9))
    edit(post)
    return post


class UpdatedTests:
    """When a feed says that a post changed, so that readers' programs show it again."""

    @pytest.fixture
    def updated(self, client):
        def updated():
            feed = feedparser.parse(client.get("/blog/feed/").content)
            json = client.get("/blog/feed/json/").json()["items"][0]
            assert json.get("date_modified", "")[:16] == feed.entries[0].updated[:16]
            return feed.entries[0].updated, feed.feed.updated

        return updated

    def test_a_typo_that_is_fixed_is_no_change(self, post, updated):
        before = updated()
        edit(post, title="The post")
        assert updated() == before

    def test_a_date_of_the_last_change_is(self, post, updated):
        edit(post, updated_at=moment(2020, 1, 2, 3, 4))
        assert all(date.startswith("2020-01-02T03:04") for date in updated())

    def test_each_correction_is(self, post, updated):
        seen = {updated()}
        day = post.published_on
        for dates in ([day], [day, day], [day, day, dt.date(2020, 1, 1)]):
            edit(post, corrections=[Correction(date=date, text="<p>No.</p>") for date in dates])
            seen.add(updated())
        assert len(seen) == 4
        assert sorted(seen)[-1][0].startswith("2020-01-01")
        last = updated()
        edit(post, title="A typo the less")
        assert updated() == last

    def test_publishing_an_old_post_today_is(self, write, updated):
        post = write(live=False, published_at=moment(2009, 1, 1))
        edit(post)
        assert updated()[0].startswith(f"{timezone.localdate():%Y}")


class ConditionalTests:
    @pytest.mark.parametrize("kind", ["", "rss/", "json/"])
    def test_who_has_the_feed_since_its_last_change_is_told_so(self, kind, post, client):
        address = f"/blog/feed/{kind}"
        date = client.get(address)["Last-Modified"]
        again = client.get(address, headers={"If-Modified-Since": date})
        assert (again.status_code, again.content) == (304, b"")
        edit(post, title="Another title")
        PostPage.objects.update(last_published_at=timezone.now() + dt.timedelta(minutes=1))
        assert client.get(address, headers={"If-Modified-Since": date}).status_code == 200

    @pytest.mark.parametrize("kind", ["", "rss/", "json/"])
    def test_a_feed_has_changed_when_an_author_or_a_tag_is_renamed(self, kind, write, client):
        author, address = AuthorFactory(name="Ada"), f"/blog/feed/{kind}"
        write(authors=[author], tags=["Soup"])
        for subject in (author, Tag.objects.get()):
            date = client.get(address)["Last-Modified"]
            subject.name = f"{subject.name} the Second"
            subject.save()
            response = client.get(address, headers={"If-Modified-Since": date})
            assert (response.status_code, "the Second" in response.text) == (200, True)

    def test_a_feed_whose_newest_post_is_gone_has_changed(self, post, write, client):
        newest = write()
        edit(newest)
        PostPage.objects.filter(pk=newest.pk).update(last_published_at=moment(2030, 1, 1))
        date = client.get("/blog/feed/")["Last-Modified"]
        PostPage.objects.get(pk=newest.pk).unpublish()
        response = client.get("/blog/feed/", headers={"If-Modified-Since": date})
        assert response.status_code == 200

    @pytest.mark.parametrize("section", ["-posts", "-news"])
    def test_so_is_a_sitemap(self, section, write, client):
        edit(write(published_at=timezone.now()))
        address = f"/sitemap{section}.xml"
        date = client.get(address)["Last-Modified"]
        assert client.get(address, headers={"If-Modified-Since": date}).status_code == 304

    @pytest.mark.parametrize("date", ["x", "Thu, 01 Jan 1970 00:00:00 GMT", ""])
    def test_another_date_is_answered_whole(self, date, post, client):
        response = client.get("/blog/feed/", headers={"If-Modified-Since": date})
        assert response.status_code == 200
