from django.core.files.storage import default_storage
from django.db import migrations


def delete_files(apps, schema_editor):
    """Delete the pictures that were drawn when posts were published. They are drawn anew."""
    posts = apps.get_model("blog", "PostPage").objects.exclude(share_card="").order_by()
    for name in posts.values_list("share_card", flat=True).distinct():
        default_storage.delete(name)


class Migration(migrations.Migration):
    dependencies = [("blog", "0004_fill_empty_slugs")]

    operations = [
        migrations.RunPython(delete_files, migrations.RunPython.noop),
        migrations.RemoveField(model_name="postpage", name="share_card"),
    ]
