from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from home.demo.site import LOADED


@hooks.register("insert_global_admin_js")
def name_parts_of_the_admin():
    return format_html('<script type="module" src="{}"></script>', static("js/admin_names.js"))


@hooks.register("register_log_actions")
def register_demo(actions):
    actions.register_action(LOADED, _("Load the demo"), _("Demo loaded"))
