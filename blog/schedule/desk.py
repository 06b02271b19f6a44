"""The desk: what goes live when, and moving it, within what its user may edit."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import BigIntegerField, CharField, Count, OuterRef, Subquery
from django.db.models.functions import Cast, TruncDate
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.models import Page, Revision, WorkflowState
from wagtail.permission_policies.pages import PagePermissionPolicy

from blog.editing.moments import in_zone
from blog.models import Author, PostPage, Tag

from .due import EXPIRE, base_content_type, due_items
from .ledger import Attempt

# Where a session keeps what was typed into a card and could not be done.
REFUSED = "schedule_refused"
# How many cards a column or list shows at most; the rest is counted.
MOST = 100
STATES = {
    "overdue": gettext_lazy("Overdue"),
    "scheduled": gettext_lazy("Scheduled"),
    "live": gettext_lazy("Live"),
    "expiring": gettext_lazy("Expiring"),
    "review": gettext_lazy("In review"),
    "draft": gettext_lazy("Drafts"),
}


def site_zone():
    return timezone.get_default_timezone()


def offset(moment, zone):
    """A zone at a moment: “UTC+01:00, Europe/London”."""
    hours = moment.astimezone(zone).strftime("%z")
    return f"UTC{hours[:3]}:{hours[3:5]}, {zone}"


def say(moment, zone):
    """A moment with its offset: “09:30 (UTC+01:00, Europe/London)”."""
    return f"{moment.astimezone(zone):%H:%M} ({offset(moment, zone)})"


def read_moment(text):
    """
    A moment of the site's calendar from “2026-03-29T09:30”.

    Raises ValidationError for what is no moment, and for one that the clocks skip or show twice.
    """
    try:
        naive = parse_datetime(text)
    except ValueError:
        naive = None
    if naive is None or timezone.is_aware(naive):
        raise ValidationError(_("Choose a day and a time."))
    return in_zone(naive, site_zone())


@dataclass
class Card:
    """What the desk shows of one page, or of a snippet, which has an `address` to edit it."""

    state: str
    title: str
    page_id: int
    moment: dt.datetime | None = None
    type: str = ""
    author: str = ""
    revision_id: int | None = None
    movable: bool = False
    warning: str = ""
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
    def local(self):
        """Its moment as a `datetime-local` field has it, in the site's zone."""
        return self.moment.astimezone(site_zone()).strftime("%Y-%m-%dT%H:%M")

    @property
    def day(self):
        return date_format(self.moment.astimezone(site_zone()), "j F Y")

    @property
    def time(self):
        return self.moment.astimezone(site_zone()).strftime("%H:%M")

    @property
    def zone_name(self):
        """The zone where its clocks show something else then than they do now."""
        said = offset(self.moment, site_zone())
        return "" if said == offset(timezone.now(), site_zone()) else said

    @property
    def when(self):
        return say(self.moment, site_zone())

    @property
    def own_when(self):
        """The same in the editor's own zone, when its clocks show something else."""
        own = self.moment.astimezone(self.zone)
        if own.utcoffset() == self.moment.astimezone(site_zone()).utcoffset():
            return ""
        return f"{own:%d %b} {say(self.moment, self.zone)}"


