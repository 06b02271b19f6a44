import warnings

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from PIL import Image


class BlogConfig(AppConfig):
    name = "blog"
    verbose_name = _("Blog")

    def ready(self):
        from blog import redirects, signals  # noqa: F401  connects their receivers
        from blog.editing import copying
        from blog.photos import avatars  # noqa: F401  changes Wagtail's form

        copying.copy_own_restrictions()
        copying.keep_restrictions_of_aliases()

        # Where a picture is opened that no form has seen, Pillow refuses it.
        Image.MAX_IMAGE_PIXELS = settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS
        warnings.simplefilter("error", Image.DecompressionBombWarning)
