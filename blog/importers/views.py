"""The pages of the admin on which an administrator uploads an archive and reads its receipt."""

import datetime as dt
import subprocess
import sys

from django import forms
from django.conf import settings
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import CreateView, DetailView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from blog.models import ArchiveImport, BlogIndexPage

# A running import says so with each batch. One that was silent for so long was killed.
SILENT = dt.timedelta(minutes=10)
# How many posts with lines of their own a receipt shows.
MOST = 500


class AdministratorsView(PermissionRequiredMixin, WagtailAdminTemplateMixin):
    permission_required = "blog.add_archiveimport"
    raise_exception = True
    model = ArchiveImport
    page_title = _("Import a blog")
    header_icon = "upload"

    def get_breadcrumbs_items(self):
        return [*self.breadcrumbs_items, {"url": reverse("imports"), "label": self.page_title}]


class UploadForm(forms.ModelForm):
    old_site = ArchiveImport._meta.get_field("old_site").formfield(assume_scheme="https")

    class Meta:
        model = ArchiveImport
        fields = ["file", "blog", "old_site"]


class UploadView(AdministratorsView, CreateView):
    """The form, and what was imported before."""

    template_name = "blog/imports/upload.html"
    form_class = UploadForm

    def get_initial(self):
        return {"blog": BlogIndexPage.objects.first()}

    def get_context_data(self, **kwargs):
        return super().get_context_data(imports=ArchiveImport.objects.all()[:20], **kwargs)

    def form_valid(self, form):
        form.instance.user = self.request.user
        record = form.save()
        start(record)
        return redirect("import", record.pk)


class ReceiptView(AdministratorsView, DetailView):
    """How far an import is, then its receipt. A POST imports what was only tried, or goes on."""

    template_name = "blog/imports/receipt.html"
    context_object_name = "record"

    def get_context_data(self, **kwargs):
        receipt = self.object.receipt or {}
        entries = [
            entry
            for entry in receipt.get("entries", ())
            if entry["losses"] or entry["reason"] or entry["missing"]
        ]
        is_silent = self.object.seen_at < timezone.now() - SILENT
        return super().get_context_data(
            receipt=receipt,
            entries=entries[:MOST],
            more=max(0, len(entries) - MOST),
            is_running=self.object.state == ArchiveImport.State.RUNNING and not is_silent,
            was_killed=self.object.state == ArchiveImport.State.RUNNING and is_silent,
            **kwargs,
        )

    def render_to_response(self, context, **kwargs):
        response = super().render_to_response(context, **kwargs)
        if context["is_running"]:
            response["Refresh"] = "3"
        return response

    def post(self, request, *args, **kwargs):
        record = self.get_object()
        if record.file:
            if record.state == ArchiveImport.State.DONE:
                record.is_trial = False
            record.state = ArchiveImport.State.RUNNING
            record.done, record.receipt = 0, None
            record.save()
            start(record)
        return redirect("import", record.pk)


def start(record) -> None:
    """Import in a process of its own, which goes on whatever becomes of this one."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "import_posts"]
    subprocess.Popen(  # noqa: S603
        [*command, "--record", str(record.pk)],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
