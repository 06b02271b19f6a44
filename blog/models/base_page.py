import datetime as dt

from django.utils import timezone
from wagtail.models import Page
from wagtailmetadata.models import MetadataPageMixin

from blog.copying import CopyPageForm

MOMENT = dt.timedelta(microseconds=1)
# A page that went live less than this before its schedule was made by the program that set it.
JUST_MADE = dt.timedelta(minutes=1)


class BasePage(MetadataPageMixin, Page):
    """
    What all pages of the site have in common.

    A page that is made with a go-live in the future waits for it, by whatever means it is made. One
    that is live stays live when an edit of it is scheduled. A copy is a page of its own, which has
    not been published before.
    """

    exclude_fields_in_copy = [
        "first_published_at",
        "last_published_at",
        "go_live_at",
        "expire_at",
        "expired",
        "locked",
        "locked_at",
        "locked_by",
    ]

    copy_form_class = CopyPageForm

    class Meta:
        abstract = True

    def check_slug(self):
        """Raise ValidationError when something else answers at the page's address."""

    def clean(self):
        super().clean()
        self.check_slug()

    def prepare(self):
        """Work out what is kept so that readers' requests need not: called before each save."""

    def save(self, *args, **kwargs):
        now = timezone.now()
        # Wagtail makes a page live unless it is told otherwise.
        if self._state.adding and self.go_live_at and self.go_live_at > now:
            self.live = False
        self.prepare()
        if self.live and self.first_published_at is None:
            self.first_published_at = now
        super().save(*args, **kwargs)

    def publish(self, revision, *args, **kwargs):
        """
        Publish a revision, or schedule it where its go-live lies in the future.

        Wagtail takes a live page offline then if it has no live revision, as pages have none that
        were imported or made by a program; so it is given one first.
        """
        page = revision.as_object()
        now = timezone.now()
        scheduled = page.go_live_at and page.go_live_at > now
        first = page.first_published_at
        if (
            scheduled
            and page.live
            and not page.live_revision_id
            and not (first and first > now - JUST_MADE)
        ):
            # The draft was made when there was none, and its content says so.
            revision.content = {**revision.content, "live_revision": keep(page.pk)}
            revision.save(update_fields=["content"])
            revision = type(revision).objects.get(pk=revision.pk)
        return super().publish(revision, *args, **kwargs)


def keep(pk):
    """Make a revision of the page as readers see it, older than those it has; returns its key."""
    page = Page.objects.get(pk=pk).specific
    drafted = {
        name: getattr(page, name)
        for name in ("latest_revision_id", "latest_revision_created_at", "draft_title")
    }
    oldest = page.revisions.order_by("created_at", "pk").first()
    live = page.save_revision(clean=False, changed=False)
    page.revisions.filter(pk=live.pk).update(created_at=oldest.created_at - MOMENT)
    Page.objects.filter(pk=pk).update(live_revision=live, has_unpublished_changes=True, **drafted)
    return live.pk
