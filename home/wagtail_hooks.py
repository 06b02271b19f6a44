from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from home.demo.site import LOADED


@hooks.register("register_log_actions")
def register_demo(actions):
    actions.register_action(LOADED, _("Load the demo"), _("Demo loaded"))
