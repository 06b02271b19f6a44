from django.db import migrations

SNIPPETS = [
    f"blog.{action}_{model}"
    for model in ("author", "series", "tag")
    for action in ("add", "change", "delete", "view")
]
REDIRECTS = [
    f"wagtailredirects.{action}_redirect" for action in ("add", "change", "delete", "view")
]
PROMOTIONS = [
    permission
    for action in ("add", "change", "delete", "view")
    for permission in (f"search.{action}_synonym", f"wagtailsearchpromotions.{action}_searchpromotion")
]
HOUSE = ["home.change_sitesettings"] + [
    f"{app}.{action}_{model}"
    for app, model in (
        ("auth", "group"),
        ("home", "user"),
        ("wagtailcore", "site"),
        ("wagtailcore", "task"),
        ("wagtailcore", "workflow"),
    )
    for action in ("add", "change", "delete", "view")
]
FILES = {
    "own": ["wagtailimages.add_image", "wagtaildocs.add_document"],
    "choose": ["wagtailimages.choose_image", "wagtaildocs.choose_document"],
    "all": [
        "wagtailimages.change_image",
        "wagtailimages.delete_image",
        "wagtaildocs.change_document",
        "wagtaildocs.delete_document",
    ],
}
COLLECTIONS = [f"wagtailcore.{action}_collection" for action in ("add", "change", "delete")]
EVERY_PAGE = [
    f"wagtailcore.{action}_page"
    for action in ("add", "change", "publish", "lock", "unlock", "bulk_delete")
]

# Role → what it may do anywhere, with files, and with pages and below which page.
ROLES = {
    # Write posts and send them to an editor; change and delete only what is their own draft.
    "Authors": ([], FILES["own"] + FILES["choose"], ["wagtailcore.add_page"], "/home/blog/"),
    "Editors": (
        SNIPPETS + REDIRECTS + PROMOTIONS,
        FILES["own"] + FILES["choose"] + FILES["all"],
        EVERY_PAGE,
        "/",
    ),
    "Administrators": (
        SNIPPETS + REDIRECTS + PROMOTIONS + HOUSE,
        FILES["own"] + FILES["choose"] + FILES["all"] + COLLECTIONS,
        EVERY_PAGE,
        "/",
    ),
}


def create_roles(apps, schema_editor):
    """Make the three roles of the two groups that a new Wagtail has."""
    Collection = apps.get_model("wagtailcore", "Collection")
    ContentType = apps.get_model("contenttypes", "ContentType")
    Group = apps.get_model("auth", "Group")
    GroupCollectionPermission = apps.get_model("wagtailcore", "GroupCollectionPermission")
    GroupPagePermission = apps.get_model("wagtailcore", "GroupPagePermission")
    Page = apps.get_model("wagtailcore", "Page")
    Permission = apps.get_model("auth", "Permission")

    def permission(name):
        app_label, codename = name.split(".")
        model = codename.rpartition("_")[2]
        if codename == "access_admin":
            model = "admin"
        content_type, _created = ContentType.objects.get_or_create(app_label=app_label, model=model)
        # Django makes the permissions of a model only when all migrations are done.
        return Permission.objects.get_or_create(
            content_type=content_type,
            codename=codename,
            defaults={"name": f"Can {codename.replace('_', ' ')}"},
        )[0]

    Group.objects.filter(name="Editors").update(name="Authors")
    Group.objects.filter(name="Moderators").update(name="Editors")
    for model in ("Task", "Workflow"):
        apps.get_model("wagtailcore", model).objects.filter(name="Moderators approval").update(
            name="Editors' approval"
        )

    root = Page.objects.get(depth=1)
    collection = Collection.objects.get(depth=1)
    for name, (anywhere, files, pages, url_path) in ROLES.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.set(
            [permission(name) for name in ["wagtailadmin.access_admin", *anywhere]]
        )
        GroupCollectionPermission.objects.filter(group=group).delete()
        for file_permission in files:
            GroupCollectionPermission.objects.create(
                group=group, collection=collection, permission=permission(file_permission)
            )
        GroupPagePermission.objects.filter(group=group).delete()
        page = Page.objects.filter(url_path=url_path).first() or root
        for page_permission in pages:
            GroupPagePermission.objects.create(
                group=group, page=page, permission=permission(page_permission)
            )


def remove_roles(apps, schema_editor):
    """Give the groups back the names that Wagtail's own migrations know."""
    Group = apps.get_model("auth", "Group")
    Group.objects.filter(name="Administrators").delete()
    Group.objects.filter(name="Editors").update(name="Moderators")
    Group.objects.filter(name="Authors").update(name="Editors")
    for model in ("Task", "Workflow"):
        apps.get_model("wagtailcore", model).objects.filter(name="Editors' approval").update(
            name="Moderators approval"
        )


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0003_create_home_page"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
        ("wagtailcore", "0048_add_default_workflows"),
        ("wagtaildocs", "0014_alter_document_file_size"),
        ("wagtailimages", "0027_image_description"),
    ]

    operations = [migrations.RunPython(create_roles, remove_roles)]
