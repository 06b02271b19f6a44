from django.utils.functional import cached_property
from django.utils.translation import get_language

from blog.body import reading
from blog.outgoing import share_card, structured_data
from blog.visibility import is_public


class PostMetadata:
    """
    The metadata of a post for search engines and social networks.

    Goes before `MetadataPageMixin` among the bases.
    """

    og_type = "article"

    @cached_property
    def first_photo(self):
        """The photo of the first photo block of its body, or None."""
        return reading.first_photo(self.body)

    def get_meta_description(self):
        return self.search_description or self.summary

    def get_meta_image(self):
        return self.search_image or self.cover or self.first_photo

    @cached_property
    def meta_image_rendition(self):
        return super().get_meta_image_rendition()

    def get_meta_image_rendition(self):
        # A page asks for it four times.
        return self.meta_image_rendition

    @cached_property
    def has_share_card(self):
        """Whether a card is shared, as the post is public and has no photo."""
        return not self.get_meta_image() and bool(self.url) and is_public(self)

    def get_meta_image_url(self, request):
        if self.has_share_card:
            return request.build_absolute_uri(self.url_of_form("png"))
        return super().get_meta_image_url(request)

    def get_meta_image_dimensions(self):
        return share_card.SIZE if self.has_share_card else super().get_meta_image_dimensions()

    def get_object_title(self):
        """Return the title alone: the base template adds the site's name."""
        return self.get_meta_title()

    def get_sitemap_urls(self, request=None):
        image = self.cover and self.cover.file.url
        if image and request:
            image = request.build_absolute_uri(image)
        return [
            {
                "location": self.get_full_url(request),
                "lastmod": self.modified_at,
                "images": [image] if image else [],
                "post": self,
            }
        ]

    def get_structured_data(self, request):
        blog_url = self.blog.get_full_url(request)
        image = self.get_meta_image_url(request)
        url = self.original.get_full_url(request)
        published, modified = self.published_at, self.modified_at
        posting = structured_data.filled(
            {
                "@type": "BlogPosting",
                "@id": url,
                "mainEntityOfPage": url,
                "headline": self.title,
                "url": url,
                "datePublished": published and published.isoformat(timespec="seconds"),
                "dateModified": modified and modified.isoformat(timespec="seconds"),
                "author": [
                    structured_data.person(
                        author.name,
                        blog_url + self.blog.reverse_subpage("author", args=[author.slug]),
                    )
                    for author in self.authors
                ],
                "isPartOf": structured_data.blog(self.blog.title, blog_url),
                "description": self.get_meta_description(),
                "image": [image] if image else [],
                "keywords": [tag.name for tag in self.sorted_tags],
                "wordCount": self.words or None,
                "timeRequired": f"PT{self.minutes}M",
                "inLanguage": get_language(),
                "correction": [
                    {
                        "@type": "CorrectionComment",
                        "datePublished": note.date.isoformat(),
                        "text": reading.plain(note.text),
                    }
                    for note in self.sorted_corrections
                ],
            }
        )
        trail = [(self.blog.title, blog_url), (self.title, url)]
        return [posting, structured_data.breadcrumbs(trail)]
