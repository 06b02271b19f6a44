from functools import cached_property

from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import (
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
)
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import RichTextField
from wagtail.models import Orderable, Page, Site

from blog.models.photo import SIZES
from blog.visibility import is_public
from home import colour


@register_setting(icon="site")
class SiteSettings(BaseSiteSetting, ClusterableModel):
    """The name, menu, footer and colours of a site."""

    name = models.CharField(_("name"), max_length=100, default="Daybook")
    tagline = models.CharField(_("tagline"), max_length=200, blank=True)
    logo = models.ForeignKey(
        "blog.Photo",
        verbose_name=_("logo"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    share_image = models.ForeignKey(
        "blog.Photo",
        verbose_name=_("default share image"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Shown when a page without a picture of its own is shared."),
    )
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        blank=True,
        help_text=_("Of links and dates on light paper, such as #9a2b1e. Brick red when empty."),
    )
    accent_on_dark = models.CharField(
        _("accent colour on dark paper"),
        max_length=7,
        blank=True,
        help_text=_("A lighter colour of the same hue when empty."),
    )
    reply_email = models.EmailField(
        _("address for replies"),
        blank=True,
        help_text=_("Readers of a post are offered to reply to this address by e-mail."),
    )
    footer = RichTextField(_("footer"), blank=True, features=["bold", "italic", "link"])

    panels = [
        MultiFieldPanel(["name", "tagline"], heading=_("Site")),
        MultiFieldPanel(["logo", "share_image"], heading=_("Pictures")),
        MultiFieldPanel(
            [FieldRowPanel(["accent", "accent_on_dark"])],
            heading=_("Colour"),
        ),
        InlinePanel("menu_items", label=_("Menu item"), heading=_("Menu")),
        InlinePanel("social_links", label=_("Social link"), heading=_("Social links")),
        "reply_email",
        "footer",
    ]

    select_related = ["logo", "share_image"]

    class Meta:
        verbose_name = _("site settings")

    def clean(self):
        """Check the contrast of both colours, and suggest one that has enough."""
        super().clean()
        self.accent, self.accent_on_dark = self.accent.lower(), self.accent_on_dark.lower()
        errors = {}
        for name, papers, where in (
            ("accent", colour.LIGHT_PAPERS, _("light paper")),
            ("accent_on_dark", colour.DARK_PAPERS, _("dark paper")),
        ):
            value = getattr(self, name)
            if not value:
                continue
            if not colour.HEX.fullmatch(value):
                errors[name] = _("Write the colour as # and six digits, such as #9a2b1e.")
            elif (ratio := colour.least_contrast(value, papers)) < colour.READABLE:
                errors[name] = _(
                    "Too little contrast to be read on %(where)s: it has %(ratio).2f : 1, and "
                    "%(needed).1f : 1 is needed. %(offer)s is the nearest that has."
                ) % {
                    "where": where,
                    "ratio": ratio,
                    "needed": colour.READABLE,
                    "offer": colour.readable(value, papers),
                }
        if self.accent_on_dark and not self.accent and "accent_on_dark" not in errors:
            errors["accent"] = _("Choose the colour on light paper too.")
        if errors:
            raise ValidationError(errors)

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        # Wagtail's own name of the site, which feeds and share cards show.
        Site.objects.filter(pk=self.site_id).update(site_name=self.name)

    @property
    def accents(self):
        """Return the accents on light and dark paper without #, or None for the default ones."""
        if not self.accent:
            return None
        on_dark = self.accent_on_dark or colour.readable(self.accent, colour.DARK_PAPERS)
        return self.accent[1:], on_dark[1:]

    @classmethod
    def for_site(cls, site):
        """Return the settings of a site, cached, with everything of them that pages show."""

        def read():
            # Unlike Wagtail's method, this does not create the settings of a new site.
            settings = cls.base_queryset().filter(site=site).first() or cls(site=site)
            # Fill the cached properties.
            _ = settings.menu_entries, settings.links, settings.logo_url, settings.shared_picture
            _ = settings.main_blog
            return settings

        return caches["until_change"].get_or_set(f"settings of {site and site.pk}", read)

    @property
    def menu(self):
        """Return the menu's items whose pages are public."""
        return [entry for entry in self.menu_entries if is_public(entry["page"])]

    @cached_property
    def menu_entries(self):
        """Return all of the menu's items with their pages."""
        items = self.menu_items.order_by("sort_order", "pk")
        pages = Page.objects.in_bulk([item.page_id for item in items])
        return [
            {"title": item.title or page.title, "page": page}
            for item in items
            if (page := pages.get(item.page_id))
        ]

    @cached_property
    def links(self):
        """Return the links to the site's profiles elsewhere."""
        return list(self.social_links.order_by("sort_order", "pk"))

    @cached_property
    def main_blog(self):
        """Return the blog of the front page, or None."""
        return getattr(self.site and self.site.root_page.specific, "blog", None)

    @cached_property
    def shared_picture(self):
        """Return the rendition of the default share image, or None."""
        return self.share_image and self.share_image.get_rendition(SIZES["share"])

    @cached_property
    def logo_url(self):
        """Return the URL of the logo for structured data, or an empty string."""
        return self.logo.get_rendition("format-webp|width-480").url if self.logo else ""


class MenuItem(Orderable):
    settings = ParentalKey(SiteSettings, on_delete=models.CASCADE, related_name="menu_items")
    page = models.ForeignKey(
        "wagtailcore.Page", verbose_name=_("page"), on_delete=models.CASCADE, related_name="+"
    )
    title = models.CharField(
        _("title"), max_length=60, blank=True, help_text=_("The page's title when empty.")
    )

    def __str__(self):
        return self.title or str(self.page)


class SocialLink(Orderable):
    settings = ParentalKey(SiteSettings, on_delete=models.CASCADE, related_name="social_links")
    title = models.CharField(_("title"), max_length=60)
    url = models.URLField(_("address"))

    def __str__(self):
        return self.title
