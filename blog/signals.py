import logging

from django.db.models.signals import post_save
from django.dispatch import receiver
from wagtail.models import ModelLogEntry, PageLogEntry
from wagtail.signals import init_new_page, page_published, page_unpublished

from blog.models import PostPage
from blog.outgoing import share_card
from blog.outgoing.announcements import announce
from blog.photos import renditions
from blog.visibility import is_public

logger = logging.getLogger(__name__)


@receiver(init_new_page)
def name_writer(page, **kwargs):
    """A new post is by whoever writes it, and its form shows that from the start."""
    author = getattr(page.owner, "author", None) if isinstance(page, PostPage) else None
    if author:
        page.bylines = [page.bylines.model(author=author)]


@receiver(page_published, sender=PostPage)
def draw_share_card(sender, instance, **kwargs):
    """A post that appears without a photo gets a card for those who share it."""
    if not is_public(instance) or instance.get_meta_image():
        return
    site = instance.get_site()
    try:
        card = share_card.save_card(instance.title, site.site_name if site else "")
    except OSError:
        # A post without a card is better than none.
        logger.exception("No share card could be drawn for page %s", instance.pk)
        return
    if card != instance.share_card:
        instance.share_card = card
        # Those who listen to changes of posts hear of it.
        instance.save(update_fields=["share_card"], clean=False)
        PostPage.objects.filter(alias_of=instance).update(share_card=card)


@receiver(page_published, sender=PostPage)
@receiver(page_unpublished, sender=PostPage)
def announce_post(sender, instance, **kwargs):
    """Wagtail calls a post published, too, whose publishing was put off."""
    if instance.live or kwargs["signal"] is page_unpublished:
        announce(instance)


@receiver(page_published)
def make_renditions(sender, instance, **kwargs):
    """Who publishes a page right after uploading its photos waits for them, not its readers."""
    renditions.make_for_page(instance)


@receiver(post_save, sender=PageLogEntry)
@receiver(post_save, sender=ModelLogEntry)
def merge_autosave_entries(sender, instance, created, **kwargs):
    """The history shows those of one session as one line, so that two are enough."""
    if created and instance.action == "wagtail.edit" and instance.revision_id:
        entries = sender.objects.filter(
            uuid=instance.uuid, revision=instance.revision_id, action=instance.action
        )
        # The first says when the revision was begun.
        first = entries.order_by("timestamp", "pk").first()
        entries.exclude(pk__in=[first.pk, instance.pk]).delete()
