from django.db import migrations

MODELS = {"archiveimport": ["add"], "archivedcomment": ["change", "delete", "view"]}


def permissions(apps):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    for model, actions in MODELS.items():
        content_type, _created = ContentType.objects.get_or_create(app_label="blog", model=model)
        for action in actions:
            # Django makes the permissions of a model only when all migrations are done.
            yield Permission.objects.get_or_create(
                content_type=content_type,
                codename=f"{action}_{model}",
                defaults={"name": f"Can {action} {model}"},
            )[0]


def allow(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name="Administrators"):
        group.permissions.add(*permissions(apps))


def forbid(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name="Administrators"):
        group.permissions.remove(*permissions(apps))


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0007_link_photos"),
        ("blog", "0008_add_imports_of_archives"),
    ]

    operations = [migrations.RunPython(allow, forbid)]
