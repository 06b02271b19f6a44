from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """An account. Ours from the first migration on, so that it can grow without moving data."""
