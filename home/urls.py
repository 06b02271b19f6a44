from django.conf import settings
from django.urls import path, re_path

from home import views

urlpatterns = [
    re_path(
        r"^accent-(?P<on_light>[0-9a-f]{6})-(?P<on_dark>[0-9a-f]{6})\.css$",
        views.accent,
        name="accent",
    ),
    path("site.webmanifest", views.manifest, name="manifest"),
    path("speculation-rules.json", views.speculation_rules, name="speculation_rules"),
    # Asked for by browsers and telephones that read no page.
    path("favicon.ico", views.icon, {"name": "favicon.ico"}),
    path("apple-touch-icon.png", views.icon, {"name": "icon-180.png"}),
    path(settings.CSP_REPORT_PATH.removeprefix("/"), views.csp_report, name="csp_report"),
    path("robots.txt", views.robots, name="robots"),
    path("llms.txt", views.llms, name="llms"),
    path("sitemap.xml", views.sitemap_index, name="sitemap"),
    re_path(r"^sitemap-(?P<section>posts|pages|news)\.xml$", views.sitemap, name="sitemap_section"),
    re_path(r"^(?P<key>[0-9A-Za-z-]{8,128})\.txt$", views.indexnow_key, name="indexnow_key"),
]
