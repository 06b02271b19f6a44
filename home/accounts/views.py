"""The pages of the second factor: give it, set it up, remove it, reset it for somebody else."""

import segno
from axes.handlers.proxy import AxesProxyHandler
from django.contrib import messages
from django.contrib.auth import get_user_model, logout
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View
from django_otp import login, user_has_device
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key
from django_otp_webauthn.models import WebAuthnCredential
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.log_actions import log
from wagtail.permissions import policy_registry

from home.accounts import devices, second_factor
from home.accounts.limits import locked_out
from home.accounts.passkeys import other_address

KEY = "second_factor_key"


def next_address(request):
    """Return where a person wanted to go, if that is on this site."""
    address = request.POST.get("next") or request.GET.get("next") or ""
    is_own = url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return address if is_own else reverse("wagtailadmin_home")


def passkeys_of(user):
    """Return the passkeys of a user, oldest first."""
    return WebAuthnCredential.objects.filter(user=user).order_by("pk")


def let_in(request, user, device):
    """Count the session as one with a second factor, under a new key."""
    request.user = user
    login(request, device)
    request.session.cycle_key()


class SecondFactorView(View):
    """Asks who has given the password for the second factor, or sets up a required one."""

    def dispatch(self, request, *args, **kwargs):
        user = request.first_factor_user
        if user is None:
            return redirect("wagtailadmin_home")
        if "sign-out" in request.POST:
            logout(request)
            return redirect("wagtailadmin_login")
        if not user_has_device(user):
            return SetupView.as_view(is_sign_in=True)(request)
        return super().dispatch(request)

    def get(self, request, error=""):
        context = {
            "error": error,
            "next": next_address(request),
            "passkeys": passkeys_of(request.first_factor_user),
        }
        return TemplateResponse(request, "home/accounts/second_factor.html", context)

    def post(self, request):
        user = request.first_factor_user
        tried = {"username": f"second factor of {user.pk}"}
        if not AxesProxyHandler.is_allowed(request, tried):
            return locked_out(request, None, tried)
        device = second_factor.matching_device(user, request.POST.get("code", ""))
        if device is None:
            user_login_failed.send(sender=__name__, credentials=tried, request=request)
            return self.get(request, error=_("This code is wrong, or was used already."))
        let_in(request, user, device)
        return redirect(next_address(request))


class SetupView(View):
    """Shows a new key as a QR code, and keeps it once a code of it was typed."""

    is_sign_in = False

    def dispatch(self, request, *args, **kwargs):
        self.person = request.first_factor_user if self.is_sign_in else request.user
        return super().dispatch(request)

    def get(self, request, error=""):
        key = request.session.setdefault(KEY, default_key())
        device = TOTPDevice(user=self.person, key=key)
        context = {
            "error": error,
            "next": next_address(request),
            # A camera does not read black on the dark admin.
            "picture": segno.make(device.config_url).svg_data_uri(scale=5, light="white"),
            "secret": device.config_url.partition("secret=")[2].partition("&")[0],
            "is_sign_in": self.is_sign_in,
            "other_address": other_address(request),
        }
        return TemplateResponse(request, "home/accounts/setup.html", context)

    def post(self, request):
        device = TOTPDevice(user=self.person, key=request.session.get(KEY) or "", name="app")
        code = "".join(request.POST.get("code", "").split())
        # Not by the device itself, which would be kept, right or wrong.
        totp = TOTP(device.bin_key)
        if not device.key or not code.isdecimal() or not totp.verify(int(code[:9]), tolerance=1):
            return self.get(request, error=_("This code is wrong. Is the clock of the app right?"))
        device.last_t = totp.t()
        del request.session[KEY]
        TOTPDevice.objects.filter(user=self.person).delete()
        device.save()
        log(self.person, "home.second_factor", user=self.person)
        let_in(request, self.person, device)
        codes = second_factor.new_recovery_codes(self.person)
        context = {"codes": codes, "next": next_address(request)}
        return TemplateResponse(request, "home/accounts/codes.html", context)


class SecurityView(WagtailAdminTemplateMixin, View):
    """What a person sees and does about their own sign-in, under Account."""

    def get(self, request):
        context = {
            "has_app": TOTPDevice.objects.filter(user=request.user, confirmed=True).exists(),
            "passkeys": passkeys_of(request.user),
            "other_address": other_address(request),
            "codes_left": StaticToken.objects.filter(device__user=request.user).count(),
            "is_required": second_factor.is_required(request.user),
        }
        return TemplateResponse(request, "home/accounts/security.html", context)

    def post(self, request):
        user = request.user
        if "codes" in request.POST and user_has_device(user):
            codes = second_factor.new_recovery_codes(user)
            context = {"codes": codes, "next": reverse("account_security")}
            return TemplateResponse(request, "home/accounts/codes.html", context)
        if "remove" in request.POST and not second_factor.is_required(user):
            second_factor.remove(user)
            log(user, "home.second_factor_removed", user=user)
            messages.success(request, _("Your second factor was removed."))
        elif "passkey" in request.POST:
            if second_factor.remove_passkey(user, request.POST["passkey"]):
                log(user, "home.second_factor_removed", user=user)
                messages.success(request, _("The passkey was removed."))
            else:
                messages.error(request, _("Your role requires a second factor: add another first."))
        elif "sign-out" in request.POST:
            end_sessions(user)
            logout(request)
            return redirect("wagtailadmin_login")
        return redirect("account_security")


def end_sessions(user):
    """Sign a user out everywhere."""
    get_user_model().objects.filter(pk=user.pk).update(sessions_ended=F("sessions_ended") + 1)


class ResetView(View):
    """Lets an administrator remove the second factor of somebody who has lost it."""

    def dispatch(self, request, pk):
        users = get_user_model()
        may = policy_registry.get_by_type(users).user_has_permission(request.user, "change")
        self.person = get_object_or_404(users, pk=pk)
        if not may or (self.person.is_superuser and not request.user.is_superuser):
            raise PermissionDenied
        return super().dispatch(request)

    def get(self, request):
        return TemplateResponse(request, "home/accounts/reset.html", {"person": self.person})

    def post(self, request):
        second_factor.remove(self.person)
        end_sessions(self.person)
        log(self.person, "home.second_factor_removed", user=request.user)
        devices.tell(self.person, "second_factor_reset", {})
        messages.success(request, _("The second factor was removed."))
        if self.person == request.user:
            return redirect("wagtailadmin_login")
        return redirect("wagtailusers_users:index")


sensitive = sensitive_post_parameters("code")
give_second_factor = never_cache(sensitive(SecondFactorView.as_view()))
set_up_second_factor = sensitive(SetupView.as_view())
