import logging
from urllib.parse import urlsplit

from django.db.models.signals import pre_save
from django.dispatch import receiver
from wagtail.contrib.redirects.models import Redirect
from wagtail.signals import page_published, page_unpublished

from blog import renditions, share_card
from blog.announcements import announce
from blog.models import Author, BlogIndexPage, PostPage, Series, Tag
from blog.redirect_batches import RedirectBatch

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


@receiver(pre_save, sender=Author)
@receiver(pre_save, sender=Series)
@receiver(pre_save, sender=Tag)
def redirect_renamed_subject(sender, instance, **kwargs):
    """The public addresses of a subject that gets another slug lead to its new ones."""
    old = sender.objects.filter(pk=instance.pk).values_list("slug", flat=True).first()
    if not old or old == instance.slug:
        return
    batch = RedirectBatch(max_size=0, ignore_conflicts=True)
    for blog in BlogIndexPage.objects.live():
        route = sender._meta.model_name
        before, after = (f"/{blog.reverse_subpage(route, [slug])}" for slug in (old, instance.slug))
        address = urlsplit(blog.full_url or "/").path.rstrip("/")
        for path in blog.get_route_paths():
            if path.startswith(before):
                batch.add(
                    old_path=Redirect.normalise_path(address + path),
                    site=blog.get_site(),
                    redirect_page=blog,
                    redirect_page_route_path=after + path.removeprefix(before),
                    automatically_created=True,
                )
    batch.process()
