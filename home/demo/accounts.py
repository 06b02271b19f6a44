"""The accounts of the demo."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils.crypto import get_random_string

from blog.models import Author

PASSWORD = "daybook-demo"  # noqa: S105  published; production has random ones


def create_accounts(accounts, *, random_passwords=False):
    """
    Create the missing accounts, each with its role and its author.

    Return the new ones as (user, password). Existing accounts are not changed.
    """
    users = get_user_model().objects
    created = []
    for account in accounts:
        if users.filter(username=account["username"]).exists():
            continue
        password = get_random_string(20) if random_passwords else PASSWORD
        user = users.create_user(
            account["username"],
            f"{account['username']}@example.org",
            password,
            first_name=account["first_name"],
            last_name=account["last_name"],
        )
        user.groups.add(Group.objects.get(name=account["role"]))
        if "author" in account:
            Author.objects.filter(slug=account["author"], user=None).update(user=user)
        created.append((user, password))
    return created


def known_accounts(accounts):
    """Return the user names of those accounts that still exist."""
    names = [account["username"] for account in accounts]
    users = get_user_model().objects.filter(username__in=names, is_active=True)
    return list(users.order_by("pk").values_list("username", flat=True))
