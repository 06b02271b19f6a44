from django.core.exceptions import ValidationError
from wagtail.admin.forms.pages import CopyForm

# The fields of the copy and those of the form.
FIELDS = {"title": "new_title", "slug": "new_slug"}


class CopyPageForm(CopyForm):
    """Wagtail's form, which also validates the title and slug as the copy itself would."""

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
