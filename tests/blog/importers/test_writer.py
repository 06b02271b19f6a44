import datetime as dt

import pytest
from django.utils import timezone
from PIL import Image
from wagtail.models import PageLogEntry, PageViewRestriction, ReferenceIndex, Revision

from blog.importers.imported import (
    Archive,
    ImportedCorrection,
    ImportedDocument,
    ImportedPhoto,
    ImportedPost,
    PostLink,
    Status,
)
from blog.importers.writer import write
from blog.models import Photo, PostPage
from tests.factories import AuthorFactory, BlogIndexPageFactory, moment, paragraph


def imported(title="Tea", slug="tea", **fields):
    fields.setdefault("source_id", f"test:{slug}")
    fields.setdefault("published_at", moment(2014, 10, 18, 12))
    fields.setdefault("body", (paragraph("Two cups."),))
    return ImportedPost(title=title, slug=slug, **fields)


def related(*slugs):
    posts = [PostLink(slug) for slug in slugs]
    return {"type": "related", "value": {"title": "", "posts": posts}}


@pytest.fixture
def save(blog):
    """Write posts into the blog; returns the report."""

    def save(*posts, **options):
        return write(Archive(posts), blog, **options)

    return save


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "cup.png"
    Image.new("RGB", (8, 8), "teal").save(path)
    return ImportedPhoto("cup.png", path, "A cup")


def state():
    """What a second import must not touch."""
    return (
        list(PostPage.objects.order_by("pk").values()),
        Revision.objects.count(),
        PageLogEntry.objects.count(),
        Photo.objects.count(),
    )


class NewPostTests:
    def test_a_post_is_there_as_if_written_by_hand(self, save, client):
        author = AuthorFactory()
        report = save(
            imported(
                introduction="On tea.", tags=("Food", "food"), authors=(author.slug,), series="Cups"
            )
        )
        post = report.created[0].page
        assert post.live
        assert not post.has_unpublished_changes
        assert post.published_at == post.first_published_at == moment(2014, 10, 18, 12)
        assert post.live_revision_id == post.latest_revision_id
        assert post.latest_revision.as_object().title == "Tea"
        assert (post.introduction, post.authors, post.series.title) == ("On tea.", [author], "Cups")
        assert [tag.name for tag in post.tags.all()] == ["Food"]
        actions = PageLogEntry.objects.filter(page=post).values_list("action", flat=True)
        assert set(actions) == {"wagtail.create", "wagtail.publish", "blog.import"}
        assert "Two cups." in client.get(post.url).content.decode()
        assert client.get("/blog/2014/10/18/").status_code == 200
        assert [found.pk for found in PostPage.objects.published().search("cups")] == [post.pk]

    def test_authors_may_be_given_for_posts_that_name_nobody(self, save):
        author = AuthorFactory()
        report = save(imported(), imported(slug="b", authors=("Bo Berg",)), authors=(author.slug,))
        assert [[a.name for a in o.page.authors] for o in report.created] == [
            [author.name],
            ["Bo Berg"],
        ]
        assert report.notes == ["Author made: Bo Berg."]

    def test_a_slug_that_is_taken_or_reserved_gets_a_number(self, save, write):
        write("Tea", slug="tea")
        report = save(imported(), imported("2014", "2014"), imported("Tea", source_id="test:other"))
        assert [outcome.page.slug for outcome in report.created] == ["tea-2", "2014-2", "tea-3"]
        assert len(report.notes) == 3

    def test_what_was_changed_since_is_kept(self, save, client):
        notes = (ImportedCorrection(dt.date(2014, 11, 2), "<p>It was eight.</p>"),)
        body = (
            paragraph("Two cups.[^1]"),
            {"type": "notes", "value": ["<p>Large ones.</p>"]},
        )
        changed = imported(
            body=body, corrections=notes, updated_at=moment(2014, 11, 2, 8), gone=True
        )
        post = save(changed).created[0].page
        page = client.get(post.url).content.decode()
        assert "It was eight." in page
        assert 'href="#note-1"' in page
        assert (post.updated_at, post.gone) == (moment(2014, 11, 2, 8), True)
        assert len(save(changed).unchanged) == 1
        (again,) = save(imported(body=body)).updated
        assert list(again.page.corrections.all()) == []

    def test_posts_may_name_each_other(self, save):
        a = imported("A", "a", body=(related("b"),))
        b = imported("B", "b", body=(related("a"),))
        first, second = (outcome.page for outcome in save(a, b).created)
        assert next(iter(first.body[0].value["posts"])).pk == second.pk
        assert next(iter(second.body[0].value["posts"])).pk == first.pk
        assert ReferenceIndex.get_references_to(first).exists()

    def test_a_post_that_is_not_there_is_noted_and_named_once_it_is(self, save):
        a = imported("A", "a", body=(paragraph("Text."), related("b")))
        report = save(a)
        assert "“b”, which is not here" in report.notes[0]
        assert len(report.created[0].page.body) == 1
        assert len(save(a).unchanged) == 1
        (again,) = save(a, imported("B", "b")).updated
        assert len(again.page.body) == 2

    def test_a_picture_and_a_document_are_added_once(self, save, picture, tmp_path):
        path = tmp_path / "cups.csv"
        path.write_text("cups\n12\n")
        document = ImportedDocument("cups.csv", path, "All cups")
        image = {"image": picture, "alt_text": "A cup", "decorative": False}
        body = (
            {"type": "photo", "value": {"image": image, "caption": ""}},
            {"type": "document", "value": {"document": document, "title": ""}},
        )
        report = save(
            imported(cover=picture, body=body), imported(slug="b", cover=picture, body=body)
        )
        assert len(report.created) == 2
        photo = Photo.objects.get()
        assert (photo.title, photo.description, photo.width) == ("Cup", "A cup", 8)
        assert report.created[1].page.cover == photo
        assert report.created[1].page.body[1].value["document"].title == "All cups"


