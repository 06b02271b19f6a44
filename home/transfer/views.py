"""The page on which an administrator starts an export of the site, watches it and downloads it."""

import datetime as dt
import secrets
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import FileResponse, Http404
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

# How long an export can be downloaded.
KEPT = dt.timedelta(days=1)
# A running export tells every two seconds how far it is.
SILENT = dt.timedelta(minutes=2)


def folder():
    return Path(settings.DATA_DIR) / "exports"


def age(path):
    return timezone.now() - dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)


def exports():
    """Remove exports that are too old, and return the others, the newest first."""
    found = []
    for log in sorted(folder().glob("*.log"), reverse=True):
        archive = log.with_suffix(".tar")
        if age(log) > KEPT:
            log.unlink()
            archive.unlink(missing_ok=True)
            continue
        lines = log.read_text().strip().splitlines() or [""]
        is_ready = archive.exists()
        found.append(
            {
                "begun_at": dt.datetime.fromtimestamp(log.stat().st_ctime, dt.UTC),
                "name": archive.name if is_ready else "",
                "bytes": archive.stat().st_size if is_ready else 0,
                "until": timezone.now() + KEPT - age(log),
                "told": lines[-1],
                "is_running": not is_ready and age(log) < SILENT and "Error" not in lines[-1],
            }
        )
    return found


class AdministratorMixin(PermissionRequiredMixin):
    permission_required = "home.change_sitesettings"


class ExportView(AdministratorMixin, WagtailAdminTemplateMixin, TemplateView):
    template_name = "home/transfer/export.html"
    page_title = gettext_lazy("Export")
    header_icon = "download"

    def get_breadcrumbs_items(self):
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs):
        return super().get_context_data(exports=exports(), **kwargs)

    def post(self, request):
        if "start" in request.POST:
            if any(export["is_running"] for export in exports()):
                messages.warning(request, _("An export is running already."))
            else:
                start(history="history" in request.POST)
        return redirect("export")


def start(*, history):
    """Start an export in a process of its own. Nobody can guess the name of its file."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{timezone.now():%Y-%m-%dT%H%M%S}-{secrets.token_urlsafe(16)}"
    with (folder() / f"{name}.log").open("w") as log:
        subprocess.Popen(  # noqa: S603
            [
                *(sys.executable, "manage.py", "export_site", str(folder() / f"{name}.tar")),
                *(["--history"] if history else []),
            ],
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


class DownloadView(AdministratorMixin, View):
    def get(self, request, name):
        archive = folder() / name
        if not any(export["name"] == name for export in exports()):
            raise Http404
        return FileResponse(
            archive.open("rb"), as_attachment=True, filename=f"site-{name[:10]}.tar"
        )
