"""
The changes that every machine's copy of the index has to take in: a transactional outbox.

`note` writes a row in the transaction that changes a page, so that both are there or neither.
Nothing can be skipped, in whatever order transactions commit: a row has no number until somebody
reads it who can see it, which is after its commit. Numbers are given in a short transaction that
first takes the one row of `SearchSequence`, and keeps it to its end. So a higher number is given
only when all lower ones can be seen, and a copy that has taken in all rows up to a number never
sees a lower one later. (PostgreSQL lets go of a row's lock after the transaction counts as done for
new snapshots, and each statement of READ COMMITTED has a new one; SQLite has one writer at a time.)
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, Min, Q
from django.utils import timezone

from search.engine.folder import Position
from search.models import SearchChange, SearchMachine, SearchSequence

# So many rows get one number, and are written to an index at once.
BATCH = 500
# A machine that was silent for so long builds its copy anew when it comes back.
SILENT = dt.timedelta(days=7)


class MissedError(Exception):
    """A copy cannot be brought up to date, as changes that it has not taken in were pruned."""


@dataclass(frozen=True)
class State:
    """The outbox's name, its last number, the last that was pruned, and what has none yet."""

    outbox: str
    last: int
    pruned: int
    has_new: bool

    def is_ahead_of(self, position: Position) -> bool:
        """Return whether there is something that a copy at this position has not taken in."""
        return self.has_new or (position.outbox, position.number) != (self.outbox, self.last)

    def is_gap(self, position: Position) -> bool:
        """Return whether a copy at this position can no longer be brought up to date."""
        return position.outbox != self.outbox or not self.pruned <= position.number <= self.last


def note(pages: Iterable[int]) -> None:
    """Note that pages have changed, in the transaction that changes them."""
    SearchChange.objects.bulk_create((SearchChange(page=page) for page in pages), batch_size=1000)


def state() -> State:
    sequence = (
        SearchSequence.objects.annotate(
            has_new=Exists(SearchChange.objects.filter(number__isnull=True))
        )
        .values_list("key", "last", "pruned", "has_new")
        .first()
    )
    if sequence is None:
        SearchSequence.objects.get_or_create(pk=1, defaults={"key": uuid.uuid4().hex})
        return state()
    return State(*sequence)


def number_new() -> State:
    """Give numbers to what was committed since the last time; return the state after that."""
    while (found := state()).has_new:
        with transaction.atomic():
            # First, as this takes the row on PostgreSQL and the whole database on SQLite.
            SearchSequence.objects.update(last=F("last") + 1)
            new = list(
                SearchChange.objects.filter(number__isnull=True)
                .order_by("pk")
                .values_list("pk", flat=True)[:BATCH]
            )
            last = SearchSequence.objects.values_list("last", flat=True).get()
            SearchChange.objects.filter(pk__in=new).update(number=last)
    return found


def after(position: Position) -> tuple[list[int], int]:
    """
    Return the pages of the next batch after a copy's position, and that batch's number.

    The pages are [] when there are no more. Raise MissedError when the copy missed changes.
    """
    changes = SearchChange.objects.filter(number__gt=position.number)
    least = changes.aggregate(least=Min("number"))["least"]
    pages = set(changes.filter(number=least).values_list("page", flat=True))
    # Only now, as rows may be pruned at any moment before they are read.
    if state().is_gap(position):
        raise MissedError(f"Changes after {position} were pruned.")
    return sorted(pages), least or position.number


def behind(number: int) -> int:
    """Return how many changes a copy at this position has not taken in."""
    return SearchChange.objects.filter(Q(number__isnull=True) | Q(number__gt=number)).count()


def heard_of(copy: str, number: int) -> None:
    """Keep up to which number a copy has taken in the changes; prune those that all copies have."""
    now = timezone.now()
    SearchMachine.objects.update_or_create(name=copy, defaults={"number": number, "seen_at": now})
    SearchMachine.objects.filter(seen_at__lt=now - SILENT).delete()
    least = SearchMachine.objects.aggregate(least=Min("number"))["least"]
    if SearchChange.objects.filter(number__lte=least).exists():
        with transaction.atomic():
            SearchSequence.objects.filter(pruned__lt=least).update(pruned=least)
            SearchChange.objects.filter(number__lte=least).delete()


def forget(copies: Iterable[str]) -> None:
    """Keep no more changes for copies that are gone."""
    SearchMachine.objects.filter(name__in=copies).delete()
