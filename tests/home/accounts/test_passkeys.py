"""What a browser without a passkey sends; tests/browser/test_passkeys.py has one."""

import json

import pytest

PASSKEYS = "/admin/second-factor/passkey"
ODD = [b"", b"[]", b"5", b"null", b"\xff", b"[" * 100_000, b'{"id": 5}', b'{"rawId": {}}']
ODD += [
    json.dumps({"id": "eA", "rawId": "eA", "type": "public-key", "response": response}).encode()
    for response in (5, {}, {"clientDataJSON": "eA", "attestationObject": "eA"})
]


class PasskeyTests:
    @pytest.mark.parametrize("body", ODD, ids=lambda body: repr(body[:30]))
    @pytest.mark.parametrize("ceremony", ["registration", "authentication"])
    def test_what_is_no_passkey_is_refused(self, ceremony, body, editor, client):
        client.force_login(editor)
        assert client.post(f"{PASSKEYS}/{ceremony}/begin/").status_code == 200
        answer = client.post(f"{PASSKEYS}/{ceremony}/complete/", body, "application/json")
        assert 400 <= answer.status_code < 500

    def test_who_has_given_the_first_factor_alone_adds_none(self, protected, sign_in, client):
        sign_in()
        for step in ("begin", "complete"):
            assert client.post(f"{PASSKEYS}/registration/{step}/").status_code == 403

    def test_none_signs_in_without_the_password(self, editor, client):
        for step in ("begin", "complete"):
            assert client.post(f"{PASSKEYS}/authentication/{step}/").status_code == 403

    def test_a_challenge_is_answered_once(self, editor, client):
        client.force_login(editor)
        client.post(f"{PASSKEYS}/authentication/begin/")
        codes = [client.post(f"{PASSKEYS}/authentication/complete/").json()["code"] for _ in "ab"]
        assert codes[1] == "invalid_state" != codes[0]

    def test_they_belong_to_the_sites_own_address(self, editor, client, settings):
        settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = ["https://blog.example"]
        client.force_login(editor)
        assert (
            "Passkeys belong to https://blog.example" in client.get("/admin/account/security/").text
        )
