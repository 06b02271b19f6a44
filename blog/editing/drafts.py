"""Keeps incomplete drafts from being published by approval and by bulk action."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.views.pages.bulk_actions.publish import PublishBulkAction
from wagtail.blocks.stream_block import StreamBlockValidationError
from wagtail.fields import StreamField
from wagtail.models import WorkflowState

from blog.editing.moments import check_order, format_moment, is_past
from blog.schedule.alarm import explain_error


class IncompleteDraftError(ValidationError):
    """A draft cannot be published because the editor's form would not accept it."""

    def __init__(self, subject, problems):
        super().__init__(
            _("“%(title)s” cannot be published: %(problems)s")
            % {"title": subject, "problems": problems}
        )
        self.subject = subject


def check_complete(revision):
    """
    Raise IncompleteDraftError for a revision that the editor's form would not publish.

    Autosave saves such drafts, and Wagtail's bulk action and approval do not check them.
    """
    subject = revision.as_object()
    errors = {}
    try:
        subject.full_clean()
    except ValidationError as error:
        errors = error.update_error_dict({})
    for field in subject._meta.get_fields():
        if isinstance(field, StreamField):
            try:
                field.stream_block.clean(getattr(subject, field.name))
            except StreamBlockValidationError as error:
                errors[field.name] = error.non_block_errors or [
                    ValidationError(_("A part of it is incomplete. The editor shows which."))
                ]
    if is_past(subject.expire_at):
        errors["expire_at"] = [ValidationError(_("This moment has passed. Choose a later one."))]
    try:
        check_order(subject.go_live_at, subject.expire_at)
    except ValidationError as error:
        errors["expire_at"] = [error]
    if errors:
        raise IncompleteDraftError(subject, explain_error(subject, ValidationError(errors)))


@receiver(pre_save, sender=WorkflowState)
def check_approved(instance, raw, **kwargs):
    """Check a draft before its approval, on which Wagtail publishes it."""
    if instance.status == WorkflowState.STATUS_APPROVED and not raw:
        check_complete(instance.content_object.get_latest_revision())


class PublishCompletePages(PublishBulkAction):
    """Wagtail's bulk action, which skips incomplete drafts and says what happened to each."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.notices = []

    def get_execution_context(self):
        return {**super().get_execution_context(), "notices": self.notices}

    @classmethod
    def execute_action(cls, objects, include_descendants=False, user=None, notices=(), **kwargs):
        def publish(pages):
            count = 0
            for page in pages:
                if user and not page.permissions_for_user(user).can_publish():
                    continue
                revision = page.get_latest_revision() or page.specific.save_revision(user=user)
                try:
                    check_complete(revision)
                    with transaction.atomic():
                        revision.publish(user=user)
                except ValidationError as error:
                    notices.append((messages.error, " ".join(error.messages)))
                    continue
                revision.refresh_from_db()
                if revision.approved_go_live_at:
                    notices.append((messages.success, scheduled_message(revision)))
                else:
                    count += 1
            return count

        children = [
            child
            for page in objects
            if include_descendants
            for child in page.get_descendants().not_live().specific()
        ]
        return publish(objects), publish(children)

    def get_success_message(self, num_parent_objects, num_child_objects):
        for add, sentence in self.notices:
            add(self.request, sentence)
        if not num_parent_objects and not num_child_objects:
            return None
        return super().get_success_message(num_parent_objects, num_child_objects)


def scheduled_message(revision):
    return _("“%(title)s” goes live on %(moment)s.") % {
        "title": revision.object_str,
        "moment": format_moment(revision.approved_go_live_at),
    }


class IncompleteDraftMiddleware:
    """Redirects from the approval of an incomplete draft to its editor, with a message."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, IncompleteDraftError):
            return None
        messages.error(request, exception.message)
        address = AdminURLFinder(request.user).get_edit_url(exception.subject)
        if request.headers.get("x-requested-with") == "XMLHttpRequest":
            # The response that Wagtail's dialog for approving expects.
            return JsonResponse({"step": "success", "redirect": address})
        return redirect(address)
