from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminPageForm

from blog import slugs


class PageForm(WagtailAdminPageForm):
    """Wagtail's form, which leaves it to the page to make a slug where none was typed."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False


class PostPageForm(PageForm):
    """
    The editor's form of a post, with a good default for all but title and body.

    Its address is made of its title. `blog.signals` names the writer in the form of a new post.
    """

    def clean(self):
        title, slug = self.cleaned_data.get("title"), self.cleaned_data.get("slug")
        default = slugs.slug_from(title or "", self.instance.noun)
        if slug in ("", default):
            # The editor's script fills the slug in as the title is typed, so that a slug which is
            # the title's may be one that nobody chose.
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
        """Say beside the field which author is named twice."""
        named = set()
        for form in self.formsets["bylines"].forms:
            # To ask the formset which forms are deleted would validate it before its time.
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
        """Tell the open page which address its post has got, beside what Wagtail tells it."""
        updates = super().get_field_updates_for_resave()
        if self.instance.slug != self.data.get("slug"):
            updates.append(("slug", self.instance.slug))
        return updates
