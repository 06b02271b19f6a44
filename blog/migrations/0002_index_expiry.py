from django.db import migrations


class Migration(migrations.Migration):
    """Wagtail has no index that finds the next page to expire."""

    dependencies = [
        ("blog", "0001_add_posts"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX blog_page_expiry ON wagtailcore_page (expire_at) "
            "WHERE live AND expire_at IS NOT NULL",
            "DROP INDEX IF EXISTS blog_page_expiry",
        )
    ]
