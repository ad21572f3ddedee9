"""Trying a real bot by hand with curl: a few loopback endpoints that act as people. Not for tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import web

from tests.support.botapi.person import Person

if TYPE_CHECKING:
    from tests.support.botapi.server import LocalBotApi


async def handle(api: LocalBotApi, request: web.Request) -> web.Response:
    """POST say, tap, start, forge, block, unblock with {"person": …}; GET seen, violations, refusals."""
    if request.remote not in ("127.0.0.1", "::1"):
        return web.Response(status=403)
    given = dict(request.query)
    if request.method == "POST" and request.body_exists:
        given |= json.loads(await request.read())
    name = str(given.get("person", "Anna"))
    person = api.people.get(name) or Person(api, name, language_code=str(given.get("language", "da")))
    try:
        match request.path.removeprefix("/control/"):
            case "start":
                person.starts(str(given.get("payload", "")))
            case "say":
                person.says(str(given["text"]), split=True)
            case "tap":
                person.taps(str(given.get("button") or given["label"]))
            case "forge":
                person.forges(str(given["data"]))
            case "edit":
                person.edits(str(given["old"]), str(given["text"]))
            case "block":
                person.blocks()
            case "unblock":
                person.unblocks()
            case "seen":
                toasts = "".join(f"(toast) {toast.text}\n" for toast in person.toasts)
                return web.Response(text=person.screen(last=int(given.get("last", 20))) + "\n" + toasts)
            case "violations":
                return web.Response(text="".join(f"{each}\n" for each in api.violations))
            case "refusals":
                return web.Response(text="".join(f"{each}\n" for each in api.refusals))
            case _:
                return web.Response(
                    status=404, text="start say tap forge edit block unblock seen violations refusals\n"
                )
    except (AssertionError, KeyError, ValueError) as error:
        return web.Response(status=409, text=f"{error}\n")
    return web.Response(text="ok\n")
