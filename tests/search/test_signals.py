"""What is noted for the index, in the transaction that changes it."""

import pytest
from django.db import transaction
from wagtail.models import PageViewRestriction

from blog.models import Author, Tag
from search.engine.copy import Copy
from search.models import SearchChange
from tests.factories import AuthorFactory


@pytest.fixture
def noted(db):
    """The pages that were noted since the last time this was asked."""

    def noted():
        pages = set(SearchChange.objects.values_list("page", flat=True))
        SearchChange.objects.all().delete()
        return pages

    return noted


class PostTests:
    def test_a_draft_is_not_noted(self, write, noted):
        post = write("Bananas")
        noted()
        post.title = "Cherries"
        post.save_revision()
        assert noted() == set()

    def test_a_publish_is_noted_once(self, write, noted):
        post = write("Bananas")
        noted()
        post.title = "Cherries"
        post.save_revision().publish()
        assert list(SearchChange.objects.values_list("page", flat=True)) == [post.pk]

    def test_a_change_of_one_field_is_noted(self, write, noted):
        post = write("Bananas")
        noted()
        post.introduction = "With cherries."
        post.save(update_fields=["introduction"])
        assert noted() == {post.pk}

    def test_each_way_to_hide_or_correct_it_is_noted(self, write, noted, blog):
        post = write("Bananas")
        key = post.pk
        noted()
        post.unpublish()
        assert key in noted()
        restriction = PageViewRestriction.objects.create(
            page=blog, restriction_type=PageViewRestriction.LOGIN
        )
        assert key in noted()
        restriction.delete()
        assert key in noted()
        post.corrections.create(text="<p>Once wrong.</p>")
        post.save()
        assert key in noted()
        post.delete()
        assert key in noted()

    def test_its_tags_and_authors_are_noted(self, write, noted):
        post = write("Bananas", tags=["Food"], authors=[AuthorFactory(name="Ann")])
        noted()
        tag = Tag.objects.get(name="Food")
        tag.name = "Fruit"
        tag.save()
        assert noted() == {post.pk}
        Author.objects.get(name="Ann").delete()
        assert noted() == {post.pk}

    def test_what_is_undone_is_not_noted(self, write, noted):
        post = write("Bananas")
        noted()
        with transaction.atomic():
            post.save()
            transaction.set_rollback(True)
        assert noted() == set()


class FailureTests:
    def test_a_post_is_published_though_the_index_fails(
        self, write, search_index, monkeypatch, django_capture_on_commit_callbacks
    ):
        tried = []

        def fail(copy, *args):
            tried.append(copy)
            raise OSError("No space left on device")

        monkeypatch.setattr(search_index, "at_once", False)
        monkeypatch.setattr(Copy, "take_in", fail)
        with django_capture_on_commit_callbacks(execute=True):
            post = write("Bananas")
        post.refresh_from_db()
        assert post.live
        assert tried
