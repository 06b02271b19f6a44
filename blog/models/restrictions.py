from wagtail.models import PageViewRestriction

from blog.queries import restricted_paths


class KnownRestrictions:
    """A page that knows whether it is for everybody without walking up the tree for each reader."""

    def get_view_restrictions(self):
        if not any(self.path.startswith(path) for path in restricted_paths()):
            return PageViewRestriction.objects.none()
        return super().get_view_restrictions()
