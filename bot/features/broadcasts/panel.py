"""The panel «Send besked til mange»: to whom, what it says, how it looks; progress, and a way to stop.

Whom it is for stands in the path until the text is written: groups, areas, who has sent a step, who has not, who comes
to a meeting. From then on there is a draft, one to a person.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from bot import texts
from bot.dialogue.naming import group_name, groups, place_name, work_step_of
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import NONE, ListPage, back, sure, toggled
from bot.dialogue.session import Session
from bot.features.broadcasts import messages, service
from bot.features.broadcasts.schedule_panel import shortened, to_people
from bot.features.broadcasts.service import BroadcastProgress, BroadcastReach
from bot.flows import schedule
from bot.flows.schedule import DAY
from bot.flows.text_length import utf16_units
from bot.outbox.compose import with_why
from bot.texts import lists, names
from storage import broadcasts, meetings
from storage.broadcasts import Broadcast
from storage.meetings import Meeting
from storage.recipients import ChosenAudience

LONGEST = 3000  # UTF-16 units: with what stands around it, it is one message on Telegram
SHOWN = 8  # to a page
MEETINGS_BACK = 60 * DAY  # for which one may write to those who came to a meeting
EVERYBODY = (NONE,) * 5


def show(s: Session, args: Args, sent: PanelInput) -> Panel:
    match args:
        case ("ny",):
            return _whom(s, _chosen(s, EVERYBODY))
        case ("ny", a, b, c, d, e):
            return _whom(s, _chosen(s, (a, b, c, d, e)))
        case ("ny", a, b, c, d, e, "tekst"):
            return _text(s, _chosen(s, (a, b, c, d, e)), sent)
        case ("ny", a, b, c, d, e, "behold"):
            return _readdressed(s, _chosen(s, (a, b, c, d, e)))
        case ("ny", a, b, c, d, e, which):
            return _choices(s, _chosen(s, (a, b, c, d, e)), which)
        case ("side", first):
            return _list(s, int(first))
        case ("slet",):
            return _dropped(s)
        case (number,):
            return _one(s, int(number))
        case (number, "send"):
            return _sent(s, int(number))
        case (number, "stop"):
            return _sure(s, int(number))
        case (number, "stop", "ja"):
            return _stopped(s, int(number))
        case _:
            return _list(s, 0)


def _list(s: Session, first: int, *notes: str) -> Panel:
    listed, draft = broadcasts.of_process(s.tx, s.plan.process_id), broadcasts.draft_of(s.tx, s.person.id)
    unsent = [Go(s.say("writing.draft", text=shortened(draft.text)), f"skriv/{draft.id}")] if draft is not None else []
    page = ListPage(listed, SHOWN, first)
    rows = [Go(_line(s, each), f"skriv/{each.id}") for each in page.shown]
    body = (s.say("writing.what"),) if listed else (s.say("writing.what"), s.say("writing.none"))
    buttons = (
        *column(Go(s.say("writing.new"), "skriv/ny"), *unsent, *rows),
        *page.turning(lambda place: f"skriv/side/{place}", s.say("panel.older"), s.say("panel.newer")),
        (back(s, "leder"),),
    )
    return Panel(at=f"skriv/side/{first}", title=s.say("lead.skriv"), body=body, rows=buttons, notes=notes)


def _line(s: Session, one: Broadcast) -> str:
    at = one.confirmed_at or one.made_at
    return s.say("writing.line", date=texts.short_day(s.language, at), text=shortened(one.text))


# --- whom -------------------------------------------------------------------------------------------------


def _chosen(s: Session, parts: tuple[str, str, str, str, str]) -> ChosenAudience:
    """What a path says, as far as the process has it still."""
    group, area, has, has_not, meeting = parts
    known = {item.key for item in s.plan.file.areas}
    there = _meetings(s)
    return ChosenAudience(
        tuple(key for key, _ in groups(s, steering=True) if key in group.split(",")),
        tuple(key for key in area.split(",") if key in known),
        has if has in s.plan.flows else "",
        has_not if has_not in s.plan.flows else "",
        int(meeting) if meeting in {str(each.id) for each in there} else 0,
    )


def _path(to: ChosenAudience) -> str:
    parts = (",".join(to.groups), ",".join(to.areas), to.has_sent, to.has_not_sent, str(to.coming_to or ""))
    return "/".join(("skriv", "ny", *(part or NONE for part in parts)))


def _meetings(s: Session) -> list[Meeting]:
    """Those ahead, and those that were lately."""
    return [
        each
        for each in meetings.of_process(s.tx, s.plan.process_id)
        if not each.is_cancelled and each.facts.ends_at > s.visit.now - MEETINGS_BACK
    ]


def _whom(s: Session, to: ChosenAudience, *notes: str) -> Panel:
    at, draft = _path(to), broadcasts.draft_of(s.tx, s.person.id)
    everybody = to == ChosenAudience()
    rows = [
        *([] if everybody else [Go(s.say("writing.everybody"), "skriv/ny")]),
        Go(s.say("writing.groups"), f"{at}/grupper"),
        *([Go(s.say("writing.areas"), f"{at}/omraader")] if s.plan.file.areas else []),
        Go(s.say("writing.has-sent"), f"{at}/sendt"),
        Go(s.say("writing.has-not-sent"), f"{at}/ikke"),
        *([Go(s.say("writing.coming"), f"{at}/moede")] if _meetings(s) else []),
        *([Go(s.say("writing.keep"), f"{at}/behold")] if draft is not None else []),
        Go(s.say("writing.write"), f"{at}/tekst"),
        back(s, "skriv"),
    ]
    body = (to_whom(s, to), *reached(s, _reach(s, to)))
    return Panel(at=at, title=s.say("writing.whom"), body=body, rows=column(*rows), notes=notes)


def to_whom(s: Session, to: ChosenAudience) -> str:
    """`Til: Frivillig, Forening · Nordby · har sendt Trin 1: Læg en plan`."""
    meeting = meetings.by_id(s.tx, s.plan.process_id, to.coming_to) if to.coming_to else None
    parts = [
        ", ".join(group_name(s, group) for group in to.groups),
        ", ".join(place_name(s, "areas", area) for area in to.areas),
        s.say("writing.who-sent", step=work_step_of(s, to.has_sent)) if to.has_sent else "",
        s.say("writing.who-not-sent", step=work_step_of(s, to.has_not_sent)) if to.has_not_sent else "",
        s.say("writing.who-comes", title=meeting.facts.details.title_in(s.language)) if meeting is not None else "",
    ]
    return s.say("writing.to", whom=" · ".join(filter(None, parts)) or s.say("writing.all"))


def _reach(s: Session, to: ChosenAudience) -> BroadcastReach:
    return service.reach(s.tx, s.plan, to, mails=s.process_host.mails)


def reached(s: Session, reach: BroadcastReach) -> tuple[str, ...]:
    """How many get it, how many of those who want it can't be reached, and how many have not said yes."""
    lost = reach.out_of_reach
    return (
        texts.count(s.language, "writing.get", reach.reached),
        *((texts.count(s.language, "writing.blocked", lost.blocked),) if lost.blocked else ()),
        *((texts.count(s.language, "writing.without-mail", lost.without_mail),) if lost.without_mail else ()),
        *((texts.count(s.language, "writing.not-wanting", reach.not_wanting),) if reach.not_wanting else ()),
    )


