from wagtail.models import PagePermissionTester


class PostPermissionTester(PagePermissionTester):
    """The permissions of a user for a post. Its authors may edit it as its owner may."""

    def can_edit(self):
        return super().can_edit() or (self.is_named() and "add" in self.permissions)

    def is_named(self):
        """Return whether the user is one of the post's authors."""
        if not self.user.is_active or self.user.is_superuser:
            return False
        authors = (byline.author for byline in self.page.bylines.all())
        return any(author.user_id == self.user.pk for author in authors)
