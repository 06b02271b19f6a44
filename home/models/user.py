from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """An account, whose sessions can all be ended at once."""

    # Changes when the person signs out everywhere.
    sessions_ended = models.PositiveIntegerField(default=0, editable=False)

    class Meta(AbstractUser.Meta):
        permissions = [
            ("must_use_second_factor", _("Must use a second factor to sign in")),
        ]

    def get_session_auth_hash(self):
        return self._with_ended_sessions(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self):
        yield from map(self._with_ended_sessions, super().get_session_auth_fallback_hash())

    def _with_ended_sessions(self, text):
        return salted_hmac("home.User.sessions", f"{text} {self.sessions_ended}").hexdigest()
