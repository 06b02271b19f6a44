"""What an autosave would lose lies in an earlier revision."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import PageLogEntry
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from tests.factories import PostPageFactory, StandardPageFactory

pytestmark = pytest.mark.django_db

FIRST = "The night staff kept a book of every call."
SECOND = "Nobody rings at three in the morning unless they must."


class Session:
    """An editor's open page, which saves by itself as Wagtail's script does."""

    def __init__(self, client, page):
        self.client, self.page, self.revision = client, page, None

    def autosave(self, *texts, ids="ab", **fields):
        blocks = [("paragraph", rich_text(f"<p>{text}</p>")) for text in texts]
        data = nested_form_data(
            {
                "title": "A title",
                "slug": self.page.slug,
                "body": streamfield(blocks),
                "bylines": inline_formset([]),
                "corrections": inline_formset([]),
                "comments": inline_formset([]),
                **fields,
            }
        )
        data |= {f"body-{place}-id": name for place, name in enumerate(ids[: len(texts)])}
        if self.revision:
            data["overwrite_revision_id"] = self.revision
        address = reverse("wagtailadmin_pages:edit", args=[self.page.pk])
        answer = self.client.post(address, data, headers={"Accept": "application/json"}).json()
        assert answer["success"], answer
        self.revision = answer["revision_id"]
        return self.revision

    def kept(self, revision):
        """The text of a revision's body, as the history shows it."""
        body = self.page.revisions.get(pk=revision).as_object().body
        return " ".join(str(block.value) for block in body)


@pytest.fixture
def session(client, editor, blog):
    client.force_login(editor)
    return Session(client, PostPageFactory(parent=blog))


class AutosaveTests:
    def test_writing_on_is_one_revision(self, session):
        first = session.autosave("The night staff")
        assert session.autosave(FIRST) == first
        assert session.autosave(FIRST, SECOND) == first
        # A word put right, a paragraph moved and a title retyped are no loss.
        assert session.autosave(FIRST.replace("book", "diary"), SECOND) == first
        assert session.autosave(SECOND, FIRST, ids="ba") == first
        assert session.autosave(SECOND, FIRST, ids="ba", title="Nobody rings") == first

    def test_a_block_that_is_deleted_lies_in_the_revision_before(self, session):
        first = session.autosave(FIRST, "Short.")
        second = session.autosave(FIRST)
        assert second != first
        assert "Short." in session.kept(first)
        assert "Short." not in session.kept(second)
        # The open page goes on with the new one.
        assert session.autosave(FIRST + " More.") == second

    def test_text_that_is_deleted_lies_in_the_revision_before(self, session):
        first = session.autosave(f"{FIRST} {SECOND}")
        second = session.autosave(FIRST)
        assert second != first
        assert SECOND in session.kept(first)

    def test_text_that_longer_text_replaces_lies_in_the_revision_before(self, session):
        first = session.autosave(FIRST)
        assert session.autosave(f"{SECOND} {SECOND} {SECOND}") != first
        assert FIRST in session.kept(first)

    @pytest.mark.parametrize("field", ["introduction", "search_description"])
    def test_a_field_that_is_emptied_lies_in_the_revision_before(self, session, field):
        first = session.autosave(FIRST, **{field: SECOND})
        assert session.autosave(FIRST, **{field: ""}) != first
        assert getattr(session.page.revisions.get(pk=first).as_object(), field) == SECOND

    def test_a_correction_that_is_deleted_lies_in_the_revision_before(self, session):
        note = {"text": f"<p>{SECOND}</p>", "date": "2026-01-02", "id": "", "ORDER": "1"}
        note["text"] = rich_text(note["text"])
        first = session.autosave(FIRST, corrections=inline_formset([note]))
        assert session.autosave(FIRST) != first
        (correction,) = session.page.revisions.get(pk=first).as_object().corrections.all()
        assert SECOND in correction.text

    def test_every_ten_minutes_there_is_another(self, session):
        first = session.autosave(FIRST)
        assert session.autosave(FIRST, SECOND) == first
        PageLogEntry.objects.filter(revision_id=first).order_by("timestamp").update(
            timestamp=timezone.now() - dt.timedelta(minutes=11)
        )
        second = session.autosave(FIRST, SECOND + " More.")
        assert second != first
        assert session.autosave(FIRST, SECOND + " More. And more.") == second

    def test_what_was_published_meanwhile_stays_as_it_was(self, session):
        first = session.autosave(FIRST)
        session.page.revisions.get(pk=first).publish()
        assert session.autosave(FIRST, SECOND) != first
        assert SECOND not in session.kept(first)

    def test_a_standing_page_keeps_them_too(self, session, home_page):
        session.page = StandardPageFactory(parent=home_page)
        first = session.autosave(FIRST, SECOND)
        assert session.autosave(FIRST) != first
        assert SECOND in session.kept(first)

    def test_another_persons_revision_is_still_refused(self, session, administrator, client):
        first = session.autosave(FIRST, SECOND)
        client.force_login(administrator)
        with pytest.raises(AssertionError, match="invalid_revision"):
            session.autosave(FIRST)
        assert SECOND in session.kept(first)
