"""How many answers a second a bot gives to many people at once, measured from Telegram's side.

Here: the load (people in a process of their own, inside the strict local Bot API) and the measuring.
Not here: which bot, and what its people say; the caller passes both. Linux only (/proc).

`python -m bench.load -- python -m bench.echo_aiohttp --api {api} --token {token}`
"""

import argparse
import asyncio
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any, TypeVar

from tests.support.botapi import Limits, LocalBotApi, Person

T = TypeVar("T")
_TICKS = os.sysconf("SC_CLK_TCK")

# Thousands come in a few seconds: what would keep a script out is not what is measured.
NO_BUDGET = {"BESYV_NEW_PEOPLE_PER_HOUR": "1000000", "BESYV_NEW_PEOPLE_PER_ADDRESS": "1000000"}


@dataclass(frozen=True)
class Say:
    """Write this text."""

    text: str


@dataclass(frozen=True)
class LoadTap:
    """Tap the button with this label or callback data, the newest that shows it."""

    button: str


# What a person (0, 1, …) does about a message of the bot (Bot API Message; an edited one has edit_date).
# None: nothing, wait for the bot's next message. Runs in another process, so it must be importable: a
# module's function, or a partial of one.
Says = Callable[[int, dict[str, Any]], Say | LoadTap | None]


def repeats(person: int, _: dict[str, Any]) -> Say:
    """Anybody who talks to an echo bot."""
    return Say(f"Hej, jeg er nummer {person}.")


@dataclass(frozen=True)
class Load:
    """What was measured, in a window of `seconds`.

    An answer is a message of the bot that made a person act again; `messages` counts every send and edit.
    Were `api_cpu_share` (of one core) near 1, the load and not the bot would be what was measured.
    `silent` people got nothing at all in the window.
    """

    people: int
    seconds: float
    answers_per_second: float
    messages_per_second: float
    bot_cpu_seconds_per_answer: float
    bot_cpu_share: float
    api_cpu_share: float
    silent: int
    refused_calls: int
    violations: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.answers_per_second:8.1f} answers/s  {self.messages_per_second:8.1f} messages/s  "
            f"{self.bot_cpu_seconds_per_answer * 1000:6.2f} ms bot CPU/answer  "
            f"bot {self.bot_cpu_share:4.0%}  api {self.api_cpu_share:4.0%}  "
            f"silent {self.silent}/{self.people}  refused {self.refused_calls}  "
            f"violations {len(self.violations)}"
        )


async def answers_per_second(
    start_bot: list[str],
    people: int = 300,
    seconds: float = 10.0,
    says: Says = repeats,
    *,
    opening: str = "/start",
    warm_up: float = 3.0,
    patience: float = 30.0,
    environment: Mapping[str, str] | None = None,
) -> Load:
    """Start the bot, let `people` each have one message in flight at all times, and count.

    `{api}` (address without `/bot`) and `{token}` are filled in in the command line and in the values of
    `environment`, which is added to this process's own. Everybody begins with `opening`. Never takes longer
    than `patience` (for the bot to poll and to answer for the first time) + warm_up + seconds + 15 s.
    Raises RuntimeError, with the end of the bot's output, for a bot that stops or does not poll or answer.
    """

    async def look(bot: asyncio.subprocess.Process, output: IO[bytes], api: Connection) -> Load:
        return await _measure(bot, output, api, people, seconds, warm_up, patience)

    return await _beside(start_bot, people, says, opening, patience, environment, look)


