import logging
from contextlib import nullcontext
from functools import lru_cache

from django.conf import settings
from django.db import OperationalError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import (
    AbstractImage,
    AbstractRendition,
    Filter,
    Image,
    SourceImageIOError,
    WagtailImageFieldFile,
)

from blog.photos.metadata import TOO_LARGE, stripped

logger = logging.getLogger(__name__)

# The filter specs in which photos are shown, by their place on a page. Templates use them as in
# `picture(photo, photo_sizes.card)`.
SIZES = {
    # Covers and photos of a post, also in feeds.
    "text": "format-{avif,webp,jpeg}|width-{480,960,1440}",
    "gallery": "format-{avif,webp,jpeg}|fill-{480x360,960x720}",
    "enlarged": "max-1600x1600|format-webp",
    "card": "format-{avif,webp,jpeg}|fill-{480x320,960x640}",
    "portrait": "format-{avif,webp,jpeg}|fill-192x192",
    "small_portrait": "format-{avif,webp,jpeg}|fill-80x80",
    "share": "fill-1200x630|format-jpeg",
    "logo": "height-64",
}


@lru_cache(maxsize=1000)
def parsed(spec):
    """Return the filter of a spec, if it is not one already. Cached, as parsing is slow."""
    return spec if isinstance(spec, Filter) else Filter(spec)


def filter_specs(*places):
    """Return the filter specs of some places, or of all places in `SIZES`."""
    return [spec for place in places or SIZES for spec in Filter.expand_spec(SIZES[place])]


def sizes(*places, of=""):
    """
    Return a Prefetch of the renditions that photos have in these places.

    `of` is the lookup that leads to the photo, such as "cover"; empty for a queryset of photos.
    """
    renditions = PhotoRendition.objects.filter(filter_spec__in=filter_specs(*places))
    # Wagtail's `get_renditions` looks in this attribute first.
    return models.Prefetch(
        f"{of}__renditions" if of else "renditions", renditions, to_attr="prefetched_renditions"
    )


def read_sizes(photos, *places):
    """Prefetch the renditions that photos have in these places. Skip None among the photos."""
    models.prefetch_related_objects([photo for photo in photos if photo], sizes(*places))


class PhotoFile(WagtailImageFieldFile):
    """The file of a photo, without the metadata that tell where it was taken."""

    def save(self, name, content, save=True):
        super().save(name, stripped(content), save)


class Photo(AbstractImage):
    """A picture of the library, with its credit and its source."""

    credit = models.CharField(
        _("credit"), max_length=250, blank=True, help_text=_("Who made it; shown below it.")
    )
    source_url = models.URLField(
        _("source address"),
        max_length=2000,
        blank=True,
        help_text=_("Where it was found or imported from."),
    )

    # Since when renditions may be missing, or None: see blog.photos.renditions.
    renditions_due_since = models.DateTimeField(default=timezone.now, null=True, editable=False)

    admin_form_fields = (*Image.admin_form_fields, "credit", "source_url")

    class Meta(AbstractImage.Meta):
        verbose_name = _("photo")
        verbose_name_plural = _("photos")

    def save(self, *args, update_fields=None, **kwargs):
        # Its file or its focal point may have changed.
        if update_fields is None:
            self.renditions_due_since = timezone.now()
        super().save(*args, update_fields=update_fields, **kwargs)

    def _set_image_file_metadata(self):
        # The size and the hash must be those of the file that will be stored.
        if not self.file._committed:
            self.file.file = stripped(self.file.file)
        super()._set_image_file_metadata()

    def get_renditions(self, *filters):
        return super().get_renditions(*(parsed(spec) for spec in filters))

    def get_rendition(self, filter):
        """Return a rendition, or one that readers see as missing if the file cannot be read."""
        try:
            # Wagtail's own method writes each rendition to the cache each time.
            return next(iter(self.get_renditions(filter).values()))
        except SourceImageIOError:
            missing = PhotoRendition(image=self, width=0, height=0)
            missing.file.name = "not-found"
            return missing

    def generate_rendition_file(self, filter, *, source=None):
        """Raise SourceImageIOError also for a photo that is too large to be decoded."""
        limit = settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS
        if self.width * self.height > limit:
            raise SourceImageIOError(f"Photo {self.pk} has more than {limit} pixels.")
        try:
            return super().generate_rendition_file(filter, source=source)
        except TOO_LARGE as error:
            raise SourceImageIOError(f"Photo {self.pk}: {error}") from error

    def as_uploaded(self, filter):
        """Return the uploaded file as a rendition, for example while the disk is full."""
        logger.exception("No “%s” of photo %s could be made", filter.spec, self.pk)
        rendition = PhotoRendition(
            image=self,
            filter_spec=filter.spec,
            focal_point_key=filter.get_cache_key(self),
            width=self.width,
            height=self.height,
        )
        rendition.file = self.file.name
        return rendition

    def create_renditions(self, *filters):
        """Create renditions. Use those that another process created at the same time."""
        if not filters:
            return {}
        # A savepoint, so that the transaction can go on if this fails.
        is_inside = transaction.get_connection().in_atomic_block
        try:
            with transaction.atomic() if is_inside else nullcontext():
                created = super().create_renditions(*filters)
        except SourceImageIOError:
            raise
        except (OSError, OperationalError):
            return {filter: self.as_uploaded(filter) for filter in filters}
        stored = {
            (rendition.filter_spec, rendition.focal_point_key): rendition
            for rendition in self.renditions.filter(filter_spec__in=[f.spec for f in created])
        }
        for found, rendition in created.items():
            first = stored.get((rendition.filter_spec, rendition.focal_point_key), rendition)
            if first.file.name != rendition.file.name != self.file.name:
                rendition.file.delete(save=False)
                created[found] = first
        return created

    @property
    def default_alt_text(self):
        """The description. Wagtail would use the title, which may be the name of a file."""
        return self.description


# In the field, so that it is used also by code that goes through no form.
Photo._meta.get_field("file").attr_class = PhotoFile


class PhotoRendition(AbstractRendition):
    image = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("image", "filter_spec", "focal_point_key"),
                name="blog_photorendition_unique",
            )
        ]
