from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    name = "search"
    # Wagtail's own search application has the label "wagtailsearch".
    verbose_name = _("Search")

    def ready(self):
        from search import signals  # noqa: F401