async def _beside(
    start_bot: list[str],
    people: int,
    says: Says,
    opening: str,
    patience: float,
    environment: Mapping[str, str] | None,
    look: Callable[[asyncio.subprocess.Process, IO[bytes], Connection], Awaitable[T]],
) -> T:
    """Starts the local Bot API with its people in a process of its own, the bot in another, and looks."""
    ours, theirs = multiprocessing.Pipe()
    spawn = multiprocessing.get_context("spawn")
    api = spawn.Process(target=_serve, args=(theirs, people, says, opening), daemon=True)
    api.start()
    theirs.close()
    with tempfile.TemporaryFile() as output:
        bot: asyncio.subprocess.Process | None = None
        try:
            url, token = await _hear(ours, patience)
            fill = partial(_filled, url=url, token=token)
            bot = await asyncio.create_subprocess_exec(
                *map(fill, start_bot),
                env={**os.environ, **NO_BUDGET, **{name: fill(value) for name, value in (environment or {}).items()}},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
            return await look(bot, output, ours)
        finally:
            if bot is not None:
                await _stop(bot)
            ours.close()
            api.terminate()
            api.join(5)


async def resident_megabytes(
    start_bot: list[str],
    people: int,
    says: Says,
    messages: int,
    *,
    opening: str = "/start",
    patience: float = 30.0,
    bound: float = 240.0,
    environment: Mapping[str, str] | None = None,
) -> float:
    """The bot's resident memory once it has sent `messages` messages to `people`, in MB. At most `bound` seconds."""

    async def look(bot: asyncio.subprocess.Process, output: IO[bytes], api: Connection) -> float:
        await _until(lambda count: count.polls > 0, "does not poll", bot, output, api, patience)
        await _ask(api, "begin")
        await _until(lambda count: count.messages >= messages, "does not get through", bot, output, api, bound)
        return _resident(bot.pid)

    return await _beside(start_bot, people, says, opening, patience, environment, look)


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) / 1024


async def _measure(
    bot: asyncio.subprocess.Process,
    output: IO[bytes],
    api: Connection,
    people: int,
    seconds: float,
    warm_up: float,
    patience: float,
) -> Load:
    await _until(lambda count: count.polls > 0, "does not poll", bot, output, api, patience)
    await _ask(api, "begin")
    await _until(lambda count: count.answers > 0, "does not answer", bot, output, api, patience)
    await asyncio.sleep(warm_up)
    before, cpu_before = await _ask(api, "window"), _cpu_seconds(bot.pid)
    await asyncio.sleep(seconds)
    after, cpu_after = await _ask(api, "count"), _cpu_seconds(bot.pid)
    if bot.returncode is not None:
        raise RuntimeError(f"the bot stopped with {bot.returncode}\n{_end_of(output)}")
    passed = after.at - before.at
    answers = after.answers - before.answers
    cpu = cpu_after - cpu_before
    return Load(
        people=people,
        seconds=passed,
        answers_per_second=answers / passed,
        messages_per_second=(after.messages - before.messages) / passed,
        bot_cpu_seconds_per_answer=cpu / answers if answers else float("nan"),
        bot_cpu_share=cpu / passed,
        api_cpu_share=(after.cpu - before.cpu) / passed,
        silent=people - after.heard,
        refused_calls=after.refused,
        violations=after.violations,
    )


async def _until(
    reached: "Callable[[_Count], bool]",
    otherwise: str,
    bot: asyncio.subprocess.Process,
    output: IO[bytes],
    api: Connection,
    patience: float,
) -> None:
    ends = time.monotonic() + patience
    while not reached(await _ask(api, "count")):
        if bot.returncode is not None or time.monotonic() > ends:
            raise RuntimeError(f"the bot {otherwise} (exit status {bot.returncode})\n{_end_of(output)}")
        await asyncio.sleep(0.05)


async def _ask(api: Connection, what: str) -> "_Count":
    api.send(what)
    count = await _hear(api, 10.0)
    assert isinstance(count, _Count)
    return count


async def _hear(api: Connection, patience: float) -> Any:  # Any: what a pipe carries
    if not await asyncio.to_thread(api.poll, patience):
        raise RuntimeError("the local Bot API does not answer")
    return api.recv()


