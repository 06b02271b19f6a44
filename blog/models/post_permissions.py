from wagtail.models import PagePermissionTester


class PostPermissionTester(PagePermissionTester):
    """What a user may do with a post: who is named as its author edits it as its owner does."""

    def can_edit(self):
        return super().can_edit() or (self.is_named() and "add" in self.permissions)

    def is_named(self):
        """Whether the user has an account and is one of the authors."""
        if not self.user.is_active or self.user.is_superuser:
            return False
        authors = (byline.author for byline in self.page.bylines.all())
        return any(author.user_id == self.user.pk for author in authors)
