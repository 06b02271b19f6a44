"""The form in which an editor names the copy of a page."""

from django.core.exceptions import ValidationError
from wagtail.admin.forms.pages import CopyForm

# The form's names for the fields of the copy.
FIELDS = {"title": "new_title", "slug": "new_slug"}


class CopyPageForm(CopyForm):
    """Wagtail's form, which also refuses the titles and slugs that the copy would refuse."""

    def clean(self):
        cleaned_data = super().clean()
        values = {
            name: cleaned_data[field] for name, field in FIELDS.items() if field in cleaned_data
        }
        copy = self.page.specific_class(**values)
        try:
            copy.clean_fields(exclude={field.name for field in copy._meta.fields} - values.keys())
            copy.check_slug()
        except ValidationError as error:
            for name, errors in error.error_dict.items():
                self.add_error(FIELDS[name], errors)
        return cleaned_data
