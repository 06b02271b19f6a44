import datetime as dt
from types import SimpleNamespace

import pytest
from django.utils import timezone
from PIL import Image
from wagtail.models import Page, PageLogEntry, PageViewRestriction, ReferenceIndex, Revision

from blog.importers.imported import (
    ImportedComment,
    ImportedCorrection,
    ImportedPost,
    Status,
)
from blog.importers.media import MediaLibrary
from blog.importers.survey import Known, Survey
from blog.importers.writer import Writer
from blog.models import ArchivedComment, Photo, PostPage
from tests.factories import AuthorFactory, BlogIndexPageFactory, moment


def imported(title="Tea", slug="tea", **fields):
    fields.setdefault("source_id", f"test:{slug}")
    fields.setdefault("published_at", moment(2014, 10, 18, 12))
    fields.setdefault("html", "<p>Two cups.</p>")
    return ImportedPost(title=title, slug=slug, **fields)


def related(*slugs):
    return f"<x-related><ul>{''.join(f'<li>{slug}</li>' for slug in slugs)}</ul></x-related>"


@pytest.fixture
def save(blog, tmp_path):
    """Write posts and comments into the blog; returns the outcomes of the receipt, by name."""

    def save(*items, into=blog, **options):
        survey = Survey()
        for item in items:
            if isinstance(item, ImportedPost):
                survey.posts[item.source_id] = Known(item.title, item.slug, item.is_page)
                survey.addresses |= dict.fromkeys(item.addresses, item.source_id)
        library = MediaLibrary([tmp_path], fetches=False)
        receipt = Writer(into, survey, library, **options).write(items, lambda count: None)
        outcomes = SimpleNamespace(notes=receipt.notes, receipt=receipt)
        for name in ("created", "updated", "unchanged", "left alone", "failed"):
            entries = [entry for entry in receipt.entries if entry.outcome == name]
            for entry in entries:
                entry.page = entry.page and Page.objects.get(pk=entry.page).specific
            setattr(outcomes, name.replace(" ", "_"), entries)
        return outcomes

    return save


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "cup.png"
    Image.new("RGB", (8, 8), "teal").save(path)
    return "cup.png"


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
        assert all("is taken" in outcome.losses[-1] for outcome in report.created)

    def test_what_was_changed_since_is_kept(self, save, client):
        notes = (ImportedCorrection(dt.date(2014, 11, 2), "<p>It was eight.</p>"),)
        text = "<p>Two cups.[^1]</p><x-notes><x-note><p>Large ones.</p></x-note></x-notes>"
        changed = imported(
            html=text, corrections=notes, updated_at=moment(2014, 11, 2, 8), gone=True
        )
        post = save(changed).created[0].page
        page = client.get(post.url).content.decode()
        assert "It was eight." in page
        assert 'href="#note-1"' in page
        assert (post.updated_at, post.gone) == (moment(2014, 11, 2, 8), True)
        assert len(save(changed).unchanged) == 1
        (again,) = save(imported(html=text)).updated
        assert list(again.page.corrections.all()) == []

    def test_posts_may_name_each_other(self, save):
        a = imported("A", "a", html=related("b"))
        b = imported("B", "b", html=related("a"))
        first, second = (outcome.page for outcome in save(a, b).created)
        assert next(iter(first.body[0].value["posts"])).pk == second.pk
        assert next(iter(second.body[0].value["posts"])).pk == first.pk
        assert ReferenceIndex.get_references_to(first).exists()

    def test_a_post_that_is_not_there_is_noted_and_named_once_it_is(self, save):
        a = imported("A", "a", html="<p>Text.</p>" + related("b"))
        report = save(a)
        assert "“b” is not here" in report.created[0].losses[0]
        assert len(report.created[0].page.body) == 1
        assert len(save(a).unchanged) == 1
        (again,) = save(a, imported("B", "b")).updated
        assert len(again.page.body) == 2

    def test_a_picture_and_a_document_are_added_once(self, save, picture, tmp_path):
        (tmp_path / "cups.csv").write_text("cups\n12\n")
        text = (
            '<img src="cup.png" alt="A cup">'
            '<x-document file="cups.csv" title="All cups"></x-document>'
        )
        report = save(
            imported(cover=picture, html=text), imported(slug="b", cover=picture, html=text)
        )
        assert len(report.created) == 2
        photo = Photo.objects.get()
        assert (photo.title, photo.description, photo.width) == ("Cup", "A cup", 8)
        assert report.created[1].page.cover == photo
        assert report.created[1].page.body[1].value["document"].title == "All cups"

    def test_a_page_becomes_a_standard_page_below_the_front_page(self, save, client):
        (entry,) = save(imported("About", "about", is_page=True)).created
        assert entry.page.get_url() == "/about/"
        assert "Two cups." in client.get("/about/").content.decode()
        assert len(save(imported("About", "about", is_page=True)).unchanged) == 1

    def test_a_post_without_a_title_is_called_by_its_first_words(self, save):
        assert save(imported(title="")).created[0].page.title == "Two cups."

    def test_links_between_imported_posts_become_links_to_their_pages(self, save, client):
        a = imported("A", "a", html='<p><a href="/2014/b/">B</a></p>', addresses=("/2014/a",))
        b = imported("B", "b", html='<p><a href="/2014/a">A</a></p>', addresses=("/2014/b",))
        first, second = (entry.page for entry in save(a, b).created)
        assert f'linktype="page" id="{second.pk}"' in str(first.body[0].value.source)
        assert f'linktype="page" id="{first.pk}"' in str(second.body[0].value.source)
        assert f'href="{second.url}"' in client.get(first.url).content.decode()


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
            imported(slug="b", html=related("tea")),
            *(imported(slug=status, status=status) for status in (Status.DRAFT, Status.PRIVATE)),
        ]
        assert len(save(*posts).created) == 4
        before = state()
        assert len(save(*posts).unchanged) == 4
        assert state() == before

    def test_what_the_archive_has_corrected_is_brought_up_to_date(self, save):
        post = save(imported()).created[0].page
        report = save(imported(html="<p>Three cups.</p>"))
        assert [outcome.page.pk for outcome in report.updated] == [post.pk]
        post.refresh_from_db()
        assert "Three cups." in str(post.body)
        assert post.published_at == post.first_published_at == moment(2014, 10, 18, 12)

    def test_a_post_that_an_editor_changed_is_left_alone_and_reported(self, save, editor):
        post = save(imported()).created[0].page
        post.title = "Coffee"
        post.save_revision(user=editor).publish(user=editor)
        before = state()
        report = save(imported(html="<p>Three cups.</p>"))
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
        save(imported(), into=other)
        (outcome,) = save(imported()).failed
        assert outcome.reason == "It is already in Other, as Tea."


