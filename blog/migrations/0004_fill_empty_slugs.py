from django.db import migrations, models
from django.utils.text import slugify


def slug():
    return models.SlugField(
        "slug",
        max_length=200,
        unique=True,
        allow_unicode=True,
        blank=True,
        help_text="The end of its address. Made of the name when empty.",
    )


def fill_slugs(apps, schema_editor):
    """Give what was saved under a name without a letter an address."""
    for model, name in (("Author", "name"), ("Series", "title"), ("Tag", "name")):
        rows = apps.get_model("blog", model).objects
        for row in rows.filter(slug=""):
            rows.filter(pk=row.pk).update(slug=made_of(getattr(row, name), model.lower(), row.pk))
    pages = apps.get_model("wagtailcore", "Page").objects
    # From the top, as the address of a page begins with that of the one above it.
    for pk in pages.filter(slug="", depth__gt=1).order_by("path").values_list("pk", flat=True):
        page = pages.get(pk=pk)
        slug = made_of(page.title, "page", pk)
        url_path = f"{page.url_path.rstrip('/')}/{slug}/"
        pages.filter(pk=pk).update(slug=slug, url_path=url_path)
        for below in pages.filter(path__startswith=page.path, depth__gt=page.depth):
            moved = url_path + below.url_path.removeprefix(page.url_path)
            pages.filter(pk=below.pk).update(url_path=moved)


def made_of(name, fallback, number):
    return f"{slugify(name, allow_unicode=True)[:150] or fallback}-{number}"


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0003_remove_redirects_of_drafts"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [
        migrations.AlterField("author", "slug", slug()),
        migrations.AlterField("series", "slug", slug()),
        migrations.AlterField("tag", "slug", slug()),
        migrations.RunPython(fill_slugs, migrations.RunPython.noop),
    ]
