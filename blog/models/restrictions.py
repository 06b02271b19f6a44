from wagtail.models import PageViewRestriction

from blog.queries import restricted_paths

# An empty queryset, like any other, takes as long as a query does.
NONE = PageViewRestriction.objects.none()
len(NONE)


class KnownRestrictions:
    """A page that knows whether it is for everybody without walking up the tree for each reader."""

    def get_view_restrictions(self):
        if not self.path.startswith(tuple(restricted_paths())):
            return NONE
        return super().get_view_restrictions()
