"""What a list of posts says of itself: in its head, to search engines and to those who share it."""

from dataclasses import dataclass, field

from wagtailmetadata.models import MetadataMixin

from blog import structured_data


@dataclass
class Crumb:
    """A step on the way from the front page to where the reader is."""

    title: str
    url: str


@dataclass
class Listing(MetadataMixin):
    """
    A list of posts with an address of its own: a day, a tag, an author.

    `url` is absolute, and so are those of `breadcrumbs`; `person` is the author whose posts are
    listed.
    """

    title: str
    url: str
    description: str = ""
    breadcrumbs: list[Crumb] = field(default_factory=list)
    person: dict | None = None
    image: object = None
    posts: object = ()

    og_type = "website"

    def get_meta_url(self):
        return self.url

    def get_meta_title(self):
        return self.title

    def get_meta_description(self):
        return self.description

    def get_meta_image_url(self, request):
        return self.image and request.build_absolute_uri(self.image.url)

    def get_meta_image_dimensions(self):
        return (self.image.width, self.image.height) if self.image else (None, None)

    def get_twitter_card_type(self, request):
        return "summary"

    def get_structured_data(self, request):
        posts = [(post.title, post.get_full_url(request)) for post in self.posts]
        page = structured_data.collection_page(
            self.title, self.url, description=self.description, posts=posts
        )
        if self.person:
            page["mainEntity"] = self.person
        trail = [(crumb.title, crumb.url) for crumb in self.breadcrumbs]
        return [page, structured_data.breadcrumbs([*trail, (self.title, self.url)])]
