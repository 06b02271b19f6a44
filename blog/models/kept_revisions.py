"""Keeps the revisions of a page whose text an autosave would overwrite."""

import datetime as dt
import json
import re
from collections import Counter

from django.db import models
from django.utils import timezone
from wagtail.log_actions import registry

# For how long autosaves overwrite the same revision.
INTERVAL = dt.timedelta(minutes=10)
# An autosave in which so many words are missing does not overwrite the revision.
LOST_WORDS = 5

# Without numbers, because each save changes dates, and without words of one letter, because tags
# such as `p` disappear when paragraphs are joined.
WORD = re.compile(r"\b[^\W\d]\w+")
# The editor changes the keys of paragraphs.
PARAGRAPH_KEY = re.compile(r' data-block-key="\w+"')


class KeptRevisions:
    """
    A page whose autosaves do not overwrite text that was removed since.

    During a session of editing, Wagtail overwrites one revision with each autosave. This page
    starts a new one when a block or several words are missing, every ten minutes, and when the
    revision was published or scheduled meanwhile. Goes before `Page` among the bases.
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
        """Return whether overwriting the revision with the page would lose something."""
        return (
            revision.pk == self.live_revision_id
            # Wagtail would take the revision off the schedule.
            or revision.approved_go_live_at is not None
            or begun_at(revision, self) <= timezone.now() - INTERVAL
            or loses_text(self.written(revision.content), self.written(self.serializable_data()))
        )

    def written(self, content):
        """Return the values in a revision's content that people typed, without derived fields."""
        derived = {
            field.name
            for field in self._meta.concrete_fields
            if not field.editable or isinstance(field, models.SlugField)
        }
        return [value for name, value in content.items() if name not in derived]


def begun_at(revision, page):
    """Return when the revision was first saved. Its own date changes with each autosave."""
    logs = registry.get_logs_for_instance(page).filter(revision_id=revision.pk)
    first = logs.order_by("timestamp").values_list("timestamp", flat=True).first()
    return first or revision.created_at


def loses_text(before, after):
    """Return whether a block, or several words, of the values `before` are missing in `after`."""
    words, blocks = inventory(before)
    words_left, blocks_left = inventory(after)
    return bool(blocks - blocks_left) or (words - words_left).total() >= LOST_WORDS


def inventory(values):
    """Return a Counter of the words of some values, and the set of the ids of their blocks."""
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
    """Return the blocks of a StreamField's value, which is stored as JSON, or the value itself."""
    if isinstance(value, str) and value.startswith("[{"):
        try:
            return json.loads(value)
        except ValueError:
            pass
    return value
