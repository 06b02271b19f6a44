from django.db.models.signals import post_save
from django.dispatch import receiver
from wagtail.models import ModelLogEntry, PageLogEntry
from wagtail.signals import init_new_page, page_published, page_unpublished

from blog.models import PostPage
from blog.outgoing.announcements import announce
from blog.photos import renditions


@receiver(init_new_page)
def name_writer(page, **kwargs):
    """Fill in the form of a new post with its writer as the author."""
    author = getattr(page.owner, "author", None) if isinstance(page, PostPage) else None
    if author:
        page.bylines = [page.bylines.model(author=author)]


@receiver(page_published, sender=PostPage)
@receiver(page_unpublished, sender=PostPage)
def announce_post(sender, instance, **kwargs):
    """Announce a post. Skip one that was only scheduled, for which Wagtail sends the signal too."""
    if instance.live or kwargs["signal"] is page_unpublished:
        announce(instance)


@receiver(page_published)
def make_renditions(sender, instance, **kwargs):
    """Create the renditions of a page's photos, so that its editor waits and not its readers."""
    renditions.make_for_page(instance)


@receiver(post_save, sender=PageLogEntry)
@receiver(post_save, sender=ModelLogEntry)
def merge_autosave_entries(sender, instance, created, **kwargs):
    """Delete the log entries of a session's autosaves but the first and the last."""
    if created and instance.action == "wagtail.edit" and instance.revision_id:
        entries = sender.objects.filter(
            uuid=instance.uuid, revision=instance.revision_id, action=instance.action
        )
        # The first entry has the time at which the revision was created.
        first = entries.order_by("timestamp", "pk").first()
        entries.exclude(pk__in=[first.pk, instance.pk]).delete()
