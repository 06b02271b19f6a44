"""When the index hears of a change."""

import pytest


@pytest.fixture
def heard(engine, monkeypatch):
    """The pages that the engine was told to write, each time."""
    heard = []
    monkeypatch.setattr(type(engine), "changed", lambda self, pages: heard.append(list(pages)))
    return heard


class PostTests:
    def test_a_draft_is_not_written_to_the_index(self, write, heard):
        post = write("Bananas")
        heard.clear()
        post.title = "Cherries"
        post.save_revision()
        assert heard == []

    def test_a_publish_is_written_once(self, write, heard):
        post = write("Bananas")
        heard.clear()
        # Its share card is drawn anew for the title, and saved too.
        post.title = "Cherries"
        post.save_revision().publish()
        assert heard == [[post.pk]]

    def test_a_change_of_one_field_is_written(self, write, heard):
        post = write("Bananas")
        heard.clear()
        post.introduction = "With cherries."
        post.save(update_fields=["introduction"])
        assert heard == [[post.pk]]

    def test_a_deleted_post_is_taken_out(self, write, heard):
        post = write("Bananas")
        pk = post.pk
        heard.clear()
        post.delete()
        assert [pk] in heard


class FailureTests:
    def test_a_post_is_published_though_the_index_fails(
        self, write, engine, settings, monkeypatch, django_capture_on_commit_callbacks
    ):
        tried = []

        def fail(self, pages):
            tried.append(pages)
            raise OSError("No space left on device")

        settings.WAGTAILSEARCH_BACKENDS["reader"]["LAZY"] = False
        monkeypatch.setattr(type(engine), "sync", fail)
        with django_capture_on_commit_callbacks(execute=True):
            post = write("Bananas")
        post.refresh_from_db()
        assert post.live
        assert tried == [[post.pk]]
