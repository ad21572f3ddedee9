"""`besyv invite` and `besyv link`: links that give a role, and public links with QR code and poster."""

from __future__ import annotations

import time
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, get_args

import typer

from bot.access import Role
from bot.app.runtime import Runtime, open_runtime
from bot.app.settings import Settings, read_settings
from bot.cli import Failed, Folder, Process, execute, process_row, transact, write
from bot.features.invitations import handouts, service
from bot.features.invitations.service import LONGEST_LINK_NAME, InvitationKind, LinkPreset
from bot.flows import safeguarding, schedule
from bot.flows.model import Group
from bot.process.host import ProcessHost
from bot.process.plan import START, Plan
from bot.texts import names
from reports.poster import Size, poster_pdf
from storage import invitations
from storage.db import Tx
from storage.invitations import Invitation

link_cli = typer.Typer(no_args_is_help=True, help="Public links: made, listed, revoked.")


class Invited(StrEnum):
    LEADER = "leader"
    DEPUTY = "deputy"
    STEERING = "steering"
    FACILITATOR = "facilitator"


def invite(
    role: Invited,
    stands_for: Annotated[
        Group | None, typer.Option(help="The group that a member of the steering group speaks for.")
    ] = None,
    process: Process = None,
    out: Folder = None,
) -> None:
    """Print a one-time link that gives a role. It works once, within seven days."""
    if stands_for is not None and role is not Invited.STEERING:
        raise Failed("--stands-for is for a member of the steering group")
    _not_steering(stands_for)
    settings = read_settings()

    async def go() -> tuple[ProcessHost, str]:
        async with open_runtime(settings) as runtime:
            wanted = (await runtime.database.read(lambda tx: process_row(tx, process))).id
            code = await runtime.database.write(
                lambda tx: service.make(tx, wanted, Role(role.value), int(time.time()), stands_for=stands_for)
            )
            await _name_bot(settings, runtime.process_host)
        return runtime.process_host, code

    process_host, code = execute(go())
    _print(settings, process_host, code)
    if out is not None:
        _hand_out(out, handouts.qr_files(process_host, code))


@link_cli.command("make")
def make(
    step: Annotated[str | None, typer.Option(help="The flow it leads straight to.")] = None,
    group: Annotated[Group | None, typer.Option(help="Whom those who come by it answer as.")] = None,
    area: Annotated[str | None, typer.Option(help="The key of their area in the process file.")] = None,
    name: Annotated[str, typer.Option(help="What it is called in lists.")] = "",
    process: Process = None,
    out: Folder = None,
) -> None:
    """Make a public link, for as many as like. With --out: QR code and poster beside it."""
    settings, now = read_settings(), int(time.time())
    if len(name) > LONGEST_LINK_NAME:
        raise Failed(f"--name is longer than {LONGEST_LINK_NAME} characters")
    if safeguarding.looks_like_cpr(name):
        raise Failed("--name looks like a CPR number")
    _not_steering(group)

    async def go() -> tuple[ProcessHost, Plan, str]:
        async with open_runtime(settings) as runtime:
            await _name_bot(settings, runtime.process_host)
            if out is not None and not runtime.process_host.has_addresses:
                raise Failed("a poster needs an address: set BESYV_WEB_URL, or BESYV_TELEGRAM_TOKEN")
            plan = await _plan(runtime, process)
            to = LinkPreset(_step(plan, step), group, _area(plan, area))
            label = names.on_one_line(name) or _named(plan, to)
            made = await runtime.database.write(
                lambda tx: service.make_campaign(tx, plan.process_id, to, now, label=label)
            )
        return runtime.process_host, plan, made.code

    process_host, plan, code = execute(go())
    _print(settings, process_host, code)
    if out is None:
        return
    poster = handouts.poster(process_host, plan, code, step, group, now)
    posters = {handouts.poster_name(size): poster_pdf(poster, size) for size in get_args(Size)}
    _hand_out(out, handouts.qr_files(process_host, code) | posters)


