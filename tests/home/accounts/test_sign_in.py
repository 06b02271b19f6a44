"""Guessing does not get in, costs nobody else anything, and tells nothing."""

from types import SimpleNamespace

import pytest
from django.contrib.auth import hashers
from django.core import mail
from django.test import Client, RequestFactory
from wagtail.models import PageViewRestriction

from home.accounts import limits
from home.accounts.address import client_address

WRONG = "wrong words"


@pytest.fixture(autouse=True)
def _password(editor):
    editor.set_password("password")
    editor.save()


class GuessingTests:
    def test_after_ten_wrong_passwords_the_right_one_is_not_even_hashed(self, sign_in, monkeypatch):
        answers = [sign_in(password=WRONG).status_code for _ in range(10)]
        assert set(answers[:9]) == {200}
        monkeypatch.setattr(hashers, "check_password", lambda *a, **k: pytest.fail("hashed"))
        answer = sign_in()
        assert answer.status_code == 429
        assert 0 < int(answer["Retry-After"]) <= 900

    def test_an_account_is_locked_for_all_addresses(self, sign_in, settings):
        settings.TRUSTED_PROXIES = ["127.0.0.1"]
        for number in range(10):
            sign_in(password=WRONG, x_forwarded_for=f"8.8.8.{number}")
        assert sign_in(x_forwarded_for="9.9.9.9").status_code == 429

    def test_an_address_is_locked_for_all_accounts(self, sign_in, settings):
        settings.TRUSTED_PROXIES = ["127.0.0.1"]
        for number in range(10):
            sign_in(f"name-{number}", WRONG, x_forwarded_for="8.8.8.8")
        assert sign_in(x_forwarded_for="8.8.8.8").status_code == 429
        assert sign_in(x_forwarded_for="9.9.9.9").status_code == 302

    def test_strangers_do_not_lock_out_who_has_signed_in_here(self, sign_in, client, settings):
        settings.TRUSTED_PROXIES = ["127.0.0.1"]
        sign_in(x_forwarded_for="9.9.9.9")
        client.post("/admin/logout/")
        device = client.cookies
        client.cookies = type(device)()
        for number in range(10):
            sign_in(password=WRONG, x_forwarded_for=f"8.8.8.{number}")
        client.cookies = device
        assert sign_in(x_forwarded_for="9.9.9.9").status_code == 302

    def test_an_unknown_name_is_answered_like_a_known_one(self, sign_in):
        known = sign_in(password=WRONG)
        unknown = sign_in("nobody", WRONG)
        assert known.status_code == unknown.status_code
        text = known.context["form"].non_field_errors()
        assert text == unknown.context["form"].non_field_errors()

    def test_an_unknown_name_costs_as_many_hashes(self, sign_in, monkeypatch):
        calls = []
        for name in ("encode", "verify"):
            method = getattr(hashers.MD5PasswordHasher, name)
            monkeypatch.setattr(
                hashers.MD5PasswordHasher,
                name,
                lambda self, *a, _m=method, _n=name: calls.append(_n) or _m(self, *a),
            )
        sign_in("nobody", WRONG)
        unknown = calls.count("encode")
        calls.clear()
        sign_in(password=WRONG)
        assert calls.count("encode") == unknown == 1

    def test_the_reset_of_a_password_tells_nothing(self, editor, client):
        answers = [
            client.post("/admin/password_reset/", {"email": email})
            for email in (editor.email, "nobody@example.org")
        ]
        assert answers[0].status_code == answers[1].status_code == 302
        assert answers[0]["Location"] == answers[1]["Location"]
        assert [message.to for message in mail.outbox] == [[editor.email]]


