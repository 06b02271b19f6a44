import datetime as dt

from django.utils import timezone


class PostDates:
    """The dates of a post that readers and machines see."""

    @property
    def published_on(self):
        """The day under which it is listed, in the site's zone; None for a draft."""
        zone = timezone.get_default_timezone()
        return self.published_at and timezone.localdate(self.published_at, zone)

    @property
    def updated_on(self):
        """The day of the last change that readers are shown; None if there was none."""
        zone = timezone.get_default_timezone()
        days = [note.date for note in self.sorted_corrections]
        if self.updated_at:
            days.append(timezone.localdate(self.updated_at, zone))
        last = max(days, default=None)
        return last if last and self.published_on and last > self.published_on else None

    @property
    def changed_at(self):
        """
        The moment of the last change that feeds announce. None for a draft.

        That is the moment of publishing, the date of the last change or that of a correction. The
        fixing of a typo does not count.
        """
        if self.published_at is None:
            return None
        zone = timezone.get_default_timezone()
        moments = [self.published_at, self.first_published_at, self.updated_at]
        # Corrections have no time. Adding seconds makes each correction of a day a later change.
        for number, note in enumerate(reversed(self.sorted_corrections), start=1):
            day = dt.datetime.combine(note.date, dt.time.min, zone)
            moments.append(max(day, self.published_at) + dt.timedelta(seconds=number))
        return max(moment for moment in moments if moment)

    @property
    def modified_at(self):
        """The moment of its last change, not before `published_at`. None for a draft."""
        moments = (self.published_at, self.updated_at, self.last_published_at)
        return self.published_at and max(moment for moment in moments if moment)
