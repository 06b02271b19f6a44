"""The browsers from which a person has signed in before, and mails about new ones."""

from threading import Thread

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import send_mail
from django.core.signing import BadSignature
from django.db import connection
from django.template.loader import render_to_string
from django.utils import timezone

from home.accounts.address import client_address

COOKIE = "device"
A_YEAR = 365 * 24 * 60 * 60


def known_users(request):
    """Return the primary keys of those who have signed in with this browser, as strings."""
    try:
        return request.get_signed_cookie(COOKIE, "", salt=COOKIE, max_age=A_YEAR).split()
    except BadSignature:
        return []


def is_known_by_name(request, name):
    """Return whether the account of this name has signed in with this browser."""
    known = known_users(request)
    users = get_user_model().objects.filter(pk__in=known, username=name) if known and name else None
    return bool(users and users.exists())


def notice(sender, request, user, **kwargs):
    """Tell a person of a sign-in from a new device. A receiver of `user_logged_in`."""
    request.signed_in_user = user
    if str(user.pk) not in known_users(request):
        context = {
            "address": client_address(request),
            "browser": request.META.get("HTTP_USER_AGENT", "")[:200],
            "moment": timezone.localtime(),
        }
        tell(user, "new_device", context)


def remember(request, response):
    """Let the browser of who has just signed in be known the next time."""
    user = getattr(request, "signed_in_user", None)
    if user is not None:
        known = dict.fromkeys([str(user.pk), *known_users(request)])
        response.set_signed_cookie(
            COOKIE,
            " ".join(list(known)[:10]),
            salt=COOKIE,
            max_age=A_YEAR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def tell(user, template, context):
    """Mail a person about their account, without waiting for the mail server."""
    if user.email:
        context = {**context, "user": user, "base_url": settings.BASE_URL}
        text = render_to_string(f"home/accounts/{template}.txt", context)
        subject, _blank, body = text.partition("\n")
        in_background(send_mail, subject, body.lstrip(), None, [user.email])


def in_background(function, *arguments, **options):
    """Call a function in a thread, so that neither an answer nor its time tells what it does."""

    def run():
        try:
            function(*arguments, **options)
        finally:
            connection.close()

    Thread(target=run, name="accounts", daemon=False).start()
