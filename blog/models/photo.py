from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, Image

# What of it can be seen on a page.
SHOWN = ("file", "title", "description", "credit", "width", "height")
SHOWN += ("focal_point_x", "focal_point_y", "focal_point_width", "focal_point_height")


class Photo(AbstractImage):
    """A picture of the library, with who made it and where it came from."""

    credit = models.CharField(
        _("credit"), max_length=250, blank=True, help_text=_("Who made it; shown below it.")
    )
    source_url = models.URLField(
        _("source address"),
        max_length=2000,
        blank=True,
        help_text=_("Where it was found or imported from."),
    )

    # None when all its sizes and formats are there, for all that is known: see blog.renditions.
    renditions_due_since = models.DateTimeField(default=timezone.now, null=True, editable=False)

    admin_form_fields = (*Image.admin_form_fields, "credit", "source_url")

    class Meta(AbstractImage.Meta):
        verbose_name = _("photo")
        verbose_name_plural = _("photos")

    def save(self, *args, update_fields=None, **kwargs):
        # Its file or its focal point may be another.
        if update_fields is None:
            self.renditions_due_since = timezone.now()
        super().save(*args, update_fields=update_fields, **kwargs)

    def create_renditions(self, *filters):
        """As Wagtail's; where another process made the same at once, its files are shown."""
        made = super().create_renditions(*filters)
        kept = {
            (rendition.filter_spec, rendition.focal_point_key): rendition
            for rendition in self.renditions.filter(filter_spec__in=[f.spec for f in made])
        }
        for found, rendition in made.items():
            first = kept.get((rendition.filter_spec, rendition.focal_point_key), rendition)
            if first.file.name != rendition.file.name:
                rendition.file.delete(save=False)
                made[found] = first
        return made

    @property
    def shown_key(self):
        """
        All that can be seen of it, as two strings: what it is, and the files that were made of it.

        None where its renditions were not read together with it.
        """
        renditions = self._get_prefetched_renditions()
        if renditions is None:
            return None
        made = sorted((r.filter_spec, r.focal_point_key, r.file.name) for r in renditions)
        return str([str(getattr(self, name)) for name in SHOWN]), str(made)

    @property
    def default_alt_text(self):
        """The description for those who do not see it; a file's name describes nothing."""
        return self.description


class PhotoRendition(AbstractRendition):
    image = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("image", "filter_spec", "focal_point_key"),
                name="blog_photorendition_unique",
            )
        ]
