"""The processes of this bot, kept in memory and read again when the database holds a newer revision."""

from __future__ import annotations

from bot.flows import loader
from bot.flows.model import Flow
from bot.process import file as process_file
from bot.process import notice, own_questions
from bot.process.flows import flow_keys
from bot.process.plan import Plan, Versioned
from storage import processes, step_overrides
from storage.db import Tx


class ProcessHost:
    """The processes of this bot, kept in memory and read again when one was loaded anew by another process; and
    where each channel is found."""

    def __init__(
        self, default: str, web: str | None = None, *, has_bot: bool = True, login: bool = False, copies_kept: int = 0
    ) -> None:
        """`has_bot`: there is one on Telegram, or there will be as soon as Telegram can be reached. `login`,
        `copies_kept`: what the notice says of them (bot.process.notice)."""
        self.web = web  # the pages' public address, without a slash at its end; None: there are none
        self.telegram: str | None = None  # the bot's name on Telegram, once it is known
        self.mails = False  # whether e-mail goes out, with links to the pages
        self.signs_in = False  # whether the municipality's own sign-in is set up
        self._has_bot, self._login, self._copies_kept = has_bot, login, copies_kept
        self._default = default  # the key of the process that a bare /start enters
        self._default_id: int | None = None
        self._plans: dict[int, Plan] = {}

    @property
    def has_addresses(self) -> bool:
        """Whether a link can lead anywhere."""
        return self.web is not None or self.telegram is not None

    def bot_address(self, start: str | None = None) -> str | None:
        """Of the chat with the bot, and what is sent when it begins; None while the bot's name is not known."""
        if self.telegram is None:
            return None
        return f"https://t.me/{self.telegram}" + (f"?start={start}" if start is not None else "")

    def plan(self, tx: Tx, process_id: int | None = None) -> Plan:
        """The plan as it stands in the database now. Without an id the default process."""
        wanted = process_id if process_id is not None else self._default_id
        known = self._plans.get(wanted) if wanted is not None else None
        if known is not None and known.revision == processes.revision(tx, known.process_id):
            return known
        row = processes.by_key(tx, self._default) if wanted is None else processes.by_id(tx, wanted)
        if row is None:
            raise LookupError(f"no process {wanted or self._default} in the database")
        if process_id is None:
            self._default_id = row.id
        fresh = self._plans[row.id] = _load(
            tx,
            row,
            notice.Channels(
                pages=self.web is not None,
                telegram=self._has_bot,
                login=self._login,
                copies_kept=self._copies_kept,
            ),
        )
        return fresh

    def plans(self, tx: Tx) -> list[Plan]:
        """Of every process, as it stands in the database now."""
        known = ((self._plans.get(key), key, revision) for key, revision in processes.revisions(tx).items())
        return [
            plan if plan is not None and plan.revision == revision else self.plan(tx, key)
            for plan, key, revision in known
        ]

    def is_default(self, plan: Plan) -> bool:
        return plan.file.process == self._default

    def flow(self, tx: Tx, plan: Plan, flow: str, version: int) -> Flow:
        """The flow in the version a run was started on."""
        return flow_of(tx, plan, flow, version)


def flow_of(tx: Tx, plan: Plan, flow: str, version: int) -> Flow:
    """The flow in the version that something was answered in; one that is in the plan no more too."""
    newest = plan.flows.get(flow)
    if newest is not None and newest.version == version:
        return newest.flow
    known = plan.older.get((flow, version))
    if known is None:
        row = processes.flow_version(tx, plan.process_id, flow, version)
        if row is None:
            raise LookupError(f"no version {version} of {flow}")
        known = plan.older[flow, version] = loader.from_json(row.definition)
    return known


def _load(tx: Tx, row: processes.ProcessRow, channels: notice.Channels) -> Plan:
    file = process_file.stored(row.definition)
    stored = {v.flow: Versioned(v.version, loader.from_json(v.definition)) for v in processes.newest_flows(tx, row.id)}
    wanted = own_questions.in_order(flow_keys(), file)
    dropped = [
        key for key in stored if key not in wanted
    ]  # a step of their own that they have taken out: its answers stay
    ordered = {key: stored[key] for key in (*wanted, *dropped) if key in stored}
    changes = step_overrides.of_process(tx, row.id)
    return Plan(
        process_id=row.id,
        revision=row.revision,
        file=file.model_copy(update={"steps": own_questions.times(file)}),
        notice=notice.notice_of(file, channels),
        flows=ordered,
        changes=changes,
    )
