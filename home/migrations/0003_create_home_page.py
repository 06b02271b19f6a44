from urllib.parse import urlsplit

from django.conf import settings
from django.db import migrations


def create_home_page(apps, schema_editor):
    """Put our home page, with an empty blog below it, in the place of Wagtail's welcome page."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Locale = apps.get_model("wagtailcore", "Locale")
    Page = apps.get_model("wagtailcore", "Page")
    Site = apps.get_model("wagtailcore", "Site")

    # A site that is not new keeps what it has.
    if Page.objects.filter(depth__gt=1).exclude(slug="home", content_type__model="page").exists():
        return
    Page.objects.filter(depth__gt=1).delete()

    def create(model, **fields):
        app_label, name = model.lower().split(".")
        content_type, _created = ContentType.objects.get_or_create(app_label=app_label, model=name)
        return apps.get_model(model).objects.create(
            draft_title=fields["title"],
            content_type=content_type,
            locale=Locale.objects.first(),
            **fields,
        )

    home = create(
        "home.HomePage",
        title="Daybook",
        slug="home",
        path="00010001",
        depth=2,
        numchild=1,
        url_path="/home/",
    )
    create(
        "blog.BlogIndexPage",
        title="Blog",
        slug="blog",
        path="000100010001",
        depth=3,
        numchild=0,
        url_path="/home/blog/",
    )
    Page.objects.filter(depth=1).update(numchild=1)
    address = urlsplit(settings.BASE_URL)
    Site.objects.create(
        hostname=address.hostname,
        port=address.port or (443 if address.scheme == "https" else 80),
        site_name="Daybook",
        root_page=home,
        is_default_site=True,
    )


def remove_home_page(apps, schema_editor):
    apps.get_model("wagtailcore", "Page").objects.filter(path__startswith="00010001").delete()


class Migration(migrations.Migration):
    dependencies = [("home", "0002_add_pages")]

    operations = [migrations.RunPython(create_home_page, remove_home_page)]
