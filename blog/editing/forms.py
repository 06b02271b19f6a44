from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminPageForm

from blog import slugs


class PageForm(WagtailAdminPageForm):
    """Wagtail's form for pages, with an optional slug, which the page makes if none was typed."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False


class PostPageForm(PageForm):
    """The editor's form of a post, whose slug is made of the title until another is chosen."""

    def clean(self):
        title, slug = self.cleaned_data.get("title"), self.cleaned_data.get("slug")
        default = slugs.slug_from(title or "", self.instance.noun)
        if slug in ("", default):
            # The script of the editor fills in the slug while the title is typed, so this one was
            # probably not chosen.
            self.cleaned_data["slug"] = self.instance.available_slug(
                default, self.parent_page, self.instance
            )
        elif slug and not self.instance._slug_is_available(slug, None):
            self.add_error(
                "slug",
                ValidationError(
                    _("The blog itself answers at “%(slug)s”. Choose another, such as “%(other)s”.")
                    % {
                        "slug": slug,
                        "other": self.instance.available_slug(
                            slug, self.parent_page, self.instance
                        ),
                    }
                ),
            )
        self.refuse_doubled_bylines()
        return super().clean()

    def refuse_doubled_bylines(self):
        """Add an error to the field of an author who is named twice."""
        named = set()
        for form in self.formsets["bylines"].forms:
            # The formset's `deleted_forms` would validate the formset too early.
            if not form.is_valid() or form.cleaned_data.get(DELETION_FIELD_NAME):
                continue
            author = form.cleaned_data.get("author")
            if author and author in named:
                form.add_error(
                    "author",
                    ValidationError(
                        _("%(author)s is named above already. Remove one of the two.")
                        % {"author": author}
                    ),
                )
            named.add(author)

    def get_field_updates_for_resave(self):
        """Return Wagtail's updates of the open form, and that of the slug."""
        updates = super().get_field_updates_for_resave()
        if self.instance.slug != self.data.get("slug"):
            updates.append(("slug", self.instance.slug))
        return updates