class StatusTests:
    def test_a_draft_has_a_revision_and_is_not_live(self, save):
        post = save(imported(status=Status.DRAFT)).created[0].page
        assert (post.live, post.latest_revision_id is not None) == (False, True)
        assert post.published_at == moment(2014, 10, 18, 12)

    def test_a_scheduled_post_waits_for_its_moment(self, save):
        later = timezone.now() + dt.timedelta(days=2)
        post = save(imported(status=Status.SCHEDULED, go_live_at=later)).created[0].page
        assert not post.live
        assert post.latest_revision.approved_go_live_at == later

    def test_a_live_post_of_the_future_is_scheduled_for_its_date(self, save):
        later = timezone.now() + dt.timedelta(days=2)
        post = save(imported(published_at=later)).created[0].page
        assert not post.live
        assert post.latest_revision.approved_go_live_at == later

    def test_an_expired_post_is_down(self, save):
        past = moment(2014, 11, 1)
        post = save(imported(status=Status.EXPIRED, expire_at=past)).created[0].page
        assert (post.live, post.expired, post.expire_at) == (False, True, past)

    def test_a_private_post_asks_for_its_password(self, save, client):
        post = save(imported(status=Status.PRIVATE, password="milk")).created[0].page
        assert post.live
        restriction = PageViewRestriction.objects.get(page=post)
        assert (restriction.restriction_type, restriction.password) == ("password", "milk")
        assert not PostPage.objects.published().filter(pk=post.pk).exists()

    def test_a_post_in_review_waits_for_an_editor(self, save):
        post = save(imported(status=Status.IN_REVIEW)).created[0].page
        assert not post.live
        assert post.workflow_in_progress


class SecondImportTests:
    def test_it_changes_nothing(self, save, picture):
        posts = [
            imported(cover=picture, tags=("Food",), authors=("Bo Berg",), series="Cups"),
            imported(slug="b", body=(related("tea"),)),
            *(imported(slug=status, status=status) for status in (Status.DRAFT, Status.PRIVATE)),
        ]
        assert len(save(*posts).created) == 4
        before = state()
        assert len(save(*posts).unchanged) == 4
        assert state() == before

    def test_what_the_archive_has_corrected_is_brought_up_to_date(self, save):
        post = save(imported()).created[0].page
        report = save(imported(body=(paragraph("Three cups."),)))
        assert [outcome.page.pk for outcome in report.updated] == [post.pk]
        post.refresh_from_db()
        assert "Three cups." in str(post.body)
        assert post.published_at == post.first_published_at == moment(2014, 10, 18, 12)

    def test_a_post_that_an_editor_changed_is_left_alone_and_reported(self, save, editor):
        post = save(imported()).created[0].page
        post.title = "Coffee"
        post.save_revision(user=editor).publish(user=editor)
        before = state()
        report = save(imported(body=(paragraph("Three cups."),)))
        (outcome,) = report.left_alone
        assert "changed here" in outcome.reason
        assert "another text" in outcome.reason
        assert state() == before

    def test_a_post_that_an_editor_took_down_stays_down(self, save, editor):
        post = save(imported()).created[0].page
        post.unpublish(user=editor)
        assert save(imported("Coffee")).left_alone
        post.refresh_from_db()
        assert not post.live

    def test_a_run_that_was_broken_off_is_finished(self, save, blog):
        blog.add_child(instance=PostPage(title="Tea", slug="tea", source_id="test:tea", live=False))
        assert len(save(imported()).created) == 1
        assert PostPage.objects.get().live

    def test_a_post_of_another_blog_is_not_moved(self, save, home_page):
        other = BlogIndexPageFactory(parent=home_page, title="Other")
        write(Archive((imported(),)), other)
        (outcome,) = save(imported()).failed
        assert outcome.reason == "It is already in Other, as Tea."


class BadPostTests:
    @pytest.mark.parametrize(
        ("bad", "reason"),
        [
            ({"body": ()}, "required"),
            ({"title": "x" * 300}, "title has more than 255 characters"),
            ({"title": "Bell \x07"}, "U+0007"),
            ({"introduction": "x" * 1001}, "1,000 characters"),
            ({"status": Status.SCHEDULED}, "no moment"),
            ({"cover": ImportedPhoto("cup.png")}, "“cup.png” was not found"),
            (
                {"body": ({"type": "heading", "value": {"text": "", "level": "2", "anchor": ""}},)},
                "block 1, text",
            ),
        ],
    )
    def test_it_is_reported_leaves_nothing_and_stops_no_other(self, save, bad, reason):
        report = save(
            imported("A", "a"), imported(**{"title": "Bad", "slug": "bad"} | bad), imported()
        )
        assert [outcome.post.slug for outcome in report.created] == ["a", "tea"]
        (outcome,) = report.failed
        assert reason in outcome.reason
        assert not PostPage.objects.filter(slug__startswith="bad").exists()

    def test_a_file_that_is_no_picture_is_reported(self, save, tmp_path):
        path = tmp_path / "cup.png"
        path.write_text("no picture")
        (outcome,) = save(imported(cover=ImportedPhoto("cup.png", path))).failed
        assert outcome.reason.startswith("cup.png: ")
        assert not Photo.objects.exists()


def test_progress_is_told(save):
    heard = []
    save(imported(), imported(slug="b"), progress=lambda *numbers: heard.append(numbers))
    assert heard == [(1, 2), (2, 2)]
