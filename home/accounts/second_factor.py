"""The second factor: who needs one, and what is reachable before it was given."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, Group
from django.shortcuts import redirect
from django.urls import reverse
from django_otp import devices_for_user, user_has_device, verify_token
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential

from home.accounts import devices

# The permission of groups whose members must use a second factor.
REQUIRED = "must_use_second_factor"
CODES = 10


def is_required(user):
    """Return whether a group of the user requires a second factor."""
    return Group.objects.filter(user=user, permissions__codename=REQUIRED).exists()


def matching_device(user, code):
    """Return the confirmed device of the user that accepts a code, which is then used up."""
    code = "".join(code.split()).lower()
    model = TOTPDevice if code.isdecimal() else StaticDevice
    for device in model.objects.devices_for_user(user, confirmed=True):
        if found := verify_token(user, device.persistent_id, code):
            return found
    return None


def new_recovery_codes(user):
    """Return codes that each let the user in once, in place of the earlier ones."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery codes")
    # As words of letters alone, so that none is taken for a code of an app.
    codes = [f"r{device.token_set.model.random_token()}" for _ in range(CODES)]
    device.token_set.bulk_create([device.token_set.model(device=device, token=c) for c in codes])
    return codes


def remove_passkey(user, key):
    """Delete a passkey, and the recovery codes with the last factor. Return whether it was done."""
    passkeys = list(WebAuthnCredential.objects.filter(user=user))
    found = [passkey for passkey in passkeys if str(passkey.pk) == key]
    is_last = passkeys == found and not TOTPDevice.objects.devices_for_user(user, confirmed=True)
    if not found or (is_last and is_required(user)):
        return False
    if is_last:
        remove(user)
    else:
        found[0].delete()
    return True


def remove(user):
    """Delete all second factors of a user."""
    for device in list(devices_for_user(user, confirmed=None)):
        device.delete()


class SecondFactorMiddleware:
    """
    Treat a session as nobody's until the second factor was given.

    It may only give the factor, or set one up that is required. `request.first_factor_user` is who
    has given the password.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.first_factor_user = None
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            user = request.user
            if not user.is_verified() and (user_has_device(user) or is_required(user)):
                request.first_factor_user = user
                request.user = AnonymousUser()
                if self.is_closed(request.path_info):
                    query = urlencode({"next": request.get_full_path()})
                    return redirect(f"{reverse('second_factor')}?{query}")
        response = self.get_response(request)
        devices.remember(request, response)
        return response

    def is_closed(self, path):
        """Return whether a path of the admin waits for the second factor."""
        names = ("wagtailadmin_login", "wagtailadmin_sprite", "wagtailadmin_javascript_catalog")
        if path.startswith(reverse("second_factor")) or path in map(reverse, names):
            return False
        return path.startswith(reverse("wagtailadmin_home"))
