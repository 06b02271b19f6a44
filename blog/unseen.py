"""Writes of which no reader can see anything: a draft is saved each time that its writer pauses."""

from contextlib import contextmanager
from contextvars import ContextVar

_unseen = ContextVar("unseen", default=False)


@contextmanager
def unseen():
    """While what is written can be noticed by no reader."""
    token = _unseen.set(True)
    try:
        yield
    finally:
        _unseen.reset(token)


def is_unseen():
    """Whether what is written now can be noticed by no reader."""
    return _unseen.get()


class UnseenDraft:
    """A page that is saved unseen until it is first published. Goes before `Page` in the bases."""

    def save(self, *args, **kwargs):
        if not self.is_unseen_draft():
            return super().save(*args, **kwargs)
        with unseen():
            return super().save(*args, **kwargs)

    def is_unseen_draft(self):
        """Whether it has never been published, neither as it is nor as it was, and is a leaf."""
        # Its address may be that of what is below it, and one that is gone has an answer.
        if self.live or self.first_published_at or self.numchild or getattr(self, "gone", False):
            return False
        before = self.pk and type(self)._base_manager.filter(pk=self.pk).first()
        return not before or not (
            before.live or before.first_published_at or getattr(before, "gone", False)
        )
