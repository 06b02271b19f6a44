from functools import wraps

from django.core.exceptions import ValidationError
from django.db import transaction
from wagtail.actions.convert_alias import ConvertAliasPageAction
from wagtail.actions.copy_page import CopyPageAction
from wagtail.admin.forms.pages import CopyForm
from wagtail.models import PageViewRestriction

from blog import slugs

# The fields of the copy and those of the form.
FIELDS = {"title": "new_title", "slug": "new_slug"}


class CopyPageForm(CopyForm):
    """Wagtail's form, which offers a free slug and validates as the copy itself would."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        page, parent = self.page.specific, self.page.get_parent()
        self.fields["new_slug"].initial = slugs.first_free(
            page.slug, lambda slug: page._slug_is_available(slug, parent)
        )

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


def copy_own_restrictions():
    """
    Make Wagtail give the copy of each page below a page the view restrictions of its own original.

    Wagtail 8.0 gives it those of the page at the top instead, so that the copies of private posts
    in a copied blog are public. Nobody sees a copy before it is as private as its original.
    """
    copy_page, execute = CopyPageAction._copy_page, CopyPageAction.execute

    @wraps(copy_page)
    def _copy_page(self, page, *args, **kwargs):
        above, self.page = self.page, page
        try:
            return copy_page(self, page, *args, **kwargs)
        finally:
            self.page = above

    @wraps(execute)
    def execute_at_once(self, *args, **kwargs):
        with transaction.atomic():
            return execute(self, *args, **kwargs)

    CopyPageAction._copy_page, CopyPageAction.execute = _copy_page, execute_at_once


def demand(restriction):
    """Return what a view restriction asks of readers, to compare it with another."""
    groups = frozenset(restriction.groups.values_list("pk", flat=True))
    return restriction.restriction_type, restriction.password, groups


def keep_restrictions_of_aliases():
    """Make an alias as private as before when Wagtail makes it a page of its own."""
    execute = ConvertAliasPageAction.execute

    @wraps(execute)
    def execute_privately(self, *args, **kwargs):
        with transaction.atomic():
            before = {demand(each) for each in self.page.specific.get_view_restrictions()}
            page = execute(self, *args, **kwargs)
            after = {demand(each) for each in page.specific.get_view_restrictions()}
            for kind, password, groups in before - after:
                restriction = PageViewRestriction.objects.create(
                    page=page, restriction_type=kind, password=password
                )
                restriction.groups.set(groups)
        return page

    ConvertAliasPageAction.execute = execute_privately
