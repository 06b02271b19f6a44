from django.db import models

from blog.reading import Section


class RenderedBody(models.Model):
    """
    The body of a post as readers see it, worked out once and kept: see `blog.rendering`.

    It is true only while its `key` is that of what it was made from. `references` has the keys of
    what the body shows or links to, by their kind; `outline` its headings; `photo` is the key of
    the first photo that stands on its own.
    """

    post = models.OneToOneField(
        "blog.PostPage", on_delete=models.CASCADE, primary_key=True, related_name="rendered"
    )
    key = models.CharField(max_length=40)
    html = models.TextField()
    words = models.PositiveIntegerField()
    outline = models.JSONField()
    photo = models.BigIntegerField(null=True)
    references = models.JSONField()

    @property
    def sections(self):
        """The outline as `blog.reading.outline` gives it."""
        return [Section.read(section) for section in self.outline]

    def __str__(self):
        return f"The body of post {self.post_id}"
