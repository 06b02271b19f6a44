// Once a passkey was added: on to the recovery codes, or back to the list of passkeys.
addEventListener("otp_webauthn.register_complete", () =>
  document.getElementById("passkey-added").submit(),
);
