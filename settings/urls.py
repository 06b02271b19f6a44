import mimetypes

from django.conf import settings
from django.urls import include, path, re_path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from blog import urls as blog_urls
from home import urls as home_urls
from home import views as home_views
from home.accounts import passkeys
from home.accounts.views import give_second_factor
from search import urls as search_urls

# Python knows this type from 3.13 on.
mimetypes.add_type("image/avif", ".avif")

handler404 = "home.views.page_not_found"
handler500 = "home.views.server_error"

urlpatterns = [
    # Not among those of the admin, which are for who has signed in with both factors.
    path("admin/second-factor/", give_second_factor, name="second_factor"),
    path("admin/second-factor/passkey/", include(passkeys)),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("search/", include(search_urls)),
    # For sites without nginx, which otherwise serves these folders. Documents are served by
    # Wagtail's view, which checks permissions.
    re_path(
        rf"^{settings.MEDIA_URL.strip('/')}/(?P<folder>images|original_images|avatar_images)/(?P<path>.+)$",
        home_views.picture,
        name="picture",
    ),
    path("", include(home_urls)),
    path("", include(blog_urls)),
    path("", include(wagtail_urls)),
]
