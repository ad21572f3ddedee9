"""What a browser sends as a passkey may be anything at all."""

from __future__ import annotations

import json
from hashlib import sha256

import cbor2
import pytest
from webauthn.helpers import bytes_to_base64url

from storage import passkeys
from storage.db import Tx
from tests.support.cast import cast
from tests.support.chat import Found
from tests.support.codes import code_for
from tests.support.pages import OnPages

ID = bytes_to_base64url(b"c" * 16)
KEY_OF_NO_CURVE = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32})


AUTHENTICATOR = sha256(b"localhost").digest() + b"\x45\0\0\0\1" + b"\0" * 16 + b"\0\x10" + b"c" * 16
HOSTILE: dict[str, str | bytes] = {  # instead of a credential, or of what it attests
    "nothing": "",
    "a number": "5",
    "deep": "[" * 10_000,
    "no base64": json.dumps({"id": "a", "rawId": "a", "type": "public-key", "response": {}}),
    "attests nothing": b"",
    "attests a number": cbor2.dumps(3),
    "attests without end": b"\xff",
    "attests in the deep": b"\x81" * 3000,
    "attests half a key": cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": AUTHENTICATOR}),
    "attests a key of no kind": cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": AUTHENTICATOR + b"\xa0"}),
    "attests as nobody": cbor2.dumps(
        {"fmt": "packed", "attStmt": {"sig": b"x", "alg": -7}, "authData": AUTHENTICATOR + KEY_OF_NO_CURVE}
    ),
}


def _credential(what: str | bytes, options: str, purpose: str) -> str:
    """As a browser writes it, for the challenge that it was given."""
    if isinstance(what, str):
        return what
    client = {"type": purpose, "challenge": json.loads(options)["challenge"], "origin": "http://localhost"}
    response = {
        "clientDataJSON": bytes_to_base64url(json.dumps(client).encode()),
        "attestationObject": bytes_to_base64url(what),
        "authenticatorData": bytes_to_base64url(AUTHENTICATOR[:37]),
        "signature": bytes_to_base64url(what),
    }
    return json.dumps({"id": ID, "rawId": ID, "type": "public-key", "response": response})


@pytest.mark.parametrize("what", HOSTILE)
async def test_what_is_no_passkey_makes_none_and_shows_nothing_and_is_no_fault_of_ours(found: Found, what: str) -> None:
    async with cast(found, "web", "leader", strict=True, more={"web_url": "http://localhost"}) as there:
        lea = there.people["leader"]
        assert isinstance(lea, OnPages)
        await lea.says("/leder")
        await lea.says(await code_for(there.town))

        def has_one(tx: Tx) -> None:
            s = there.session(tx, "leader")
            person = s.person.id
            passkeys.add(tx, person, credential=ID, public_key=KEY_OF_NO_CURVE, sign_count=0, device="", now=0)

        await there.town.runtime.database.write(has_one)
        for address, purpose in (("/enheder/noegle", "webauthn.create"), ("/bevis/noegle", "webauthn.get")):
            page = await lea.browser.get(address)
            [form] = page.find("//form[@data-passkey]")
            form.fields["credential"] = _credential(HOSTILE[what], form.get("data-options"), purpose)
            status = (await lea.browser.send(page, form, [])).status
            assert status in (200, 422), status
        assert there.town.rows("SELECT count(*) FROM passkeys") == [(1,)]
        assert there.town.rows("SELECT count(*) FROM proofs WHERE way = 'passkey'") == [(0,)]
        assert "Traceback" not in there.town.log.getvalue()