class BadPostTests:
    def test_a_post_that_cannot_be_written_leaves_nothing_and_stops_no_other(self, save):
        bad = imported("Bad", "bad", status=Status.SCHEDULED)
        report = save(imported("A", "a"), bad, imported())
        assert [entry.title for entry in report.created] == ["A", "Tea"]
        (entry,) = report.failed
        assert "no moment" in entry.reason
        assert not report.receipt.is_whole
        assert not PostPage.objects.filter(slug__startswith="bad").exists()

    def test_a_post_longer_than_any_book_is_refused(self, save):
        (entry,) = save(imported(html="x" * 5_000_001)).failed
        assert "5,000,004 characters" in entry.reason

    @pytest.mark.parametrize(
        ("odd", "loss"),
        [
            ({"html": ""}, "no text"),
            ({"title": "x" * 300}, "more than 255 characters"),
            ({"title": "Bell \x07"}, "U+0007"),
            ({"cover": "nowhere.png"}, "nowhere.png is not here"),
            ({"html": '<img src="nowhere.png">'}, "nowhere.png is not here"),
        ],
    )
    def test_what_is_odd_about_a_post_is_a_line_and_loses_no_post(self, save, odd, loss):
        (entry,) = save(imported(**odd)).created
        assert any(loss in line for line in entry.losses)

    def test_a_file_that_is_no_picture_leaves_its_address(self, save, tmp_path):
        (tmp_path / "cup.png").write_text("no picture")
        (entry,) = save(imported(html='<img src="cup.png">')).created
        assert "cup.png" in str(entry.page.body)
        assert not Photo.objects.exists()

    def test_a_picture_that_comes_later_is_taken_in_by_the_next_run(self, save, tmp_path):
        post = imported(html='<p>Text.</p><img src="cup.png" alt="A cup">')
        save(post)
        Image.new("RGB", (8, 8), "teal").save(tmp_path / "cup.png")
        (entry,) = save(post).updated
        assert [block.block_type for block in entry.page.body] == ["paragraph", "photo"]
        assert len(save(post).unchanged) == 1


class CommentTests:
    def comments(self):
        yield ImportedComment("c2", "test:tea", "I agree", "Bo", parent="c1")
        yield ImportedComment("c1", "test:tea", "<b>Good</b>", "Ada", "https://ada.example/")
        yield ImportedComment("c3", "test:tea", "Gone above", "bo@example.org", parent="c0")
        yield ImportedComment("c4", "test:tea", "Waits", "Cy", is_public=False)
        yield ImportedComment("c5", "test:no", "Of no post", "Di")

    def test_they_are_an_archive_under_their_post(self, save, client):
        report = save(*self.comments(), imported())
        assert report.receipt.totals()["comments"] == (5, 4)
        assert ArchivedComment.objects.get(source_id="c2").parent.source_id == "c1"
        page = client.get(report.created[0].page.url).content.decode()
        assert 'rel="ugc nofollow"' in page
        assert "<b>Good</b>" in page
        assert "Gone above" in page
        assert "Waits" not in page
        assert "example.org" not in page

    def test_one_that_was_erased_stays_erased(self, save):
        save(*self.comments(), imported())
        ArchivedComment.objects.get(source_id="c1").delete()
        save(*self.comments(), imported())
        erased = ArchivedComment.objects.get(source_id="c1")
        assert (erased.text, erased.name) == ("", "")
        assert ArchivedComment.objects.count() == 4
