from django.db import migrations
from django.db.models import F


def remove_redirects_of_drafts(apps, schema_editor):
    """
    Remove what typing the title of a draft has left behind: redirects from slugs nobody ever saw.

    One was made for a draft if it is older than the first publishing of its page, or if that was
    never published. As pages can also be made live by programs, without being published, only
    pages count whose oldest revision says that they began as drafts. Redirects made by hand or by
    an import stay.
    """
    ContentType = apps.get_model("contenttypes", "ContentType")
    PageLogEntry = apps.get_model("wagtailcore", "PageLogEntry")
    Redirect = apps.get_model("wagtailredirects", "Redirect")
    Revision = apps.get_model("wagtailcore", "Revision")

    content_type = ContentType.objects.filter(app_label="wagtailcore", model="page").first()
    redirects = Redirect.objects.filter(automatically_created=True, redirect_page__isnull=False)
    unseen = redirects.filter(
        created_at__lt=F("redirect_page__first_published_at")
    ) | redirects.filter(
        redirect_page__first_published_at__isnull=True, redirect_page__live=False
    ).exclude(
        redirect_page__in=PageLogEntry.objects.filter(
            action__in=["wagtail.publish", "wagtail.publish.scheduled", "wagtail.unpublish"]
        ).values("page_id")
    )
    for redirect in unseen.iterator():
        oldest = (
            Revision.objects.filter(
                base_content_type=content_type, object_id=str(redirect.redirect_page_id)
            )
            .order_by("pk")
            .first()
        )
        if oldest and oldest.content.get("live") is False:
            redirect.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0002_index_expiry"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtailredirects", "0008_add_verbose_name_plural"),
    ]

    operations = [
        migrations.RunPython(remove_redirects_of_drafts, migrations.RunPython.noop, elidable=True),
    ]
