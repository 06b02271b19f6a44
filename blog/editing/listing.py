"""The list of posts in the admin, with their authors, tags and state, and filters for these."""

from django.db.models import CharField, OuterRef, Subquery
from django.db.models.functions import Cast
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import ChoiceFilter, ModelChoiceFilter
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.ui.tables.pages import BulkActionsColumn, PageTitleColumn
from wagtail.admin.views.pages.listing import IndexView
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.models import Revision

from blog.editing.moments import format_moment
from blog.models import Author, PostPage, Series, Tag
from blog.schedule.desk.queries import Desk


def state_of(post):
    """Return what will become of a post, or became of it, with the moment."""
    if post.goes_live_at:
        words = _("Goes live on %(moment)s")
        if post.live:
            words = _("Live; a change of it goes live on %(moment)s")
        return words % {"moment": format_moment(post.goes_live_at)}
    if post.live and post.expire_at:
        return _("Live until %(moment)s") % {"moment": format_moment(post.expire_at)}
    if post.current_workflow_state:
        return _("Live; a change of it is in review") if post.live else _("In review")
    if post.live:
        return _("Live; there is a newer draft") if post.has_unpublished_changes else _("Live")
    return _("Expired") if post.expired else _("Draft")


def date_of(post):
    return date_format(post.published_on, "j M Y") if post.published_on else ""


def authors_of(post):
    return ", ".join(author.name for author in post.authors)


def tags_of(post):
    return ", ".join(tag.name for tag in post.sorted_tags)


class PostFilterSet(WagtailFilterSet):
    author = ModelChoiceFilter(
        label=gettext_lazy("Author"), field_name="bylines__author", queryset=Author.objects.all()
    )
    tag = ModelChoiceFilter(
        label=gettext_lazy("Tag"), field_name="tagged_items__tag", queryset=Tag.objects.all()
    )
    series = ModelChoiceFilter(label=gettext_lazy("Series"), queryset=Series.objects.all())
    state = ChoiceFilter(
        label=gettext_lazy("State"),
        method="with_state",
        choices=[
            ("live", gettext_lazy("Live")),
            ("scheduled", gettext_lazy("Scheduled")),
            ("review", gettext_lazy("In review")),
            ("draft", gettext_lazy("Draft")),
            ("expired", gettext_lazy("Expired")),
        ],
    )

    class Meta:
        model = PostPage
        fields = []

    def with_state(self, posts, name, state):
        desk = Desk(self.request.user)
        scheduled = desk.revisions().order_by().values("page_id")
        reviewed = desk.in_review().order_by().values("page_id")
        if state == "scheduled":
            return posts.filter(pk__in=scheduled)
        if state == "review":
            return posts.filter(pk__in=reviewed)
        if state == "draft":
            drafts = posts.filter(live=False, expired=False)
            return drafts.exclude(pk__in=scheduled).exclude(pk__in=reviewed)
        return posts.filter(expired=True) if state == "expired" else posts.filter(live=True)


class PostIndexView(IndexView):
    table_classname = "listing full-width posts"

    def annotate_queryset(self, pages):
        planned = Revision.page_revisions.filter(
            object_id=Cast(OuterRef("pk"), CharField()), approved_go_live_at__isnull=False
        ).order_by("approved_go_live_at")
        pages = pages.annotate(goes_live_at=Subquery(planned.values("approved_go_live_at")[:1]))
        return super().annotate_queryset(pages).with_authors().with_tags()


class PostListing(PageListingViewSet):
    model = PostPage
    icon = "doc-full-inverse"
    name = "posts"
    url_prefix = "posts"
    menu_label = gettext_lazy("Posts")
    menu_order = 90
    add_to_admin_menu = True
    index_view_class = PostIndexView
    filterset_class = PostFilterSet
    columns = [
        BulkActionsColumn("bulk_actions"),
        PageTitleColumn("title", label=gettext_lazy("Title"), sort_key="title", classname="title"),
        Column("date", label=gettext_lazy("Date"), sort_key="published_at", accessor=date_of),
        Column("authors", label=gettext_lazy("Authors"), accessor=authors_of),
        Column("tags", label=gettext_lazy("Tags"), accessor=tags_of),
        Column("state", label=gettext_lazy("State"), accessor=state_of),
    ]
