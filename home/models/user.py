from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """An account. A custom model from the first migration on, so that fields can be added later."""
