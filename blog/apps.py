from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _


class BlogConfig(AppConfig):
    name = "blog"
    verbose_name = _("Blog")

    def ready(self):
        from blog import (
            redirect_batches,
            signals,  # noqa: F401  connects them
            sqlite,
        )

        redirect_batches.install()
        connection_created.connect(sqlite.install, dispatch_uid="blog.sqlite")
