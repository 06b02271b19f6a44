import pytest
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from home.accounts import devices, forms


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    """Do at once what the site does in a thread, which would not see this test's transaction."""
    for module in (devices, forms):
        monkeypatch.setattr(module, "in_background", lambda do, *args, **kw: do(*args, **kw))


@pytest.fixture
def protected(editor):
    """An editor with the password "password" and an app, which shows the `code()`."""
    editor.set_password("password")
    editor.save()
    device = TOTPDevice.objects.create(user=editor, name="app")
    editor.code = lambda: f"{totp(device.bin_key):06}"
    return editor


@pytest.fixture
def sign_in(client):
    """Sign in as a browser does; returns the answer."""

    def sign_in(name="editor", password="password", **headers):
        data = {"username": name, "password": password, "next": "/admin/"}
        return client.post("/admin/login/", data, headers=headers)

    return sign_in
