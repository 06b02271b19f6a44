import datetime as dt
from collections import defaultdict

from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import get_default_timezone as site_zone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from blog.models import Author, Tag

from .cards import STATES, time_label
from .queries import Desk
from .rescheduling import read_moment, reschedule

# How many titles a day of the month shows.
TITLES = 3
# The session's key for what was typed into a card and refused.
REFUSED = "schedule_refused"


def midnight(day):
    return dt.datetime.combine(day, dt.time.min, site_zone())


class DeskView(WagtailAdminTemplateMixin, TemplateView):
    """A board of seven days, or a month; `?day=`, `?view=month`, `?author=`, `?tag=`, `?state=`."""

    template_name = "blog/schedule/desk.html"
    page_title = gettext_lazy("Schedule")
    header_icon = "calendar-alt"

    def get_breadcrumbs_items(self):
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_day(self):
        try:
            day = parse_date(self.request.GET.get("day", ""))
        except ValueError:
            day = None
        today = timezone.localdate(timezone=site_zone())
        return day if day and 2000 <= day.year <= 2999 else today

    def get_chosen(self, model, name):
        """Return the object whose key is in the query string, or None."""
        value = self.request.GET.get(name, "")
        if not value.isdecimal() or len(value) >= 16:
            return None
        return model.objects.filter(pk=value).first()

    def get_context_data(self, **kwargs):
        state = self.request.GET.get("state")
        state = state if state in STATES else None
        author, tag = self.get_chosen(Author, "author"), self.get_chosen(Tag, "tag")
        desk = Desk(self.request.user, author=author, tag=tag, state=state)
        overdue = desk.overdue() if desk.shows("overdue") else []
        if desk.shows("overdue") and not (author or tag):
            overdue += desk.overdue_snippets()
        day = self.get_day()
        monthly = self.request.GET.get("view") == "month"
        filters = self.request.GET.copy()
        filters.pop("day", None)
        own_zone = timezone.get_current_timezone()
        return super().get_context_data(
            desk_zone=time_label(timezone.now(), site_zone()),
            own_zone=own_zone if str(own_zone) != str(site_zone()) else None,
            monthly=monthly,
            day=day,
            today=timezone.localdate(timezone=site_zone()),
            author=author,
            tag=tag,
            state=state,
            states=STATES.items(),
            authors=Author.objects.order_by("name")[:500],
            tags=Tag.objects.order_by("name")[:500],
            filters=filters.urlencode(),
            most=desk.limit,
            overdue=overdue,
            refused=self.request.session.pop(REFUSED, None),
            reviewed=desk.reviewed() if desk.shows("review") else [],
            drafts=desk.drafts() if desk.shows("draft") else [],
            **(self.get_month(desk, day) if monthly else self.get_week(desk, day)),
            **kwargs,
        )

    def get_month(self, desk, day):
        """Return the context of the month of a day, in whole weeks."""
        first = day.replace(day=1)
        start = first - dt.timedelta(days=first.weekday())
        following = (first + dt.timedelta(days=31)).replace(day=1)
        length = 35 if start + dt.timedelta(days=35) >= following else 42
        cells = [
            (date, cards[:TITLES], count, date.month == first.month)
            for date, cards, count in self.get_days(desk, start, length)
        ]
        return {
            "weeks": [cells[n : n + 7] for n in range(0, length, 7)],
            "earlier": (first - dt.timedelta(days=1)).replace(day=1),
            "later": following,
        }

    def get_week(self, desk, day):
        """Return the context of the seven days that begin with a day."""
        return {
            "columns": self.get_days(desk, day, 7),
            "earlier": day - dt.timedelta(days=7),
            "later": day + dt.timedelta(days=7),
        }

    def get_days(self, desk, start, length):
        """Return the date, the cards and their number of each of some days."""
        dates = [start + dt.timedelta(days=n) for n in range(length)]
        span = midnight(start), midnight(start + dt.timedelta(days=length))
        counts = desk.counts(*span)
        cards = defaultdict(list)
        for card in desk.between(*span):
            cards[timezone.localdate(card.moment, site_zone())].append(card)
        return [(date, cards[date], max(counts.get(date, 0), len(cards[date]))) for date in dates]


class RescheduleView(View):
    """Moves one schedule: POST `moment` (in the site's zone) and `next`."""

    http_method_names = ["post"]

    def post(self, request, revision_id):
        typed = request.POST.get("moment", "")
        try:
            moment = read_moment(typed)
            title = reschedule(revision_id, moment, request.user)
        except ValidationError as error:
            reason = " ".join(error.messages)
            messages.error(request, reason)
            request.session[REFUSED] = {"id": revision_id, "typed": typed, "reason": reason}
        else:
            messages.success(
                request,
                _("“%(title)s” goes live on %(day)s at %(time)s.")
                % {
                    "title": title,
                    "day": moment.strftime("%d.%m.%Y"),
                    "time": time_label(moment, site_zone()),
                },
            )
        address = request.POST.get("next", "")
        if not url_has_allowed_host_and_scheme(address, {request.get_host()}):
            address = reverse("schedule")
        return redirect(address)