def _choices(s: Session, to: ChosenAudience, which: str) -> Panel:
    """One of the ways to choose: groups and areas can be several, of the others there is one."""
    steps = [(flow, work_step_of(s, flow)) for flow in s.plan.steps_shown(s.visit.now)]
    match which:
        case "grupper":
            options = [
                (key, name, key in to.groups, replace(to, groups=toggled(to.groups, key)))
                for key, name in groups(s, steering=True)
            ]
        case "omraader":
            options = [
                (
                    area.key,
                    place_name(s, "areas", area.key),
                    area.key in to.areas,
                    replace(to, areas=toggled(to.areas, area.key)),
                )
                for area in s.plan.file.areas
            ]
        case "sendt":
            return _single(s, to, which, [(name, replace(to, has_sent=flow)) for flow, name in steps])
        case "ikke":
            return _single(s, to, which, [(name, replace(to, has_not_sent=flow)) for flow, name in steps])
        case "moede":
            there = [(each.facts.details.title_in(s.language), replace(to, coming_to=each.id)) for each in _meetings(s)]
            return _single(s, to, which, there)
        case _:
            return _whom(s, to)
    rows = [Go(lists.ticked(name, on=on), f"{_path(then)}/{which}") for _, name, on, then in options]
    body = (to_whom(s, to), *reached(s, _reach(s, to)))
    done = Go(s.say("writing.done"), _path(to))
    return Panel(at=f"{_path(to)}/{which}", title=s.say(f"writing.which.{which}"), body=body, rows=column(*rows, done))


