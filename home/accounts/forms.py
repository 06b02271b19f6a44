from wagtail.admin.forms import auth

from home.accounts.devices import in_background


class PasswordResetForm(auth.PasswordResetForm):
    """Wagtail's form, whose answer takes as long for an address that nobody has."""

    def save(self, **options):
        in_background(super().save, **options)