@link_cli.command("list")
def list_(process: Process = None) -> None:
    """List the links that can still be used."""
    settings, now = read_settings(), int(time.time())

    async def go() -> tuple[ProcessHost, list[tuple[Invitation, int]]]:
        async with open_runtime(settings) as runtime:
            await _name_bot(settings, runtime.process_host)
            wanted = (await runtime.database.read(lambda tx: process_row(tx, process))).id
            listed = await runtime.database.read(lambda tx: invitations.of_process(tx, wanted))
        return runtime.process_host, [(each.invitation, each.came) for each in listed if each.invitation.is_open(now)]

    process_host, listed = execute(go())
    for one, came in listed:
        print(f"{one.id}  {one.label or one.role}  {_how(process_host, one, came)}")
    if not listed:
        print("there is no link")


@link_cli.command("revoke")
def revoke(number: int, process: Process = None) -> None:
    """Revoke a link by its number in the list. Nobody comes in by it any more; who has come stays."""
    settings = read_settings()

    def unit(tx: Tx, _process_host: ProcessHost) -> bool:
        return service.revoke(tx, process_row(tx, process).id, number, int(time.time()))

    if not transact(settings, unit):
        raise Failed(f"there is no link {number} that could be revoked")
    print(f"link {number} is revoked")


# --- what they are made of --------------------------------------------------------------------------------


async def _plan(runtime: Runtime, process: str | None) -> Plan:
    return await runtime.database.read(lambda tx: runtime.process_host.plan(tx, process_row(tx, process).id))


def _not_steering(group: Group | None) -> None:
    if group is Group.STYREGRUPPE:
        raise Failed("the steering group is no group to answer as by a link, or to stand for")


def _step(plan: Plan, step: str | None) -> str | None:
    steps = [key for key in plan.flows if key != START]
    if step is not None and step not in steps:
        raise Failed(f"there is no step {step}; there are {', '.join(steps)}")
    return step


def _area(plan: Plan, area: str | None) -> str | None:
    areas = [item.key for item in plan.file.areas]
    if area is not None and area not in areas:
        raise Failed(f"there is no area {area}; there are {', '.join(areas)}")
    return area


def _named(plan: Plan, to: LinkPreset) -> str:
    """What a link without a name is called: by what it leads to."""
    told = (plan.flows[to.flow].flow.title_at_work.da if to.flow else None, to.stakeholder, to.area)
    return " · ".join(part for part in told if part)[:LONGEST_LINK_NAME] or "besyv"


def _how(process_host: ProcessHost, one: Invitation, came: int) -> str:
    if one.kind == InvitationKind.CAMPAIGN and one.code is not None:
        used_by = "nobody yet" if came == 0 else "1 person" if came == 1 else f"{came} people"
        return f"used by {used_by}  {handouts.address(process_host, one.code)}"
    once = "once" if one.answers_until is None else "after the deadline, used" if one.used_at else "after the deadline"
    return f"{once}, until {datetime.fromtimestamp(one.expires_at or 0, schedule.COPENHAGEN):%Y-%m-%d %H:%M}"


def _print(settings: Settings, process_host: ProcessHost, code: str) -> None:
    for address in (handouts.web_address(process_host, code), process_host.bot_address(code)):
        if address is not None:
            print(address)
    if process_host.telegram is None and settings.telegram_token.get_secret_value():
        print("no Telegram bot could be asked for its name: use the command")
    print(f"/start {code}")


def _hand_out(folder: Path, files: dict[str, bytes]) -> None:
    write(folder, files)
    for name in files:
        print(folder / name)


async def _name_bot(settings: Settings, process_host: ProcessHost) -> None:
    """A link to the bot needs its name."""
    if settings.telegram_token.get_secret_value():
        from bot.app.telegram import bot_username  # noqa: PLC0415  # loads Telegram, of use only with a token

        process_host.telegram = await bot_username(settings)
