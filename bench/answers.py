"""Answers a second, end to end: update in → durable commit → next question out, beside two bots that only echo."""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.load import Load, LoadTap, Say, answers_per_second

SENTENCE = "Vi savner et sted at mødes om aftenen, og nogen at ringe til, når noget driller. Så ville flere være med."
NO_CHOICE = ("Tilbage", "Spring over", "Stop og gem", "Nej", "Færdig")


def walks(_: int, message: dict[str, Any]) -> Say | LoadTap | None:
    """A volunteer who writes: the notice, the start questions, a whole step with three ideas where ideas are asked
    for; sends, deletes, begins anew."""
    if "edit_date" in message:
        return None
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    labels = [button["text"] for row in rows for button in row]
    if not labels:
        return Say("/start") if "/start" in message["text"] else None
    for button in ("Jeg er med", "Ja, slet alt"):
        if button in labels:
            return LoadTap(button)
    if "Ret mine svar" in labels:
        return Say("/slet")
    if "Færdig" in labels and "3 idéer" in message["text"]:
        return Say("Færdig")
    if "Send" in labels:
        return Say("Send")
    choices = [row[0]["text"] for row in rows if row[0]["text"] not in NO_CHOICE]
    if message["text"].startswith("Hvad vil du svare på?"):
        return Say(choices[-1])  # the step for volunteers
    return Say(choices[0] if choices else SENTENCE)


async def besyv(people: int, seconds: float) -> Load:
    with tempfile.TemporaryDirectory() as folder:
        return await answers_per_second(
            [sys.executable, "-m", "bench.besyv_bot"],
            people,
            seconds,
            walks,
            environment={
                "BESYV_TELEGRAM_TOKEN": "{token}",
                "BESYV_WEB_PORT": "0",
                "BESYV_TELEGRAM_API": "{api}",
                "BESYV_DATABASE": str(Path(folder) / "besyv.db"),
                "BESYV_KEY_FILE": str(Path(folder) / "besyv.key"),
            },
        )


async def echo(module: str, people: int, seconds: float) -> Load:
    return await answers_per_second(
        [sys.executable, "-m", module, "--api", "{api}", "--token", "{token}"], people, seconds
    )


async def measure(people: int = 300, seconds: float = 8.0, rounds: int = 3) -> list[tuple[Load, Load, Load]]:
    """(Besyv, stock echo, echo on the aiohttp transport) in turn, so that a noisy machine is noisy to all."""
    return [
        (
            await besyv(people, seconds),
            await echo("bench.echo_stock", people, seconds),
            await echo("bench.echo_aiohttp", people, seconds),
        )
        for _ in range(rounds)
    ]


if __name__ == "__main__":
    for loads in asyncio.run(measure(rounds=1)):
        for name, load in zip(("besyv", "echo, stock", "echo, aiohttp"), loads, strict=True):
            print(f"{name:15}", load)