def _single(
    s: Session, to: ChosenAudience, which: Literal["sendt", "ikke", "moede"], options: list[tuple[str, ChosenAudience]]
) -> Panel:
    rows = [Go(label, _path(then)) for label, then in options]
    none = {"sendt": replace(to, has_sent=""), "ikke": replace(to, has_not_sent=""), "moede": replace(to, coming_to=0)}
    rows = [Go(s.say("writing.any"), _path(none[which])), *rows, back(s, _path(to))]
    return Panel(
        at=f"{_path(to)}/{which}", title=s.say(f"writing.which.{which}"), body=(to_whom(s, to),), rows=column(*rows)
    )


# --- what -------------------------------------------------------------------------------------------------


def _text(s: Session, to: ChosenAudience, sent: PanelInput) -> Panel:
    if text := names.unturned(sent.text):
        return _one(s, _drafted(s, to, text))
    at, draft = f"{_path(to)}/tekst", broadcasts.draft_of(s.tx, s.person.id)
    now = (s.say("writing.text-now"), _fitted(s, draft.text)) if draft is not None else ()
    body = (to_whom(s, to), s.say("writing.text-what", most=texts.decimal(s.language, LONGEST)), *now)
    return Panel(
        at=at,
        title=s.say("writing.text"),
        body=body,
        rows=column(back(s, _path(to))),
        asks=at,
        send=s.say("send.preview"),
    )


def _drafted(s: Session, to: ChosenAudience, text: str) -> int:
    return broadcasts.put_draft(s.tx, s.plan.process_id, s.person.id, s.person.pseudonym, to, text, s.visit.now)


def _readdressed(s: Session, to: ChosenAudience) -> Panel:
    """The text stays, and goes to others."""
    draft = broadcasts.draft_of(s.tx, s.person.id)
    return _whom(s, to, s.say("panel.gone")) if draft is None else _one(s, _drafted(s, to, draft.text))


def _dropped(s: Session) -> Panel:
    broadcasts.drop_draft(s.tx, s.person.id)
    return _list(s, 0, s.say("writing.dropped"))


def _one(s: Session, number: int, *notes: str) -> Panel:
    one = broadcasts.by_id(s.tx, s.plan.process_id, number)
    if one is None or (one.is_draft and one.drafted_by != s.person.id):
        return _list(s, 0, *notes, s.say("panel.gone"))
    return _preview(s, one, notes) if one.is_draft else _progress(s, one, notes)


def _preview(s: Session, one: Broadcast, notes: tuple[str, ...]) -> Panel:
    """Word for word as it will be seen, its button too; one yes sends it."""
    reach, too_long = _reach(s, one.audience), utf16_units(one.text) - LONGEST
    seen = with_why(messages.as_sent(s, _fitted(s, one.text), 0))
    buttons = "\n".join(f"[{move.label}]" for move in seen.buttons)
    body = (
        seen.title or "",
        *seen.body,
        buttons,
        s.say("writing.end"),
        to_whom(s, one.audience),
        *reached(s, reach),
        s.say("writing.too-long", most=texts.decimal(s.language, LONGEST), more=texts.decimal(s.language, too_long))
        if too_long > 0
        else _when(s),
    )
    ready = too_long <= 0 and reach.reached and not one.is_damaged
    yes = [Go(texts.count(s.language, "writing.send", reach.reached), f"skriv/{one.id}/send")] if ready else []
    again = [
        Go(s.say("writing.again"), f"{_path(one.audience)}/tekst"),
        Go(s.say("writing.others"), _path(one.audience)),
        Go(s.say("writing.drop"), "skriv/slet"),
    ]
    return Panel(
        at=f"skriv/{one.id}",
        title=s.say("writing.preview"),
        body=body,
        rows=column(*yes, *again, back(s, "skriv")),
        notes=notes,
    )


