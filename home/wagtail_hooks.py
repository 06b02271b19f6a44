from django.contrib.auth.models import Permission
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets import Button
from wagtail.permissions import policy_registry

from home.accounts import second_factor, views
from home.demo.site import LOADED
from home.transfer.views import DownloadView, ExportView


@hooks.register("insert_global_admin_js")
def name_parts_of_the_admin():
    return format_html('<script type="module" src="{}"></script>', static("js/admin_names.js"))


@hooks.register("register_log_actions")
def register_demo(actions):
    actions.register_action(LOADED, _("Load the demo"), _("Demo loaded"))


@hooks.register("register_admin_urls")
def register_account_views():
    return [
        path("account/security/", views.SecurityView.as_view(), name="account_security"),
        path("account/security/app/", views.set_up_second_factor, name="set_up_second_factor"),
        path(
            "users/<int:pk>/reset-second-factor/",
            views.ResetView.as_view(),
            name="reset_second_factor",
        ),
    ]


@hooks.register("register_admin_urls")
def register_export_views():
    return [
        path("export/", ExportView.as_view(), name="export"),
        path("export/<str:name>/", DownloadView.as_view(), name="export_download"),
    ]


class ExportMenuItem(MenuItem):
    def is_shown(self, request):
        return request.user.has_perm(ExportView.permission_required)


@hooks.register("register_settings_menu_item")
def link_to_export():
    return ExportMenuItem(_("Export"), reverse("export"), icon_name="download", order=900)


@hooks.register("register_account_menu_item")
def link_to_security(request):
    return {
        "url": reverse("account_security"),
        "label": _("Second factor and sessions"),
        "help_text": _("Protect your account with an app on your phone, or sign out everywhere."),
    }


@hooks.register("register_user_listing_buttons")
def link_to_reset(user, request_user):
    if policy_registry.get_by_type(type(user)).user_has_permission(request_user, "change"):
        url = reverse("reset_second_factor", args=[user.pk])
        yield Button(_("Remove second factor"), url, icon_name="key", priority=90)


@hooks.register("register_permissions")
def register_required_second_factor():
    return Permission.objects.filter(codename=second_factor.REQUIRED)


@hooks.register("register_log_actions")
def register_account_actions(actions):
    added, removed = _("Second factor set up"), _("Second factor removed")
    actions.register_action("home.second_factor", added, added)
    actions.register_action("home.second_factor_removed", removed, removed)