class PagePasswordTests:
    @pytest.fixture
    def address(self, write):
        page = write(slug="secret")
        restriction = PageViewRestriction.objects.create(
            page=page, restriction_type="password", password="open sesame"
        )
        return f"/_util/authenticate_with_password/{restriction.pk}/{page.pk}/"

    def guess(self, address, password, client, **headers):
        data = {"password": password, "return_url": "/blog/secret/"}
        return client.post(address, data, headers=headers)

    def test_after_ten_wrong_ones_no_more_is_tried(self, address, client):
        assert [self.guess(address, WRONG, client).status_code for _ in range(10)] == [200] * 10
        answer = self.guess(address, "open sesame", client)
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) > 0

    def test_other_readers_are_not_locked_out(self, address, client, settings, sign_in):
        settings.TRUSTED_PROXIES = ["127.0.0.1"]
        for _ in range(11):
            self.guess(address, WRONG, client, x_forwarded_for="8.8.8.8")
        answer = self.guess(address, "open sesame", client, x_forwarded_for="9.9.9.9")
        assert answer.status_code == 302


class SessionTests:
    def test_a_session_is_renewed_at_sign_in_and_ended_at_sign_out(self, client, sign_in):
        client.cookies["sessionid"] = "fixed-by-somebody-else"
        sign_in()
        key = client.session.session_key
        assert key != "fixed-by-somebody-else"
        client.post("/admin/logout/")
        thief = Client()
        thief.cookies["sessionid"] = key
        assert thief.get("/admin/").status_code == 302

    def test_signing_out_everywhere_ends_all_sessions(self, editor, client):
        other = Client()
        other.force_login(editor)
        client.force_login(editor)
        client.post("/admin/account/security/", {"sign-out": ""})
        assert other.get("/admin/").status_code == 302
        assert client.get("/admin/").status_code == 302

    def test_a_sign_in_from_a_new_device_is_told_once(self, editor, client, sign_in):
        sign_in(user_agent="Lynx")
        [message] = mail.outbox
        assert message.to == [editor.email]
        assert "Lynx" in message.body
        client.post("/admin/logout/")
        sign_in()
        assert len(mail.outbox) == 1
        client.cookies["device"] = f"{editor.pk}:forged"
        sign_in()
        assert len(mail.outbox) == 2


class AddressTests:
    @pytest.mark.parametrize(
        ("remote", "forwarded", "address"),
        [
            ("8.8.8.8", "1.1.1.1", "8.8.8.8"),
            ("127.0.0.1", "1.1.1.1", "1.1.1.1"),
            ("127.0.0.1", "6.6.6.6, 1.1.1.1", "1.1.1.1"),
            ("127.0.0.1", "6.6.6.6, 1.1.1.1, 127.0.0.1", "1.1.1.1"),
            ("127.0.0.1", "", "127.0.0.1"),
            ("127.0.0.1", "nonsense", "0.0.0.0"),
            ("", "1.1.1.1", "0.0.0.0"),
            ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::"),
            ("::ffff:8.8.8.8", "", "8.8.8.8"),
        ],
    )
    def test_only_trusted_proxies_are_believed(self, remote, forwarded, address, settings):
        settings.TRUSTED_PROXIES = ["127.0.0.1"]
        request = RequestFactory().get(
            "/", REMOTE_ADDR=remote, headers={"x-forwarded-for": forwarded}
        )
        assert client_address(request) == address


class LimitTests:
    def test_requests_beyond_the_limit_are_refused_for_the_address_alone(
        self, settings, client, blog, monkeypatch
    ):
        # Not at the end of a minute.
        monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: 90.0))
        settings.TRUSTED_PROXIES = ["127.0.0.1"]
        settings.REQUEST_LIMITS = {"GET search": 3}
        for method in (client.get, client.head, client.get):
            method("/search/?q=soup", headers={"x-forwarded-for": "8.8.8.8"})
        answer = client.get("/search/?q=soup", headers={"x-forwarded-for": "8.8.8.8"})
        assert answer.status_code == 429
        assert 0 < int(answer["Retry-After"]) <= 60
        assert "private" in answer["Cache-Control"]
        other = client.get("/search/?q=soup", headers={"x-forwarded-for": "9.9.9.9"})
        assert other.status_code == 200
