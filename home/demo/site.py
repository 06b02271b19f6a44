"""Load the demo into a new site, once."""

import tomllib
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.crypto import get_random_string
from markdown_it import MarkdownIt
from wagtail.log_actions import log
from wagtail.models import Collection, ModelLogEntry, Site

from blog.importers.media import add_photo
from blog.models import Author, AuthorLink, BlogIndexPage, Series
from home.models import MenuItem, SiteSettings, SocialLink
from search.models import Synonym

from . import posts

PASSWORD = "daybook-demo"  # noqa: S105  published; production has random ones
# The action in Wagtail's log by which later runs know that the demo was loaded.
LOADED = "home.load_demo"


def load_demo(write, *, random_passwords=False):
    """
    Load the demo unless this was done before, and report each step by calling `write`.

    A later run sets the site's address and changes nothing else: what editors have changed or
    deleted since is left as it is.
    """
    content = tomllib.loads((posts.FOLDER / "site.toml").read_text(encoding="utf-8"))
    site = Site.objects.select_related("root_page").get(is_default_site=True)
    set_address(site)
    if ModelLogEntry.objects.filter(action=LOADED).exists():
        write("The demo is there already; nothing was changed.")
    else:
        write("Loading the demo …")
        with transaction.atomic():
            created = create_content(site, content, write, random_passwords=random_passwords)
            log(site, LOADED)
        if random_passwords:
            for user, password in created:
                write(f"  {user.username}: {password} (shown this once)")
    write(f"Site:  {settings.BASE_URL}/")
    write(f"Admin: {settings.BASE_URL}/admin/")
    names = [account["username"] for account in content["accounts"]]
    users = get_user_model().objects.filter(username__in=names, is_active=True).order_by("pk")
    if settings.DEMO_ACCOUNTS and users:
        there = ", ".join(user.username for user in users)
        write(f"Log in as {there}; the password is {PASSWORD}, unless you changed it.")


def set_address(site):
    """Set the host name and port of the site from BASE_URL."""
    address = urlsplit(settings.BASE_URL)
    port = address.port or (443 if address.scheme == "https" else 80)
    if (site.hostname, site.port) != (address.hostname, port):
        site.hostname, site.port = address.hostname, port
        site.save()


def create_content(site, content, write, *, random_passwords):
    """Create all content. Return the new accounts as (user, password)."""
    home_page = site.root_page.specific
    blog = BlogIndexPage.objects.child_of(home_page).first()
    library = create_photos(**content["pictures"])
    write(f"  {len(library)} pictures")
    create_authors(content["authors"], library)
    for entry in content["series"]:
        Series.objects.get_or_create(
            slug=entry["slug"],
            defaults={"title": entry["title"], "introduction": rich_text(entry["introduction"])},
        )
    accounts = create_accounts(content["accounts"], random_passwords=random_passwords)
    write(f"  {len(content['authors'])} authors, {len(accounts)} accounts")

    done = 0

    def progress(count):
        nonlocal done
        done += count
        write(f"  {done} posts …")

    users = get_user_model().objects
    count = posts.import_posts(
        blog,
        revised=content["revised"],
        discussed=content["discussed"],
        author=users.get(username="author"),
        editor=users.get(username="editor"),
        progress=progress,
    )
    write(f"  {count} posts")
    # Only now, so that the editor is not mailed about the post in review.
    for user, _password in accounts:
        user.email = f"{user.username}@example.org"
        user.save()
    pages = posts.import_pages(content["site"]["pages"], home_page)
    write(f"  {len(pages)} pages")
    for words in content["search"]["synonyms"]:
        Synonym.objects.get_or_create(words=words)
    configure_site(site, content, {"blog": blog, **pages}, library)
    return accounts


def create_photos(descriptions, credit):
    """Add each picture to the library. Return the photos by file name."""
    root = Collection.get_first_root_node()
    collection = root.get_children().filter(name="Demo").first() or root.add_child(name="Demo")
    photos = {}
    for name, description in descriptions.items():
        data = (posts.PICTURES / name).read_bytes()
        photo = add_photo(name, data, description=description, credit=credit)
        photo.collection = collection
        photo.save()
        photos[name] = photo
    return photos


def create_accounts(accounts, *, random_passwords):
    """Create the missing accounts, without addresses. Return them as (user, password)."""
    users = get_user_model().objects
    created = []
    for account in accounts:
        if users.filter(username=account["username"]).exists():
            continue
        password = get_random_string(20) if random_passwords else PASSWORD
        user = users.create_user(
            account["username"],
            password=password,
            first_name=account["first_name"],
            last_name=account["last_name"],
        )
        user.groups.add(Group.objects.get(name=account["role"]))
        if "author" in account:
            Author.objects.filter(slug=account["author"], user=None).update(user=user)
        created.append((user, password))
    return created


def create_authors(authors, library):
    """Create the missing authors."""
    for entry in authors:
        author, created = Author.objects.get_or_create(
            slug=entry["slug"],
            defaults={
                "name": entry["name"],
                "portrait": library[f"{entry['slug']}.webp"],
                "biography": rich_text(entry["biography"]),
            },
        )
        if created:
            author.links = [AuthorLink(**link) for link in entry["links"]]
            author.save()


def configure_site(site, content, pages, library):
    """Set the name, menu and welcome of the site where they are not set yet."""
    site_settings = SiteSettings.for_site(site)
    if not site_settings.tagline and not site_settings.menu_items.exists():
        entry = content["site"]
        site_settings.name = entry["name"]
        site_settings.tagline = entry["tagline"]
        site_settings.footer = rich_text(entry["footer"])
        site_settings.share_image = library[entry["share_image"]]
        site_settings.menu_items = [MenuItem(page=pages[slug]) for slug in entry["menu"]]
        site_settings.social_links = [SocialLink(**link) for link in entry["social_links"]]
        site_settings.reply_email = entry["reply_email"]
        site_settings.save()
        site.refresh_from_db()
    home_page = site.root_page.specific
    if not home_page.welcome:
        home_page.title = content["site"]["name"]
        home_page.heading = content["home"]["heading"]
        home_page.welcome = rich_text(content["home"]["welcome"])
        home_page.search_description = content["home"]["description"]
        home_page.search_image = library[content["site"]["share_image"]]
        home_page.save_revision().publish()
    blog = pages["blog"]
    blog.refresh_from_db()
    if not blog.introduction:
        blog.introduction = content["blog"]["introduction"]
        blog.save_revision().publish()


def rich_text(markdown):
    """Return Markdown as HTML for a rich text field."""
    return MarkdownIt("commonmark").render(markdown).strip()
