"""Passkeys as a second factor: the views that django-otp-webauthn's script talks to."""

from django.conf import settings
from django.db import IntegrityError
from django.urls import path
from django.views.i18n import JavaScriptCatalog
from django_otp_webauthn import views
from django_otp_webauthn.exceptions import MalformedRequest
from wagtail.log_actions import log

ODD = (AttributeError, IntegrityError, LookupError, RecursionError, TypeError, ValueError)


def other_address(request):
    """Return the address of the site that passkeys belong to, unless it is that of the request."""
    [address] = settings.OTP_WEBAUTHN_ALLOWED_ORIGINS
    return "" if f"{request.scheme}://{request.get_host()}" == address else address


class FirstFactorMixin:
    """Lets a session with the first factor alone give its passkey, or set up a required one."""

    def initial(self, request, *args, **kwargs):
        request.user = request.first_factor_user or request.user
        # The library refuses a new passkey for who has a second factor and has not given it.
        super().initial(request, *args, **kwargs)

    def handle_exception(self, exc):
        # JSON that is not what the script sends, or a passkey that is kept already.
        return super().handle_exception(MalformedRequest() if isinstance(exc, ODD) else exc)


class BeginRegistrationView(FirstFactorMixin, views.BeginCredentialRegistrationView):
    pass


class CompleteRegistrationView(FirstFactorMixin, views.CompleteCredentialRegistrationView):
    def post(self, request):
        response = super().post(request)
        request.session.cycle_key()
        log(request.user, "home.second_factor", user=request.user)
        return response


class BeginAuthenticationView(FirstFactorMixin, views.BeginCredentialAuthenticationView):
    pass


class CompleteAuthenticationView(FirstFactorMixin, views.CompleteCredentialAuthenticationView):
    def complete_auth(self, device):
        super().complete_auth(device)
        self.request.session.cycle_key()


VIEWS = {
    "registration-begin": BeginRegistrationView,
    "registration-complete": CompleteRegistrationView,
    "authentication-begin": BeginAuthenticationView,
    "authentication-complete": CompleteAuthenticationView,
}
# The names by which the library's script finds them, and the words of that script.
app_name = "otp_webauthn"
urlpatterns = [
    path(f"{name.replace('-', '/')}/", view.as_view(), name=f"credential-{name}")
    for name, view in VIEWS.items()
] + [
    path(
        "jsi18n/",
        JavaScriptCatalog.as_view(packages=["django_otp_webauthn"]),
        name="js-i18n-catalog",
    )
]
