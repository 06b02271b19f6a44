from django.db import models
from django.utils.translation import gettext_lazy as _

from blog import slugs


class SluggedModel(models.Model):
    """A model whose slug is made of its name when none was typed."""

    slug = models.SlugField(
        _("slug"),
        max_length=200,
        unique=True,
        allow_unicode=True,
        blank=True,
        help_text=_("The end of its address. Made of the name when empty."),
    )

    class Meta:
        abstract = True

    def fill_slug(self):
        if not self.slug:
            others = type(self)._default_manager.exclude(pk=self.pk)
            length = self._meta.get_field("slug").max_length
            wanted = slugs.slug_from(str(self), str(self._meta.verbose_name), length)
            self.slug = slugs.first_free(
                wanted, lambda s: not others.filter(slug=s).exists(), length
            )

    def clean(self):
        super().clean()
        self.fill_slug()

    def save(self, *args, **kwargs):
        self.fill_slug()
        super().save(*args, **kwargs)
