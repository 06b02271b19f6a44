"""Keeps an earlier revision of a page where an autosave would leave nothing of it."""

import datetime as dt
import json
import re
from collections import Counter

from django.db import models
from django.utils import timezone
from wagtail.log_actions import registry

# An autosave takes the place of the one before it for so long …
INTERVAL = dt.timedelta(minutes=10)
# … and as long as fewer words than these are gone.
LOST_WORDS = 5

# Not numbers, as each save changes dates, and no tag of one letter, as paragraphs are joined.
WORD = re.compile(r"\b[^\W\d]\w+")
# Keys of paragraphs change by themselves.
PARAGRAPH_KEY = re.compile(r' data-block-key="\w+"')


class KeptRevisions:
    """
    A page whose autosaves lose nothing that was there.

    In one session of editing Wagtail saves again and again into one revision. This page begins
    another when a block or several words are gone, every ten minutes, and when the revision has
    been published meanwhile. Goes before `Page` among the bases.
    """

    def save_revision(self, *args, overwrite_revision=None, user=None, **kwargs):
        if (
            overwrite_revision
            # Wagtail refuses any other.
            and overwrite_revision.pk == self.latest_revision_id
            and overwrite_revision.user_id == (user and user.pk)
            and self.is_worth_keeping(overwrite_revision)
        ):
            overwrite_revision = None
        return super().save_revision(
            *args, overwrite_revision=overwrite_revision, user=user, **kwargs
        )

    def is_worth_keeping(self, revision):
        """Whether the revision holds what the page as it is now would lose."""
        return (
            revision.pk == self.live_revision_id
            or begun_at(revision, self) <= timezone.now() - INTERVAL
            or loses_text(self.written(revision.content), self.written(self.serializable_data()))
        )

    def written(self, content):
        """Return what people typed of a revision's content; the rest follows from it."""
        derived = {
            field.name
            for field in self._meta.concrete_fields
            if not field.editable or isinstance(field, models.SlugField)
        }
        return [value for name, value in content.items() if name not in derived]


def begun_at(revision, page):
    """Return when the revision was first saved: its own date is that of the last time."""
    logs = registry.get_logs_for_instance(page).filter(revision_id=revision.pk)
    first = logs.order_by("timestamp").values_list("timestamp", flat=True).first()
    return first or revision.created_at


def loses_text(before, after):
    """Return whether a block, or several words, of some values are not in the others."""
    words, blocks = inventory(before)
    words_left, blocks_left = inventory(after)
    return bool(blocks - blocks_left) or (words - words_left).total() >= LOST_WORDS


def inventory(values):
    """Return the words of the values, counted, and the ids of the blocks among them."""
    words, blocks = Counter(), set()

    def visit(value):
        if isinstance(value, dict):
            if "type" in value and isinstance(value.get("id"), str):
                blocks.add(value["id"])
            for part in value.values():
                visit(part)
        elif isinstance(value, list):
            for part in value:
                visit(part)
        elif isinstance(value, str):
            words.update(WORD.findall(PARAGRAPH_KEY.sub("", value)))

    for value in values:
        visit(stream(value))
    return words, blocks


def stream(value):
    """Return what a field holds; a stream of blocks is stored as JSON in a string."""
    if isinstance(value, str) and value.startswith("[{"):
        try:
            return json.loads(value)
        except ValueError:
            pass
    return value