class Desk:
    """What one person may edit, narrowed to an author, a tag and a state."""

    def __init__(self, user, *, author=None, tag=None, state=None):
        self.user = user
        policy = PagePermissionPolicy()
        self.pages = policy.instances_user_has_any_permission_for(user, {"change"})
        # As `PostPermissionTester` has it.
        named = PostPage.objects.filter(bylines__author__user=user).order_by().values("pk")
        addable = policy.instances_user_has_any_permission_for(user, {"add"})
        self.pages = self.pages | addable.filter(pk__in=named)
        self.publishable = policy.instances_user_has_any_permission_for(user, {"publish"})
        self.state = state
        posts = PostPage.objects.order_by()
        if author:
            posts = posts.filter(bylines__author=author)
        if tag:
            posts = posts.filter(tagged_items__tag=tag)
        if author or tag:
            self.pages = self.pages.filter(pk__in=posts.values("pk"))

    def shows(self, state):
        return self.state in (None, state)

    def revisions(self):
        """The schedules of these pages."""
        return (
            Revision.page_revisions.filter(approved_go_live_at__isnull=False)
            .annotate(page_id=Cast("object_id", BigIntegerField()))
            .filter(page_id__in=self.pages.order_by().values("pk"))
        )

    def cards_of_revisions(self, revisions, state):
        warnings = Attempt.objects.filter(
            revision_id=OuterRef("pk"),
            planned_at=OuterRef("approved_go_live_at"),
            outcome=Attempt.Outcome.FAILED,
        ).order_by("-done_at", "-pk")
        rows = list(
            revisions.annotate(warning=Subquery(warnings.values("reason")[:1]))
            .order_by("approved_go_live_at", "pk")
            .values_list("pk", "page_id", "object_str", "approved_go_live_at", "warning")[:MOST]
        )
        pages = self.described([row[1] for row in rows])
        movable = set(
            self.publishable.order_by()
            .filter(pk__in=[row[1] for row in rows], locked=False)
            .values_list("pk", flat=True)
        )
        return [
            Card(
                state,
                title,
                page_id,
                moment,
                *pages.get(page_id, ("", "")),
                revision_id=pk,
                movable=page_id in movable,
                warning=warning or "",
            )
            for pk, page_id, title, moment, warning in rows
        ]

    def described(self, pks):
        """Page → its type and its authors, or else who made it."""
        found = {}
        for page in Page.objects.filter(pk__in=pks).select_related("owner", "content_type"):
            model = page.content_type.model_class()
            owner = page.owner.get_full_name() or page.owner.username if page.owner else ""
            found[page.pk] = [str(model._meta.verbose_name) if model else "", owner]
        names = defaultdict(list)
        bylines = PostPage.bylines.rel.related_model.objects.filter(post__in=pks)
        for post, name in bylines.order_by("sort_order").values_list("post", "author__name"):
            names[post].append(name)
        for pk, authors in names.items():
            found[pk][1] = ", ".join(authors)
        return found

    def cards_of_pages(self, pages, state, moment=None):
        rows = list(pages.values_list("pk", "draft_title", *([moment] if moment else []))[:MOST])
        described = self.described([row[0] for row in rows])
        return [
            Card(
                state, row[1], row[0], row[2] if moment else None, *described.get(row[0], ("", ""))
            )
            for row in rows
        ]

    def overdue(self):
        """What should have happened by now, with the reason why it did not."""
        now = timezone.now()
        cards = self.cards_of_revisions(
            self.revisions().filter(approved_go_live_at__lte=now), "overdue"
        )
        failures = Attempt.objects.filter(
            kind=EXPIRE,
            content_type=base_content_type(Page),
            object_id=Cast(OuterRef("pk"), CharField()),
            planned_at=OuterRef("expire_at"),
            outcome=Attempt.Outcome.FAILED,
        ).order_by("-done_at", "-pk")
        late = self.pages.filter(live=True, expire_at__lte=now).order_by("expire_at", "pk")
        expired = self.cards_of_pages(late, "overdue", "expire_at")
        reasons = dict(
            late.filter(pk__in=[card.page_id for card in expired])
            .annotate(reason=Subquery(failures.values("reason")[:1]))
            .values_list("pk", "reason")
        )
        for card in expired:
            card.expires = True
            card.warning = reasons.get(card.page_id) or ""
        return cards + expired

    def overdue_snippets(self):
        """The same of what is no page, as far as the user may edit it."""
        finder = AdminURLFinder(self.user)
        cards = []
        for item in due_items(paused=True, limit=MOST):
            if issubclass(item.base_model, Page):
                continue
            snippet = item.base_model._base_manager.filter(pk=item.object_id).first()
            address = snippet and finder.get_edit_url(snippet)
            if not address:
                continue
            failures = Attempt.objects.filter(
                content_type_id=item.content_type_id,
                object_id=item.object_id,
                planned_at=item.moment,
                outcome=Attempt.Outcome.FAILED,
            )
            last = failures.order_by("-done_at", "-pk").first()
            cards.append(
                Card(
                    "overdue",
                    str(snippet),
                    0,
                    item.moment,
                    warning=last.reason if last else "",
                    address=address,
                    expires=item.kind == EXPIRE,
                )
            )
        return cards

    def between(self, start, end):
        """The cards of a span of time, in the order of their moments."""
        now = timezone.now()
        cards = []
        if self.shows("scheduled"):
            revisions = self.revisions().filter(
                approved_go_live_at__gte=max(start, now), approved_go_live_at__lt=end
            )
            cards += self.cards_of_revisions(revisions, "scheduled")
        if self.shows("live"):
            # Other pages have no day, and stand there whenever they were made.
            live = self.pages.type(PostPage).filter(
                live=True, first_published_at__gte=start, first_published_at__lt=end
            )
            live = live.order_by("first_published_at", "pk")
            cards += self.cards_of_pages(live, "live", "first_published_at")
        if self.shows("expiring"):
            expiring = self.pages.filter(
                live=True, expire_at__gte=max(start, now), expire_at__lt=end
            ).order_by("expire_at", "pk")
            cards += self.cards_of_pages(expiring, "expiring", "expire_at")
        return sorted(cards, key=lambda card: (card.moment, card.page_id))

    def counts(self, start, end):
        """Day → how many cards `between` has for it; what is overdue stands apart."""
        zone = site_zone()
        now = timezone.now()
        totals = defaultdict(int)
        sources = []
        if self.shows("scheduled"):
            revisions = self.revisions().filter(approved_go_live_at__gte=now)
            sources.append((revisions, "approved_go_live_at"))
        if self.shows("live"):
            sources.append((self.pages.type(PostPage).filter(live=True), "first_published_at"))
        if self.shows("expiring"):
            sources.append((self.pages.filter(live=True, expire_at__gte=now), "expire_at"))
        for queryset, name in sources:
            days = (
                queryset.filter(**{f"{name}__gte": start, f"{name}__lt": end})
                .order_by()
                .annotate(day=TruncDate(name, tzinfo=zone))
                .values("day")
                .annotate(count=Count("pk"))
                .values_list("day", "count")
            )
            for day, count in days:
                totals[day] += count
        return totals

    def drafts(self):
        drafts = (
            self.pages.filter(live=False, expired=False)
            .exclude(pk__in=self.revisions().values("page_id"))
            .exclude(pk__in=self.in_review().values("page_id"))
        )
        return self.cards_of_pages(drafts.order_by("-latest_revision_created_at", "-pk"), "draft")

    def in_review(self):
        return WorkflowState.objects.filter(
            status__in=[WorkflowState.STATUS_IN_PROGRESS, WorkflowState.STATUS_NEEDS_CHANGES],
            base_content_type=ContentType.objects.get_for_model(Page),
        ).annotate(page_id=Cast("object_id", BigIntegerField()))

    def reviewed(self):
        return self.cards_of_pages(
            self.pages.filter(pk__in=self.in_review().values("page_id")).order_by(
                "-latest_revision_created_at", "-pk"
            ),
            "review",
        )


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

    def chosen(self, model, name):
        value = self.request.GET.get(name, "")
        return (
            model.objects.filter(pk=value).first()
            if value.isdecimal() and len(value) < 16
            else None
        )

    def get_context_data(self, **kwargs):
        today = timezone.localdate(timezone=site_zone())
        day = self.get_day()
        state = self.request.GET.get("state")
        state = state if state in STATES else None
        author, tag = self.chosen(Author, "author"), self.chosen(Tag, "tag")
        desk = Desk(self.request.user, author=author, tag=tag, state=state)
        monthly = self.request.GET.get("view") == "month"
        overdue = desk.overdue() if desk.shows("overdue") else []
        if desk.shows("overdue") and not (author or tag):
            overdue += desk.overdue_snippets()
        kept = self.request.GET.copy()
        kept.pop("day", None)
        own_zone = timezone.get_current_timezone()
        context = {
            "desk_zone": say(timezone.now(), site_zone()),
            "own_zone": own_zone if str(own_zone) != str(site_zone()) else None,
            "monthly": monthly,
            "day": day,
            "today": today,
            "author": author,
            "tag": tag,
            "state": state,
            "states": STATES.items(),
            "authors": Author.objects.order_by("name")[:500],
            "tags": Tag.objects.order_by("name")[:500],
            "kept": kept.urlencode(),
            "most": MOST,
            "overdue": overdue,
            "refused": self.request.session.pop(REFUSED, None),
            "reviewed": desk.reviewed() if desk.shows("review") else [],
            "drafts": desk.drafts() if desk.shows("draft") else [],
        }
        if monthly:
            first = day.replace(day=1)
            start = first - dt.timedelta(days=first.weekday())
            days = [start + dt.timedelta(days=n) for n in range(42)]
            following = (first + dt.timedelta(days=31)).replace(day=1)
            if days[35] >= following:
                days = days[:35]
            counts = desk.counts(midnight(days[0]), midnight(days[-1] + dt.timedelta(days=1)))
            context["weeks"] = [
                [(date, counts.get(date, 0), date.month == first.month) for date in days[n : n + 7]]
                for n in range(0, len(days), 7)
            ]
            context["earlier"] = (first - dt.timedelta(days=1)).replace(day=1)
            context["later"] = following
        else:
            end = day + dt.timedelta(days=7)
            counts = desk.counts(midnight(day), midnight(end))
            columns = {day + dt.timedelta(days=n): [] for n in range(7)}
            for card in desk.between(midnight(day), midnight(end)):
                columns[timezone.localdate(card.moment, site_zone())].append(card)
            context["columns"] = [
                (date, cards, max(counts.get(date, 0), len(cards)))
                for date, cards in columns.items()
            ]
            context["earlier"] = day - dt.timedelta(days=7)
            context["later"] = day + dt.timedelta(days=7)
        return super().get_context_data(**context, **kwargs)


