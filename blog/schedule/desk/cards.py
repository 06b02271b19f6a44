import datetime as dt
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import get_default_timezone as site_zone
from django.utils.translation import gettext_lazy as _

STATES = {
    "overdue": _("Overdue"),
    "scheduled": _("Scheduled"),
    "live": _("Live"),
    "expiring": _("Expiring"),
    "review": _("In review"),
    "draft": _("Drafts"),
}


def zone_label(moment, zone):
    """Return a zone and its offset at a moment, such as “UTC+01:00, Europe/London”."""
    hours = moment.astimezone(zone).strftime("%z")
    return f"UTC{hours[:3]}:{hours[3:5]}, {zone}"


def time_label(moment, zone):
    """Return a time with its zone, such as “09:30 (UTC+01:00, Europe/London)”."""
    return f"{moment.astimezone(zone):%H:%M} ({zone_label(moment, zone)})"


@dataclass
class Card:
    """
    What the desk shows of one page, or of a snippet.

    A snippet has no `page_id`, but the `address` of its editor.
    """

    state: str
    title: str
    page_id: int
    moment: dt.datetime | None = None
    warning: str | None = ""
    revision_id: int | None = None
    movable: bool = False
    type: str = ""
    author: str = ""
    address: str = ""
    expires: bool = False
    zone: dt.tzinfo = field(default_factory=timezone.get_current_timezone)

    @property
    def label(self):
        return STATES[self.state]

    @property
    def edit_url(self):
        return self.address or reverse("wagtailadmin_pages:edit", args=[self.page_id])

    @property
    def site_moment(self):
        return self.moment.astimezone(site_zone())

    @property
    def local(self):
        """Return the moment as the value of a `datetime-local` field."""
        return self.site_moment.strftime("%Y-%m-%dT%H:%M")

    @property
    def day(self):
        return date_format(self.site_moment, "j F Y")

    @property
    def time(self):
        return self.site_moment.strftime("%H:%M")

    @property
    def zone_name(self):
        """Return the site's zone if its offset differs between now and the moment."""
        then = zone_label(self.moment, site_zone())
        return "" if then == zone_label(timezone.now(), site_zone()) else then

    @property
    def when(self):
        return time_label(self.moment, site_zone())

    @property
    def own_when(self):
        """Return the moment in the editor's own zone if its offset is another."""
        own = self.moment.astimezone(self.zone)
        if own.utcoffset() == self.site_moment.utcoffset():
            return ""
        return f"{own:%d %b} {time_label(self.moment, self.zone)}"
