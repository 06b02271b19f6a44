from django.apps import AppConfig
from django.core.checks import register
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _


class HomeConfig(AppConfig):
    name = "home"
    verbose_name = _("Home")

    def ready(self):
        from django.contrib.auth.signals import user_logged_in

        from home import exports, purge, sqlite
        from home.accounts import devices
        from home.page_cache import watch

        exports.neutralise_formulas()
        register(purge.check_frontend_cache)
        connection_created.connect(sqlite.install, dispatch_uid="home.sqlite")
        connection_created.connect(watch.install, dispatch_uid="home.page_cache")
        user_logged_in.connect(devices.notice, dispatch_uid="home.accounts")
        watch.committed.connect(purge.purge, dispatch_uid="home.purge")
