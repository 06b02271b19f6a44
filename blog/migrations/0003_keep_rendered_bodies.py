import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0002_index_expiry"),
    ]

    operations = [
        migrations.CreateModel(
            name="RenderedBody",
            fields=[
                (
                    "post",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="rendered",
                        serialize=False,
                        to="blog.postpage",
                    ),
                ),
                ("key", models.CharField(max_length=40)),
                ("html", models.TextField()),
                ("words", models.PositiveIntegerField()),
                ("outline", models.JSONField()),
                ("photo", models.BigIntegerField(null=True)),
                ("references", models.JSONField()),
            ],
        ),
    ]
