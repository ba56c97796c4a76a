"""A device that makes passkeys and signs with them, for the tests: what browsers do, in Python."""

import json
import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG
SITE = "http://testserver"


class Device:
    """One passkey. `verifies`: it asks for a finger or a PIN; `counts`: it counts what it signs."""

    def __init__(self, site: str = SITE, verifies: bool = True, counts: bool = False):
        self.site, self.verifies, self.counts = site, verifies, counts
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(32)
        self.count = 0

    def make(self, options: dict) -> str:
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        data = self.data(options["publicKey"]["rp"]["id"], FLAG.AT, credential)
        attestation = AttestationObject.create("none", data, {})
        client = self.client("webauthn.create", options)
        return self.answer(client, attestationObject=websafe_encode(attestation))

    def sign(self, options: dict) -> str:
        data = self.data(options["publicKey"]["rpId"])
        client = self.client("webauthn.get", options)
        signature = self.key.sign(bytes(data) + sha256(bytes(client)), ec.ECDSA(SHA256()))
        return self.answer(
            client, authenticatorData=websafe_encode(data), signature=websafe_encode(signature)
        )

    def data(self, host: str, flags=0, credential: bytes = b"") -> AuthenticatorData:
        self.count += self.counts
        flags |= FLAG.UP | (FLAG.UV if self.verifies else 0)
        return AuthenticatorData.create(sha256(host.encode()), flags, self.count, credential)

    def client(self, kind: str, options: dict) -> CollectedClientData:
        challenge = websafe_decode(options["publicKey"]["challenge"])
        return CollectedClientData.create(kind, challenge, self.site)

    def answer(self, client: CollectedClientData, **parts: str) -> str:
        return json.dumps(
            {
                "id": websafe_encode(self.id),
                "rawId": websafe_encode(self.id),
                "type": "public-key",
                "response": {"clientDataJSON": client.b64, **parts},
                "clientExtensionResults": {},
            }
        )
