"""The form and field for uploaded pictures, which are checked before they are decoded."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from PIL import Image
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm
from willow.image import INITIAL_IMAGE_CLASSES, PNGImageFile

from blog.photos.metadata import TOO_LARGE, stripped

# An animated PNG is one that Willow has no name for. Its sizes show the first frame.
INITIAL_IMAGE_CLASSES["apng"] = PNGImageFile


class PhotoField(WagtailImageField):
    """A picture that is uploaded or imported. Whatever is wrong with it is a ValidationError."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.error_messages["file_too_many_pixels"] = _(
            "This picture is too large: the site can work on %(millions)d million pixels at most. "
            "Make it smaller and upload it again."
        ) % {"millions": self.max_image_pixels // 1_000_000}
        self.error_messages["invalid_image"] = _(
            "This file cannot be read as a picture: it is damaged or incomplete. Save it again "
            "with a program that shows it, and upload that."
        )

    def to_python(self, data):
        try:
            if data:
                # Wagtail's field decodes the picture before it checks the size.
                self.check_size(data)
            file = super().to_python(data)
            if file is not None:
                # Raise now what saving the file would raise.
                stripped(file)
                file.seek(0)
        except TOO_LARGE as error:
            message = self.error_messages["file_too_many_pixels"]
            raise ValidationError(message, code="file_too_many_pixels") from error
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            # What Pillow raises for a damaged file depends on its format.
            message = self.error_messages["invalid_image"]
            raise ValidationError(message, code="invalid_image") from error
        return file

    def check_size(self, file):
        """Raise Pillow's DecompressionBombError if the picture has too many pixels."""
        file.seek(0)
        with Image.open(file) as image:
            if image.width * image.height > self.max_image_pixels:
                raise Image.DecompressionBombError(image.size)
        file.seek(0)


class PhotoForm(BaseImageForm):
    """Wagtail's form of an image, with our field for its file."""

    file = PhotoField(label=_("File"), widget=BaseImageForm.Meta.widgets["file"])