def reschedule(revision_id, moment, user):
    """
    Let a scheduled page go live at another moment. A newer draft of it stays the newest.

    Raises PermissionDenied, or ValidationError with what to do, and then nothing is changed.
    """
    if moment <= timezone.now():
        raise ValidationError(_("That moment has passed. Choose a later one."))
    with transaction.atomic():
        revision = get_object_or_404(
            Revision.page_revisions.select_for_update(of=("self",)), pk=revision_id
        )
        page = revision.as_object()
        permissions = page.permissions_for_user(user)
        if not (permissions.can_edit() and permissions.can_publish()):
            raise PermissionDenied
        if revision.approved_go_live_at is None:
            raise ValidationError(
                _("“%(title)s” is not scheduled any more.") % {"title": revision.object_str}
            )
        if page.locked:
            raise ValidationError(
                _("“%(title)s” is locked. Unlock it first.") % {"title": revision.object_str}
            )
        if page.expire_at and page.expire_at <= moment:
            raise ValidationError(
                _("“%(title)s” expires before that.") % {"title": revision.object_str}
            )
        latest = page.get_latest_revision()
        newer = latest.as_object() if latest.pk != revision.pk else None
        page.go_live_at = moment
        page.save_revision(user=user, changed=False).publish(user=user, changed=False)
        if newer:
            # The editor opens the newest revision: what was written since must not be buried.
            # Its JSON cuts the moment's microseconds off.
            own = newer.go_live_at
            if own and abs(own - revision.approved_go_live_at) < dt.timedelta(seconds=1):
                newer.go_live_at = moment
            newer.save_revision(user=latest.user, changed=False, clean=False)
    return revision.object_str


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
                    "time": say(moment, site_zone()),
                },
            )
        address = request.POST.get("next", "")
        if not url_has_allowed_host_and_scheme(address, {request.get_host()}):
            address = reverse("schedule")
        return redirect(address)
