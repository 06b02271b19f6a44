from collections import defaultdict

from django.contrib.contenttypes.models import ContentType
from django.db.models import BigIntegerField, CharField, Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.models import Page, Revision, WorkflowState
from wagtail.permission_policies.pages import PagePermissionPolicy

from blog.models import Byline, PostPage
from blog.schedule.due import EXPIRE, base_content_type, due_items
from blog.schedule.ledger import Attempt

from .cards import Card


def failure_reasons(**attempt):
    """Return a queryset of the reasons why attempts failed, the last first."""
    failures = Attempt.objects.filter(outcome=Attempt.Outcome.FAILED, **attempt)
    return failures.order_by("-done_at", "-pk").values_list("reason", flat=True)


class Desk:
    """The cards of what one person may edit, filtered by an author, a tag and a state."""

    # How many cards a column or list shows at most; the rest is counted.
    limit = 100

    def __init__(self, user, *, author=None, tag=None, state=None):
        self.user = user
        policy = PagePermissionPolicy()
        self.pages = policy.instances_user_has_any_permission_for(user, {"change"})
        # The same rule as in `PostPermissionTester`.
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
        """Return the scheduled revisions of the pages."""
        return (
            Revision.page_revisions.filter(approved_go_live_at__isnull=False)
            .annotate(page_id=Cast("object_id", BigIntegerField()))
            .filter(page_id__in=self.pages.order_by().values("pk"))
        )

    def in_review(self):
        return WorkflowState.objects.filter(
            status__in=[WorkflowState.STATUS_IN_PROGRESS, WorkflowState.STATUS_NEEDS_CHANGES],
            base_content_type=ContentType.objects.get_for_model(Page),
        ).annotate(page_id=Cast("object_id", BigIntegerField()))

    def cards(self, state, rows, **fields):
        """Return the cards of rows, which are tuples of the first fields of a card."""
        rows = list(rows[: self.limit])
        about = self.types_and_authors([page_id for _title, page_id, *_others in rows])
        return [Card(state, *row, **about.get(row[1], {}), **fields) for row in rows]

    def cards_of_revisions(self, revisions, state):
        reasons = failure_reasons(
            revision_id=OuterRef("pk"), planned_at=OuterRef("approved_go_live_at")
        )
        movable = self.publishable.order_by().filter(pk=OuterRef("page_id"), locked=False)
        rows = revisions.annotate(warning=Subquery(reasons[:1]), movable=Exists(movable))
        fields = ("object_str", "page_id", "approved_go_live_at", "warning", "pk", "movable")
        rows = rows.order_by("approved_go_live_at", "pk").values_list(*fields)
        return self.cards(state, rows)

    def cards_of_pages(self, pages, state, *names, **fields):
        """Return the cards of pages; `names` are those of the fields with moment and warning."""
        return self.cards(state, pages.values_list("draft_title", "pk", *names), **fields)

    def types_and_authors(self, pks):
        """Return a dict of pages' keys, and of their type and their authors or else owner."""
        found = {}
        for page in Page.objects.filter(pk__in=pks).select_related("owner", "content_type"):
            model = page.content_type.model_class()
            owner = page.owner.get_full_name() or page.owner.username if page.owner else ""
            kind = str(model._meta.verbose_name) if model else ""
            found[page.pk] = {"type": kind, "author": owner}
        names = defaultdict(list)
        bylines = Byline.objects.filter(post__in=pks).order_by("sort_order")
        for post, name in bylines.values_list("post", "author__name"):
            names[post].append(name)
        for pk, authors in names.items():
            found[pk]["author"] = ", ".join(authors)
        return found

    def overdue(self):
        """Return the cards of what should have happened by now, with why it did not."""
        now = timezone.now()
        revisions = self.revisions().filter(approved_go_live_at__lte=now)
        reasons = failure_reasons(
            kind=EXPIRE,
            content_type=base_content_type(Page),
            object_id=Cast(OuterRef("pk"), CharField()),
            planned_at=OuterRef("expire_at"),
        )
        expired = self.pages.filter(live=True, expire_at__lte=now).order_by("expire_at", "pk")
        expired = expired.annotate(warning=Subquery(reasons[:1]))
        return [
            *self.cards_of_revisions(revisions, "overdue"),
            *self.cards_of_pages(expired, "overdue", "expire_at", "warning", expires=True),
        ]

    def overdue_snippets(self):
        """Return the cards of overdue snippets that the user may edit."""
        finder = AdminURLFinder(self.user)
        cards = []
        for item in due_items(paused=True, limit=self.limit):
            if issubclass(item.base_model, Page):
                continue
            snippet = item.base_model._base_manager.filter(pk=item.object_id).first()
            address = snippet and finder.get_edit_url(snippet)
            if not address:
                continue
            reasons = failure_reasons(
                content_type_id=item.content_type_id,
                object_id=item.object_id,
                planned_at=item.planned_at,
            )
            cards.append(
                Card(
                    "overdue",
                    str(snippet),
                    0,
                    item.planned_at,
                    warning=reasons.first() or "",
                    address=address,
                    expires=item.kind == EXPIRE,
                )
            )
        return cards

    def sources(self, start, end):
        """
        Yield the querysets of what has a place in a span of time.

        Each comes with its state and the name of the field that has its moment. What is overdue is
        shown apart, and so left out.
        """
        now = timezone.now()
        revisions = self.revisions().filter(approved_go_live_at__gte=now)
        pages = self.pages.filter(live=True)
        for state, found, name in (
            ("scheduled", revisions, "approved_go_live_at"),
            # Pages other than posts do not belong to a day.
            ("live", pages.type(PostPage), "first_published_at"),
            ("expiring", pages.filter(expire_at__gte=now), "expire_at"),
        ):
            if self.shows(state):
                yield state, found.filter(**{f"{name}__gte": start, f"{name}__lt": end}), name

    def between(self, start, end):
        """Return the cards of a span of time, in the order of their moments."""
        cards = []
        for state, found, name in self.sources(start, end):
            if state == "scheduled":
                cards += self.cards_of_revisions(found, state)
            else:
                cards += self.cards_of_pages(found.order_by(name, "pk"), state, name)
        return sorted(cards, key=lambda card: (card.moment, card.page_id))

    def counts(self, start, end):
        """Return a dict of days and of how many cards `between` has for each."""
        zone = timezone.get_default_timezone()
        totals = defaultdict(int)
        for _state, found, name in self.sources(start, end):
            days = found.order_by().annotate(day=TruncDate(name, tzinfo=zone))
            for day, count in days.values("day").annotate(n=Count("pk")).values_list("day", "n"):
                totals[day] += count
        return totals

    def scheduled(self):
        """Return the cards of what goes live in the future, the next one first."""
        revisions = self.revisions().filter(approved_go_live_at__gt=timezone.now())
        return self.cards_of_revisions(revisions, "scheduled")

    def drafts(self, own=False):
        """Return the cards of drafts, or of the user's own: those they began or are named in."""
        pages = self.pages
        if own:
            named = PostPage.objects.filter(bylines__author__user=self.user).order_by()
            pages = pages.filter(Q(owner=self.user) | Q(pk__in=named.values("pk")))
        drafts = (
            pages.filter(live=False, expired=False)
            .exclude(pk__in=self.revisions().values("page_id"))
            .exclude(pk__in=self.in_review().values("page_id"))
        )
        return self.cards_of_pages(drafts.order_by("-latest_revision_created_at", "-pk"), "draft")

    def reviewed(self):
        reviewed = self.pages.filter(pk__in=self.in_review().values("page_id"))
        return self.cards_of_pages(
            reviewed.order_by("-latest_revision_created_at", "-pk"), "review"
        )
