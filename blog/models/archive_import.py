from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.utils.translation import gettext_lazy as _


def private_storage():
    """Return where uploaded archives are, which no web server serves."""
    return FileSystemStorage(settings.DATA_DIR / "imports", base_url=None)


class ArchiveImport(models.Model):
    """An archive that somebody uploaded, and how far its import is."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")

    blog = models.ForeignKey(
        "blog.BlogIndexPage", verbose_name=_("blog"), on_delete=models.CASCADE, related_name="+"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    file = models.FileField(_("file"), storage=private_storage)
    old_site = models.URLField(
        _("address of the old site"),
        blank=True,
        help_text=_("Where the blog was. Links and pictures may need it."),
    )
    is_trial = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    receipt = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at"]

    def __str__(self):
        return self.file.name
