"""Profile pictures: Wagtail's form and field for them, with the rules of the library's photos."""

from django.db.models.fields.files import ImageFieldFile
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.account import AvatarPreferencesForm
from wagtail.users.models import UserProfile

from blog.photos.metadata import stripped
from blog.photos.uploads import PhotoField


class AvatarFile(ImageFieldFile):
    """The file of a profile picture, without the metadata that tell where it was taken."""

    def save(self, name, content, save=True):
        super().save(name, stripped(content), save)


UserProfile._meta.get_field("avatar").attr_class = AvatarFile
AvatarPreferencesForm.base_fields["avatar"] = PhotoField(
    label=_("Upload a profile picture"), required=False
)
