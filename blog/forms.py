from django.core.exceptions import ValidationError
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

    A new post is by whoever writes it, unless it says otherwise, and its address is made of its
    title.
    """

    def clean(self):
        title, slug = self.cleaned_data.get("title"), self.cleaned_data.get("slug")
        default = slugs.made_of(title or "", self.instance.noun)
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
        return super().clean()

    def save(self, commit=True):
        post = super().save(commit=False)
        author = getattr(self.for_user, "author", None)
        if author and post._state.adding and not post.bylines.all():
            post.bylines = [post.bylines.model(author=author)]
        if commit:
            post.save()
        return post
