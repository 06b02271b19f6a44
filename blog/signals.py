import logging

from django.dispatch import receiver
from wagtail.signals import page_published, page_unpublished

from blog import renditions, share_card
from blog.announcements import announce
from blog.models import PostPage

logger = logging.getLogger(__name__)


@receiver(page_published, sender=PostPage)
def draw_share_card(sender, instance, **kwargs):
    """A post that appears without a photo gets a card for those who share it."""
    if not instance.live or instance.get_meta_image():
        return
    site = instance.get_site()
    try:
        card = share_card.keep(instance.title, site.site_name if site else "")
    except OSError:
        # A post without a card is better than none.
        logger.exception("No share card could be drawn for page %s", instance.pk)
        return
    if card != instance.card:
        instance.card = card
        # Those who listen to changes of posts hear of it.
        instance.save(update_fields=["card"], clean=False)
        PostPage.objects.filter(alias_of=instance).update(card=card)


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
