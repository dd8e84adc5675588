"""A passkey in software: it is registered for a user, and answers what the log-in page asks of a browser."""

import secrets
from typing import Any

import orjson
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG
HOST = "testserver"


class SoftwarePasskey:
    """A passkey that logs in alone. It verifies its user, and does not count its signatures."""

    def __init__(self, user: Any) -> None:
        """Register it for this user."""
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.number = secrets.token_bytes(16)
        self.handle = user_pk_to_url_str(user).encode()
        Authenticator.objects.create(
            user=user, type="webauthn", data={"name": "A passkey", "credential": self._registration()}
        )

    def answer(self, client: Any, *, key: ec.EllipticCurvePrivateKey | None = None) -> str:
        """Return what a browser posts to log in, once it was asked. `key` signs instead of that of the passkey."""
        asked = client.get("/desk/log-in/passkey/", headers={"x-requested-with": "XMLHttpRequest"})
        challenge = asked.json()["request_options"]["publicKey"]["challenge"]
        said = self._client_data(CollectedClientData.TYPE.GET, challenge)
        state = AuthenticatorData.create(sha256(HOST.encode()), FLAG.UP | FLAG.UV, 0)
        signature = (key or self.key).sign(bytes(state) + said.hash, ec.ECDSA(SHA256()))
        return self._credential(
            {
                "clientDataJSON": websafe_encode(said),
                "authenticatorData": websafe_encode(state),
                "signature": websafe_encode(signature),
                "userHandle": websafe_encode(self.handle),
            }
        )

    def _registration(self) -> Any:
        said = self._client_data(CollectedClientData.TYPE.CREATE, websafe_encode(secrets.token_bytes(32)))
        public = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]  # of the library
        made = AttestedCredentialData.create(bytes(16), self.number, public)
        state = AuthenticatorData.create(sha256(HOST.encode()), FLAG.UP | FLAG.UV | FLAG.AT, 0, made)
        attested = AttestationObject.create("none", state, {})
        response = {"clientDataJSON": websafe_encode(said), "attestationObject": websafe_encode(attested)}
        return orjson.loads(self._credential(response))

    def _credential(self, response: dict[str, str]) -> str:
        number = websafe_encode(self.number)
        return orjson.dumps(
            {
                "id": number,
                "rawId": number,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {"credProps": {"rk": True}},
            }
        ).decode()

    def _client_data(self, kind: str, challenge: str) -> CollectedClientData:
        return CollectedClientData.create(kind, challenge, f"https://{HOST}")
