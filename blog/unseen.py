"""Marks saves that change nothing for readers, such as the autosaves of a draft."""

from contextlib import contextmanager
from contextvars import ContextVar

# The fields of a page that saving a draft writes.
DRAFT_FIELDS = {
    "draft_title",
    "has_unpublished_changes",
    "latest_revision",
    "latest_revision_created_at",
    "live_revision",
    "locked",
    "locked_at",
    "locked_by",
}

_unseen = ContextVar("unseen", default=False)


@contextmanager
def unseen():
    """Mark what is saved inside as unseen by readers."""
    token = _unseen.set(True)
    try:
        yield
    finally:
        _unseen.reset(token)


def is_unseen():
    """Return whether what is saved now changes nothing for readers."""
    return _unseen.get()


class UnseenDraft:
    """
    A page whose saves are unseen until it is first published.

    Goes before `Page` among the bases.
    """

    def save(self, *args, **kwargs):
        if not self.is_unseen_draft():
            return super().save(*args, **kwargs)
        with unseen():
            return super().save(*args, **kwargs)

    def is_unseen_draft(self):
        """Return whether it has never been published, and no public page depends on it."""
        # The addresses of pages below it begin with its own, and a page that is gone is answered.
        if self.live or self.first_published_at or self.numchild or getattr(self, "gone", False):
            return False
        before = self.pk and type(self)._base_manager.filter(pk=self.pk).first()
        return not before or not (
            before.live or before.first_published_at or getattr(before, "gone", False)
        )
