from django.contrib import messages
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.userbar import ContentCheckerItem

from blog import proofreading
from blog.models import PostPage
from blog.schedule import hooks as schedule_hooks  # noqa: F401  registers them


@hooks.register("register_log_actions")
def name_imports(actions):
    """How a post's history says that it was imported."""
    actions.register_action("blog.import", _("Import"), _("Imported from an archive"))


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def proofread(request, page):
    """Tell who saved a post what to look at again; nothing of it stops them."""
    if isinstance(page, PostPage):
        for remark in dict.fromkeys(proofreading.about_post(page)):
            messages.warning(request, remark)


class PostChecker(ContentCheckerItem):
    """Wagtail's checker, which also looks for what readers with other senses stumble over."""

    axe_run_only = [
        *ContentCheckerItem.axe_run_only,
        "color-contrast",
        "duplicate-id-aria",
        "identical-links-same-purpose",
        "image-alt",
        "image-redundant-alt",
        "page-has-heading-one",
    ]
    axe_messages = {
        **ContentCheckerItem.axe_messages,
        "image-alt": {
            "error_name": _("Photo without a description"),
            "help_text": _("Say what it shows, or mark it as decorative"),
        },
        "image-redundant-alt": {
            "error_name": _("Description repeats the text beside the photo"),
            "help_text": _("Say what the photo shows, not what its caption says"),
        },
        "identical-links-same-purpose": {
            "error_name": _("Same words, different links"),
            "help_text": _("Let each link say where it leads"),
        },
        "page-has-heading-one": {
            "error_name": _("No main heading"),
            "help_text": _("Give the page a title"),
        },
        "color-contrast": {
            "error_name": _("Text too pale"),
            "help_text": _("Choose a stronger colour"),
        },
        "duplicate-id-aria": {
            "error_name": _("Two parts with one name"),
            "help_text": _("Change the anchor of one of the headings"),
        },
    }


@hooks.register("construct_wagtail_userbar")
def use_post_checker(request, items, page):
    for index, item in enumerate(items):
        if type(item) is ContentCheckerItem:
            items[index] = PostChecker()
