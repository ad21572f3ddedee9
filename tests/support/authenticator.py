"""A device with a passkey, as far as a page needs one: it signs the challenge of a page's options
(https://www.w3.org/TR/webauthn-3/#sctn-op-get-assertion)."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from bot import codes
from storage import passkeys
from storage.db import Tx


@dataclass
class Authenticator:
    """A key for the site at `origin`."""

    origin: str
    host: str = "localhost"
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    _count: int = 0

    def belongs_to(self, tx: Tx, person_id: int, now: int) -> None:
        """As if it had been made on their page."""
        numbers = self._key.public_key().public_numbers()
        x, y = (number.to_bytes(32) for number in (numbers.x, numbers.y))
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})  # COSE, ES256
        credential = codes.of_bytes(self.id)
        passkeys.add(tx, person_id, credential=credential, public_key=public, sign_count=0, device="", now=now)

    def signs(self, options: str) -> str:
        """What the browser sends back."""
        return self.signs_challenge(json.loads(options)["challenge"])

    def signs_challenge(self, challenge: str) -> str:
        self._count += 1
        asked = {"type": "webauthn.get", "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        client = json.dumps(asked).encode()
        told = hashlib.sha256(self.host.encode()).digest() + b"\x05" + self._count.to_bytes(4)  # there, and verified
        signed = self._key.sign(told + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": told, "signature": signed}
        response: dict[str, Any] = {name: codes.of_bytes(part) for name, part in parts.items()}
        written = codes.of_bytes(self.id)
        return json.dumps({"id": written, "rawId": written, "type": "public-key", "response": response})