def _fitted(s: Session, text: str) -> str:
    """What is too long is shortened where a panel must be one message."""
    return text if s.visit.pages or utf16_units(text) <= LONGEST else text[: LONGEST // 2].rstrip() + "…"


def _when(s: Session) -> str:
    at = schedule.next_sending_time(s.visit.now, s.plan.hours)
    return (
        s.say("writing.at-once") if at == s.visit.now else s.say("writing.later", moment=texts.moment(s.language, at))
    )


# --- on its way -------------------------------------------------------------------------------------------


def _sent(s: Session, number: int) -> Panel:
    """The one yes. Said twice, it is sent once."""
    one = broadcasts.by_id(s.tx, s.plan.process_id, number)
    theirs = one is not None and not (one.is_draft and one.drafted_by != s.person.id)
    if one is None or not theirs or one.is_damaged or utf16_units(one.text) > LONGEST:
        return _one(s, number)
    if one.is_draft and not _reach(s, one.audience).reached:
        return _one(s, number, s.say("writing.nobody"))
    service.start(s.tx, s.plan, one, s.person, s.visit.now)
    return _one(s, number, s.say("writing.on-its-way"))


def _progress(s: Session, one: Broadcast, notes: tuple[str, ...]) -> Panel:
    now = s.visit.now
    progress = service.progress(s.tx, s.plan, one, now)
    begun = s.say("writing.begun", moment=texts.moment(s.language, one.confirmed_at or now))
    stopped = one.cancelled_at
    body = (
        one.text,
        s.say("writing.end"),
        "\n".join((begun, to_whom(s, one.audience))),
        s.say("writing.sent-of", sent=texts.decimal(s.language, progress.sent), all=to_people(s, progress.people)),
        *_rest(s, progress),
        *((s.say("writing.stopped-at", moment=texts.moment(s.language, stopped)),) if stopped is not None else ()),
        *_outcomes(s, progress),
    )
    under_way = (Go(s.say("writing.refresh"), f"skriv/{one.id}"), Go(s.say("writing.stop"), f"skriv/{one.id}/stop"))
    rows = ((*under_way,),) if progress.waiting else ()
    return Panel(
        at=f"skriv/{one.id}", title=s.say("lead.skriv"), body=body, rows=(*rows, (back(s, "skriv"),)), notes=notes
    )


def _rest(s: Session, progress: BroadcastProgress) -> tuple[str, ...]:
    """When those who wait get it."""
    if not progress.waiting:
        return ()
    if progress.next_at is not None:
        return (s.say("writing.rest-at", moment=texts.moment(s.language, progress.next_at)),)
    return (texts.count(s.language, "writing.rest-in", -(-progress.seconds_left // 60)),)


def _outcomes(s: Session, progress: BroadcastProgress) -> tuple[str, ...]:
    """One line to each, besides those who have it."""
    told = [
        texts.count(s.language, f"outcome.{each}", progress.outcomes[each])
        for each in service.OUTCOMES
        if each != "sent" and each in progress.outcomes
    ]
    return (lists.bulleted(told),) if told else ()


def _sure(s: Session, number: int) -> Panel:
    one = broadcasts.by_id(s.tx, s.plan.process_id, number)
    if one is None or one.is_draft:
        return _one(s, number)
    waiting = service.progress(s.tx, s.plan, one, s.visit.now).waiting
    if not waiting:
        return _one(s, number, s.say("writing.too-late-to-stop"))
    at = f"skriv/{one.id}/stop"
    body = (texts.count(s.language, "writing.stop-what", waiting), s.say("writing.stop-moment"))
    return sure(s, at, s.say("writing.stop-sure"), body, s.say("writing.stop-yes"), f"{at}/ja", f"skriv/{one.id}")


def _stopped(s: Session, number: int) -> Panel:
    one = broadcasts.by_id(s.tx, s.plan.process_id, number)
    if one is None or one.is_draft:
        return _one(s, number)
    withdrawn = service.stop(s.tx, s.plan, one, s.person, s.visit.now)
    return _one(s, number, texts.count(s.language, "writing.stopped", withdrawn))