async def _stop(bot: asyncio.subprocess.Process) -> None:
    if bot.returncode is not None:
        return
    bot.terminate()
    try:
        async with asyncio.timeout(5):
            await bot.wait()
    except TimeoutError:
        bot.kill()
        await bot.wait()


def _filled(text: str, url: str, token: str) -> str:
    return text.replace("{api}", url).replace("{token}", token)


def _end_of(output: IO[bytes]) -> str:
    output.seek(0)
    return output.read()[-4000:].decode(errors="replace")


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process, its threads, its children that have ended and those that run."""
    try:
        # Fields 14 to 17 of proc(5) stat; the name, field 2, may hold spaces.
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        children = [
            int(child)
            for threads in Path(f"/proc/{pid}/task").iterdir()
            for child in (threads / "children").read_text().split()
        ]
    except FileNotFoundError:
        return 0.0
    return sum(map(int, after_name[11:15])) / _TICKS + sum(map(_cpu_seconds, children))


# The other process: Telegram, and the people


@dataclass(frozen=True)
class _Count:
    at: float
    cpu: float
    polls: int
    answers: int
    messages: int
    heard: int
    refused: int
    violations: tuple[str, ...]


@dataclass
class _Crowd:
    """The people and what has happened to them. `window` begins a new count of who heard anything."""

    api: LocalBotApi
    says: Says
    people: list[Person] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)  # chat id → number
    answers: int = 0
    messages: int = 0
    heard: set[int] = field(default_factory=set)

    def gather(self, people: int) -> None:
        for number in range(people):
            person = Person(self.api, f"Person {number}")
            self.people.append(person)
            self.numbers[person.id] = number
        self.api.on_send = self.got

    def begin(self, opening: str) -> None:
        for person in self.people:
            person.says(opening)

    def got(self, chat_id: int, message: dict[str, Any]) -> None:
        number = self.numbers[chat_id]
        self.messages += 1
        self.heard.add(number)
        reaction = self.says(number, message)
        if reaction is not None:
            self.answers += 1
            # Soon: once the bot's call has been answered, as nobody reacts within the same microsecond.
            asyncio.get_running_loop().call_soon(self.act, self.people[number], reaction, message["date"])

    def act(self, person: Person, reaction: Say | LoadTap, date: int) -> None:
        match reaction:
            case Say(text):
                person.says(text, date=date + 2)  # people read before they write
            case LoadTap(button):
                person.taps(button)

    def count(self) -> _Count:
        return _Count(
            at=time.monotonic(),
            cpu=time.process_time(),
            polls=self.api.calls("getUpdates"),
            answers=self.answers,
            messages=self.messages,
            heard=len(self.heard),
            refused=len(self.api.refusals),
            violations=tuple(sorted({str(violation) for violation in self.api.violations})),
        )


def _serve(pipe: Connection, people: int, says: Says, opening: str) -> None:
    asyncio.run(_serve_until_hung_up(pipe, people, says, opening))


async def _serve_until_hung_up(pipe: Connection, people: int, says: Says, opening: str) -> None:
    loop = asyncio.get_running_loop()
    hung_up = asyncio.Event()
    async with LocalBotApi(limits=Limits(off=True), keep_last=4) as api:
        crowd = _Crowd(api, says)
        crowd.gather(people)

        def asked() -> None:
            try:
                what = pipe.recv()
            except EOFError:
                loop.remove_reader(pipe.fileno())
                hung_up.set()
                return
            if what == "begin":
                crowd.begin(opening)
            elif what == "window":
                crowd.heard.clear()
            pipe.send(crowd.count())

        loop.add_reader(pipe.fileno(), asked)
        pipe.send((api.url, api.token))
        await hung_up.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("bot", nargs="+", help="the bot's command line, with {api} and {token}")
    given = parser.parse_args()
    command = [sys.executable if word == "python" else word for word in given.bot]
    print(asyncio.run(answers_per_second(command, given.people, given.seconds)))


if __name__ == "__main__":
    main()
