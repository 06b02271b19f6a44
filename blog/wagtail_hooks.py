from django.conf import settings
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.userbar import ContentCheckerItem
from wagtail.models import Page
from wagtail.permissions import policy_registry
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from blog.body.links import PageLinks
from blog.editing import moments  # noqa: F401  registers its fields
from blog.editing.broken_links import BrokenLinksView
from blog.editing.checker import PostChecker
from blog.editing.drafts import PublishCompletePages
from blog.editing.listing import PostListing
from blog.importers.views import AdministratorsView, ReceiptView, UploadView
from blog.models import ArchivedComment
from blog.schedule import hooks as schedule_hooks  # noqa: F401  registers them


@hooks.register("insert_global_admin_js")
def load_editor_script():
    """Load the script that stores unsaved text in the browser."""
    return format_html(
        '<script defer src="{}" data-csrf-cookie="{}"></script>',
        static("blog/editor.js"),
        settings.CSRF_COOKIE_NAME,
    )


@hooks.register("insert_global_admin_css")
def load_editor_styles():
    return format_html('<link rel="stylesheet" href="{}">', static("blog/editor.css"))


@hooks.register("register_admin_viewset")
def register_posts():
    return PostListing()


@hooks.register("register_admin_urls")
def register_broken_links():
    return [
        path("reports/broken-links/", BrokenLinksView.as_view(), name="broken_links"),
        path(
            "reports/broken-links/results/",
            BrokenLinksView.as_view(results_only=True),
            name="broken_links_results",
        ),
    ]


@hooks.register("register_admin_urls")
def register_imports():
    return [
        path("import/", UploadView.as_view(), name="imports"),
        path("import/<int:pk>/", ReceiptView.as_view(), name="import"),
    ]


class ImportItem(MenuItem):
    def is_shown(self, request):
        return request.user.has_perm(AdministratorsView.permission_required)


@hooks.register("register_settings_menu_item")
def add_import_to_settings():
    return ImportItem(
        _("Import a blog"), reverse("imports"), name="import", icon_name="upload", order=800
    )


class ArchivedComments(SnippetViewSet):
    """The comments that were imported, which an administrator can hide or erase."""

    model = ArchivedComment
    icon = "comment"
    menu_label = _("Archived comments")
    add_to_settings_menu = True
    list_display = ["name", "page", "moment", "is_public", "erased"]
    list_filter = ["is_public", "erased"]
    search_fields = ["name", "text"]
    panels = ["name", "link", "text", "is_public", "erased"]


register_snippet(ArchivedComments)


@hooks.register("register_reports_menu_item")
def add_broken_links_to_reports():
    address = reverse("broken_links")
    return MenuItem(_("Broken links"), address, name="broken-links", icon_name="link", order=700)


class NewPostItem(MenuItem):
    """Leads to the form of a new post, in the blog or in one that is chosen."""

    def is_shown(self, request):
        return policy_registry.get_by_type(Page).user_has_permission(request.user, "add")


@hooks.register("register_admin_menu_item")
def add_new_post_to_menu():
    address = reverse("posts:choose_parent")
    return NewPostItem(_("New post"), address, name="new-post", icon_name="plus", order=80)


@hooks.register("register_rich_text_features", order=10)
def register_page_links(features):
    features.register_link_type(PageLinks)


@hooks.register("register_log_actions")
def register_import_action(actions):
    """Register the log action of imported posts for their history."""
    actions.register_action("blog.import", _("Import"), _("Imported from an archive"))


@hooks.register("construct_wagtail_userbar")
def use_post_checker(request, items, page):
    """Replace Wagtail's checker on the page and in the editor."""
    for index, item in enumerate(items):
        if isinstance(item, ContentCheckerItem):
            items[index] = PostChecker(in_editor=item.in_editor)


@hooks.register("insert_global_admin_js")
def load_moment_script():
    """Load the script before the date fields are set up, which happens while the page loads."""
    return format_html('<script src="{}"></script>', static("blog/moments.js"))


# After Wagtail's own, which it replaces.
hooks.register("register_bulk_action", PublishCompletePages, order=100)
