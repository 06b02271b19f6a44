"""Wagtail's hooks for the schedule."""

from django.contrib.messages import SUCCESS, add_message, get_messages
from django.http import Http404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component

from blog.editing import drafts, moments
from blog.visibility import is_expired

from . import rehearsal
from .desk.queries import Desk
from .desk.views import DeskView, RescheduleView

# How many cards a panel of the admin's home page has.
ON_HOMEPAGE = 5


@hooks.register("before_serve_page", order=-10)
def refuse_expired_pages(page, request, args, kwargs):
    """Raise Http404 for a page past its expiry, even if it was not unpublished yet."""
    if is_expired(page) and not kwargs.get("gone"):
        raise Http404(_("This page has expired."))


@hooks.register("register_admin_urls")
def register_desk():
    return [
        path("schedule/", DeskView.as_view(), name="schedule"),
        path("schedule/<int:revision_id>/", RescheduleView.as_view(), name="schedule_move"),
    ]


@hooks.register("register_admin_menu_item")
def add_desk_to_menu():
    return MenuItem(
        _("Schedule"), reverse("schedule"), name="schedule", icon_name="calendar-alt", order=150
    )


class CardsPanel(Component):
    """A panel of the admin's home page with cards of the desk."""

    template_name = "blog/schedule/cards_panel.html"

    def __init__(self, name, heading, cards, order):
        self.name, self.heading, self.cards, self.order = name, heading, cards, order

    def get_context_data(self, parent_context):
        return {"name": self.name, "heading": self.heading, "cards": self.cards}


class OverduePanel(CardsPanel):
    """A panel with what should have gone live or expired, and why it has not."""

    template_name = "blog/schedule/panel.html"


@hooks.register("construct_homepage_panels")
def show_desk(request, panels):
    """Show what is overdue, what goes live next, and the user's drafts."""
    desk = Desk(request.user)
    found = [
        OverduePanel("overdue", _("Overdue"), desk.overdue() + desk.overdue_snippets(), 50),
        CardsPanel("scheduled", _("Goes live next"), desk.scheduled()[:ON_HOMEPAGE], 150),
        CardsPanel("drafts", _("Your drafts"), desk.drafts(own=True)[:ON_HOMEPAGE], 160),
    ]
    panels += [panel for panel in found if panel.cards]


def warn_of_problems(request, subject):
    """
    Rehearse what was just scheduled, and warn of what will stop it.

    Do nothing for an autosave, for which Wagtail calls the hooks as well.
    """
    if request.method != "POST" or not request.accepts("text/html"):
        return
    revision = subject.revisions.filter(approved_go_live_at__gt=timezone.now()).first()
    if revision is None or rehearsal.was_rehearsed(revision):
        return
    problems = rehearsal.rehearse(revision)
    rehearsal.record_rehearsal(revision, problems)
    for problem in problems:
        messages.warning(
            request,
            _("It is scheduled, but would not go live as it is: %(problem)s")
            % {"problem": problem},
        )


@hooks.register("construct_page_action_menu")
def label_approve_action(menu_items, request, context):
    """Label “Approve and Publish” with the moment if it will schedule the page."""
    page = context.get("page")
    workflow = page and page.current_workflow_state
    if not workflow or not workflow.is_at_final_task or not page.go_live_at:
        return
    for item in menu_items:
        if item.name == "approve" and not moments.is_past(page.go_live_at):
            words = (
                _("Approve with comment and schedule for %(moment)s")
                if item.launch_modal
                else _("Approve and schedule for %(moment)s")
            )
            item.label = words % {"moment": moments.format_moment(page.go_live_at)}


@hooks.register("before_edit_page")
def explain_schedule(request, page):
    """Say what goes live, and that a draft does not change it, when a scheduled page is opened."""
    revision = request.method == "GET" and page.scheduled_revision
    if not revision:
        return
    buttons = []
    if page.permissions_for_user(request.user).can_unschedule():
        address = reverse("wagtailadmin_pages:revisions_unschedule", args=[page.pk, revision.pk])
        buttons.append(messages.button(address, _("Cancel the schedule")))
    words = _(
        "“%(title)s” goes live on %(moment)s, as it was scheduled. A draft does not change it."
    )
    moment = moments.format_moment(revision.approved_go_live_at)
    messages.info(request, words % {"title": revision.object_str, "moment": moment}, buttons)


@hooks.register("after_edit_page")
def report_approval(request, page):
    """Replace Wagtail's message, “has been updated”, by what the approval did."""
    if request.POST.get("workflow-action-name") != "approve":
        return
    page = page.specific_class.objects.get(pk=page.pk)
    revision = page.scheduled_revision
    if revision:
        message = drafts.scheduled_message(revision)
    elif page.live and not page.workflow_in_progress:
        message = _("“%(title)s” is published.") % {"title": page.title}
    else:
        return
    others = [each for each in get_messages(request) if each.level != SUCCESS]
    for each in others:
        add_message(request, each.level, each.message, each.extra_tags)
    messages.success(request, message)


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def rehearse_page(request, page):
    warn_of_problems(request, page)


@hooks.register("after_create_snippet")
@hooks.register("after_edit_snippet")
def rehearse_snippet(request, instance):
    if hasattr(instance, "approved_schedule"):
        warn_of_problems(request, instance)
