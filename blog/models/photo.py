import logging
from contextlib import nullcontext

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

# In which sizes and formats photos are shown, by the place where they stand. Templates say
# `picture(photo, photo_sizes.card)`.
SIZES = {
    # Covers and photos of a post; feeds and machines take one of them.
    "text": "format-{avif,webp,jpeg}|width-{480,960,1440}",
    "gallery": "format-{avif,webp,jpeg}|fill-{480x360,960x720}",
    "enlarged": "max-1600x1600|format-webp",
    "card": "format-{avif,webp,jpeg}|fill-480x320",
    "portrait": "format-{avif,webp,jpeg}|fill-192x192",
    "small_portrait": "format-{avif,webp,jpeg}|fill-80x80",
    "share": "fill-1200x630|format-jpeg",
    "logo": "height-64",
}


def filter_specs(*places):
    """Return the filter specs of `SIZES`, or those of some places."""
    return [spec for place in places or SIZES for spec in Filter.expand_spec(SIZES[place])]


def sizes(*places, of=""):
    """
    Return what prefetches the sizes that photos have in these places, in one query for all.

    `of` is the way to the photo, such as "cover"; empty for photos themselves.
    """
    renditions = PhotoRendition.objects.filter(filter_spec__in=filter_specs(*places))
    # Where Wagtail's `get_renditions` looks first.
    return models.Prefetch(
        f"{of}__renditions" if of else "renditions", renditions, to_attr="prefetched_renditions"
    )


def read_sizes(photos, *places):
    """Read the sizes that photos have in these places; None among the photos is passed over."""
    models.prefetch_related_objects([photo for photo in photos if photo], sizes(*places))


class PhotoFile(WagtailImageFieldFile):
    """The file of a photo, which tells nobody where it was taken."""

    def save(self, name, content, save=True):
        """Keep the content without its metadata, whichever way it came in."""
        super().save(name, stripped(content), save)


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

    # None when all its sizes and formats are there, for all that is known: see
    # blog.photos.renditions.
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

    def _set_image_file_metadata(self):
        # The size and the hash are of what will be kept.
        if not self.file._committed:
            self.file.file = stripped(self.file.file)
        super()._set_image_file_metadata()

    def get_rendition(self, filter):
        """As Wagtail's; where it cannot be made readers see that it is missing, and no error."""
        try:
            return super().get_rendition(filter)
        except SourceImageIOError:
            missing = PhotoRendition(image=self, width=0, height=0)
            missing.file.name = "not-found"
            return missing

    def generate_rendition_file(self, filter, *, source=None):
        """As Wagtail's; one that is too large to be decoded is shown as one whose file is gone."""
        limit = settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS
        if self.width * self.height > limit:
            raise SourceImageIOError(f"Photo {self.pk} has more than {limit} pixels.")
        try:
            return super().generate_rendition_file(filter, source=source)
        except TOO_LARGE as error:
            raise SourceImageIOError(f"Photo {self.pk}: {error}") from error

    def create_rendition(self, filter):
        """As Wagtail's; where it cannot be written, the photo is shown as it was uploaded."""
        try:
            return super().create_rendition(filter)
        except SourceImageIOError:
            raise
        except (OSError, OperationalError):
            return self.as_uploaded(filter)

    def as_uploaded(self, filter):
        """Return what stands for a rendition that a full disk keeps from being made."""
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
        """As Wagtail's; where another process made the same at once, its files are shown."""
        if not filters:
            return {}
        # So that a transaction that is under way can go on without them.
        is_inside = transaction.get_connection().in_atomic_block
        try:
            with transaction.atomic() if is_inside else nullcontext():
                made = super().create_renditions(*filters)
        except SourceImageIOError:
            raise
        except (OSError, OperationalError):
            return {filter: self.as_uploaded(filter) for filter in filters}
        kept = {
            (rendition.filter_spec, rendition.focal_point_key): rendition
            for rendition in self.renditions.filter(filter_spec__in=[f.spec for f in made])
        }
        for found, rendition in made.items():
            first = kept.get((rendition.filter_spec, rendition.focal_point_key), rendition)
            if first.file.name != rendition.file.name != self.file.name:
                rendition.file.delete(save=False)
                made[found] = first
        return made

    @property
    def default_alt_text(self):
        """The description for those who do not see it; a file's name describes nothing."""
        return self.description


# Every way to put a file there ends in it, also where no form is filled in.
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
