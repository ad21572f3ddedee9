"""The floor of the web: a bare Starlette form that writes one SQLite row, durably, and answers 303.

Nothing else: no cookie, no template, no text that is looked at. uvicorn runs with the options ours runs with.
Run as `python -m bench.echo_web --port P --database FILE`.
"""

import argparse
import asyncio
import socket
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

PAGE = """<!DOCTYPE html>
<html lang="da"><head><meta charset="utf-8"><title>Et spørgsmål</title></head>
<body><main><h1>Hvad må politikken ikke blive?</h1>
<form method="post" id="question"><input type="hidden" name="csrf" value="en-og-samme">
<textarea name="text" id="answer"></textarea><button name="do" value="next">Videre</button></form>
</main></body></html>
"""


def application(database: str) -> Starlette:
    # A thread that writes, so that the loop serves others while the disk works: in the loop itself the core was idle
    # a third of the time, and the floor lower (1,280 answers/s against 1,480).
    writer = ThreadPoolExecutor(1)
    connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS answers (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")

    def write(text: str) -> None:
        connection.execute("INSERT INTO answers (text) VALUES (?)", (text,))

    async def elsewhere(_: Request) -> Response:
        return RedirectResponse("/form", 303)

    async def form(_: Request) -> Response:
        return HTMLResponse(PAGE)

    async def answer(request: Request) -> Response:
        fields = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        await asyncio.get_running_loop().run_in_executor(writer, write, fields.get("text", ""))
        return RedirectResponse("/form", 303)

    return Starlette(
        routes=[
            Route("/", elsewhere),
            Route("/form", form, methods=["GET"]),
            Route("/form", answer, methods=["POST"]),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", required=True)
    given = parser.parse_args()
    # With the protocol named, asyncio switches Nagle's algorithm off on what is accepted; otherwise some replies,
    # which uvicorn writes in two pieces, wait 40 ms for the other end's delayed acknowledgement.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", given.port))
    config = uvicorn.Config(
        application(given.database),
        http="httptools",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
