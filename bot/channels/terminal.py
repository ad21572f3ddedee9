"""The smallest channel: the dialogue in a terminal, for newcomers and authors of question sets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from bot import texts
from bot.dialogue import commands, dispatch
from bot.dialogue.reply import Files, Reply, Tap
from bot.dialogue.session import TERMINAL, Context, Visit
from bot.flows import typed
from bot.flows.engine import Said
from bot.flows.model import Language
from storage.db import Database, Tx

ADDRESS = "local"
LEAVE = ("quit", "exit", "slut")


class Talk:
    """One person's conversation: a line in, a reply out. Remembers only which buttons are on the screen."""

    def __init__(self, database: Database, context: Context, clock: Callable[[], float], language: Language) -> None:
        self._database = database
        self._context = context
        self._clock = clock
        self._language = language
        self._shown: Reply | None = None
        self._lines = 0

    async def begin(self) -> Reply:
        return await self._act(lambda tx, visit: commands.run(tx, self._context, visit, "start"))

    async def take(self, line: str) -> Reply:
        """What the line does: a command, the number of a button, or words."""
        word, _, rest = line.strip().partition(" ")
        if word.startswith("/"):
            return await self._act(lambda tx, visit: commands.run(tx, self._context, visit, word, rest.strip()))
        tap = self._tap(line.strip())
        if tap is not None:
            return await self._act(lambda tx, visit: dispatch.tapped(tx, self._context, visit, tap))
        return await self._act(lambda tx, visit: dispatch.said(tx, self._context, visit, Said(line, self._lines)))

    def _tap(self, line: str) -> Tap | None:
        number = typed.number(line)
        if self._shown is None or not is_numbered(self._shown) or number is None:
            return None
        moves = self._shown.buttons
        if not 1 <= number <= len(moves):
            return None
        move = moves[number - 1]
        return Tap(self._shown.number, self._shown.revision, move.verb, move.place)

    async def _act(self, use_case: Callable[[Tx, Visit], Reply]) -> Reply:
        self._lines += 1
        now = int(self._clock())
        visit = Visit(
            channel=TERMINAL, address=ADDRESS, now=now, sent_at=now, language=self._language, prompt_seen=True
        )
        reply = await self._database.write(lambda tx: use_case(tx, visit))
        if reply.files.makes:
            made = [await asyncio.to_thread(make) for make in reply.files.makes]
            reply = replace(reply, files=Files(attachment=made[0]))
        if reply.files.follows is not None:
            done = await reply.files.follows(self._database)
            reply = replace(done, notes=(*reply.notes, *done.notes))
        if reply.number:
            self._shown = reply
        return reply


def is_numbered(reply: Reply) -> bool:
    """Whether a number presses a button: not where one may be what is asked for."""
    return not (reply.input.number or reply.input.code)


def lines(reply: Reply) -> Iterator[str]:
    """The reply as text, in rich's markup, everything from people escaped."""
    yield from _paragraphs(reply.notes)
    if reply.lead is not None:
        yield f"[dim]{escape(reply.lead)}[/dim]"
    if reply.title is not None:
        yield f"[bold]{escape(reply.title)}[/bold]"
    yield from _paragraphs(reply.body)
    moves = reply.buttons
    if moves:
        marks = (f"{n:>2}" if is_numbered(reply) else " –" for n in range(1, len(moves) + 1))
        yield "\n".join(f"  [cyan]{mark}[/cyan]  {escape(move.label)}" for mark, move in zip(marks, moves, strict=True))


def _paragraphs(told: tuple[str, ...]) -> Iterator[str]:
    """A heading stands right over what it is about."""
    over = ""
    for text in told:
        if isinstance(text, texts.Heading):
            over = f"[bold]{escape(text)}[/bold]\n"
        else:
            yield over + escape(text)
            over = ""
    if over:
        yield over.rstrip("\n")


async def talk(database: Database, context: Context, clock: Callable[[], float], language: Language) -> None:
    """Until the person leaves. Answers are kept: the next talk goes on at the open question."""
    console = Console(highlight=False, soft_wrap=False, width=min(Console().width, 84))
    conversation = Talk(database, context, clock, language)
    console.print(escape(texts.say(language, "talk.hello")), style="dim")
    console.print(escape(texts.say(language, "talk.how")) + "\n", style="dim")
    _print(console, await conversation.begin())
    while True:
        try:
            line = await asyncio.to_thread(console.input, "[green]>[/green] ")
        except (EOFError, KeyboardInterrupt):
            return
        if line.strip().casefold() in LEAVE:
            return
        if line.strip():
            _print(console, await conversation.take(line))


def _print(console: Console, reply: Reply) -> None:
    for paragraph in lines(reply):
        console.print(paragraph + "\n")
    if reply.files.attachment is not None:
        Path(reply.files.attachment.name).write_bytes(reply.files.attachment.content)
        console.print(f"[dim]→ {escape(reply.files.attachment.name)}[/dim]\n")
