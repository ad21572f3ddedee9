"""Own data: what a person may see, take along and delete of what is held about them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from typing import Any, Literal

from bot import texts
from bot.dialogue import acting_as, screens
from bot.dialogue.commands import CommandUseCase, command_for_known
from bot.dialogue.reply import Attachment, Files, Reply, Screen
from bot.dialogue.session import EMAIL, TELEGRAM, Context, Session, Visit
from bot.features.hearing import service as hearing
from bot.features.hearing.service import Erasure, ReplyAddress
from bot.features.privacy import erasure
from bot.flows import content
from bot.flows.model import SPEAK_FOR_MANY, Flow
from bot.process.plan import HEARING
from storage import (
    answers,
    audit,
    broadcasts,
    calendar_feeds,
    capacities,
    channel_codes,
    digests,
    dispositions,
    email_addresses,
    hearing_responses,
    held_words,
    joint_answers,
    late_answers,
    meetings,
    municipal_logins,
    objections,
    outbox,
    page_notes,
    passkeys,
    people,
    personal_links,
    prompts,
    proof_links,
    proofs,
    question_drafts,
    register,
    runs,
    sessions,
    signups,
    ties,
)
from storage.db import Tx

Json = dict[str, Any]  # JSON-shaped
Texts = tuple[str, ...]
OBJECTION_PAGE = "/indsigelse"


def mine(aside: Callable[[Session], Texts], s: Session) -> Reply:
    """/mine: what is held about the person, in words, and all of it as a JSON file. `aside` tells whether it is set
    aside."""
    s = acting_as.oneself(s)
    taken = [_run(s, run) for run in runs.of_person(s.tx, s.person.id)]
    given = sum(len(run["answers"]) for run in taken)
    notes = [
        s.say("mine.what"),
        *aside(s),
        texts.count(s.language, "mine.answers", given),
        *(_in_words(s, run) for run in taken if run["answers"]),
        *(s.say("mine.held", words=_held(held)["text"]) for held in held_words.answers_of(s.tx, s.person.id)),
        s.say("mine.rest"),
    ]
    file = json.dumps(said_in_words(s, everything(s, taken)), ensure_ascii=False, indent=2).encode()
    return Reply(
        language=s.language,
        screen=Screen.TEXT,
        notes=tuple(notes),
        files=Files(attachment=Attachment("mine-svar.json", file)),
        links=((s.say("objection.go"), OBJECTION_PAGE),),
    )


def mine_command(aside: Callable[[Session], Texts]) -> CommandUseCase:
    """/mine: who is not known is told that nothing is kept, before they are greeted."""
    of_known = command_for_known(partial(mine, aside))

    def run(tx: Tx, context: Context, visit: Visit, rest: str) -> Reply:
        is_known = people.at_address(tx, visit.channel, visit.address) is not None
        reply = of_known(tx, context, visit, rest)
        nothing = () if is_known or visit.again else (texts.say(visit.language, "mine.nothing"),)
        return replace(reply, notes=(*nothing, *reply.notes))

    return run


def _in_words(s: Session, run: Json) -> str:
    lines = [str(run["title"])]
    for answer in run["answers"]:
        said = _said(s, answer)
        asked = answer["asked"] or s.say("mine.by-link")
        lines.append(f"– {asked}\n→ {said}")
    return "\n".join(lines)


def _said(s: Session, answer: Json) -> str:
    if answer["text"] == content.UNREADABLE:
        return s.say("mine.unreadable")
    return s.say("review.skipped") if answer["skipped"] else screens.shortened(answer["text"])


def everything(s: Session, taken: list[Json]) -> Json:
    """Everything held about the person (GDPR art. 15): no other table knows of them."""
    return {
        "person": asdict(s.person),
        "answers_as": [asdict(capacity) for capacity in capacities.of_person(s.tx, s.person.id)],
        "addresses": [asdict(address) for address in people.addresses(s.tx, s.person.id)],
        "roles": [asdict(held) for held in people.roles_held_by(s.tx, s.person.id)],
        "rights_used": [asdict(entry) for entry in audit.of_actor(s.tx, s.plan.process_id, s.person.pseudonym)],
        "speaks_for": _speaks_for(s),
        "came_by": s.person.came_by,
        "shows_answers_to": [joint.flow for joint in joint_answers.of_member(s.tx, s.person.id)],
        "stands_behind_joint_answers_in": joint_answers.backed(s.tx, s.person.id),
        "told_of_different_dispositions_in": dispositions.told_flows(s.tx, s.person.id),
        "may_answer_late": [asdict(link) for link in late_answers.links_of(s.tx, s.person.id)],
        "came_by_post": [asdict(entry) for entry in late_answers.posted_of(s.tx, s.person.id)],
        "asked_to_show_answers": _asked_to_show(s),
        "collects_in": [joint.flow for joint in joint_answers.chaired(s.tx, s.person.id)],
        "messages": [list(row) for row in outbox.of_person(s.tx, s.person.id)],
        "meetings": [asdict(signup) for signup in signups.of_person(s.tx, s.person.id)],
        "said_of_meetings": [asdict(words) for words in meetings.words_of(s.tx, s.person.id)],
        "leads_meetings": meetings.facilitated(s.tx, s.person.id),
        "plans_meetings": [json.loads(told.content) for told in meetings.drafts_of(s.tx, s.person.id)],
        "writes_to_many": _draft(s),
        "writes_a_question": _question(s),
        "mail": _mail(s),
        "devices": [_device(each) for each in sessions.of_person(s.tx, s.person.id, s.visit.now)],
        "shown_who_they_are": [_proof(at, each) for at, each in proofs.of_person(s.tx, s.person.id).items()],
        "passkeys": [
            {"device": each.device, "made_at": each.made_at} for each in passkeys.of_person(s.tx, s.person.id)
        ],
        "municipal_login": municipal_logins.of_person(s.tx, s.person.id),
        "code_to_show_it_until": _proof_code(s),
        "links_to_show_it_until": proof_links.expiries(s.tx, s.person.id),
        "codes_asked_for_or_wrong": proofs.tries_of(s.tx, s.person.id),
        "personal_links_made": personal_links.made(s.tx, s.person.id),
        "calendar": calendar_feeds.code_of(s.tx, s.person.id) is not None,
        "overview": asdict(digests.of_person(s.tx, s.person.id)),
        "entered_for_others": [_entered(entry) for entry in people.entered_by(s.tx, s.person.id)],
        "file_on_its_way": _import(s),
        "objections": [asdict(objection) for objection in objections.of_person(s.tx, s.person.id)],
        "words_in_doubt": [asdict(words) for words in held_words.of_person(s.tx, s.person.id)],
        "not_kept_as_an_answer_yet": [_held(held) for held in held_words.answers_of(s.tx, s.person.id)],
        "shown_last": [list(shown) for shown in prompts.of_person(s.tx, s.person.id)],
        "to_be_told_on_the_next_page": [list(notes) for notes in page_notes.of_person(s.tx, s.person.id)],
        "code_for_another_channel_until": channel_codes.expiry(s.tx, s.person.id),
        "runs": taken,
    }


def said_in_words(s: Session, held: Json) -> Json:
    """The same with words in place of what can't be read, as the page has them. Where that is stands under
    `unreadable`, by JSON pointers (RFC 6901): `/runs/0/answers/2/text`."""
    unreadable: list[str] = []

    def said(value: Any, at: tuple[str, ...]) -> Any:  # Any: JSON
        match value:
            case str():
                words = s.say("mine.unreadable" if at[:1] + at[2:3] == ("runs", "answers") else "unreadable")
                told = content.in_words(value, words)
                if told != value:
                    unreadable.append("".join(f"/{step}" for step in at))
                return told
            case dict():
                return {name: said(inner, (*at, name)) for name, inner in value.items()}
            case list() | tuple():
                return [said(inner, (*at, str(place))) for place, inner in enumerate(value)]
            case _:
                return value

    return {**said(held, ()), "unreadable": unreadable}


def _speaks_for(s: Session) -> str | None:
    found = register.by_id(s.tx, s.plan.process_id, s.person.party_id) if s.person.party_id is not None else None
    return found.name if found else None


def _asked_to_show(s: Session) -> str | None:
    found = joint_answers.asked(s.tx, s.person.id)
    return found.flow if found else None


def _draft(s: Session) -> str | None:
    """A message to many that they have not said yes to."""
    found = broadcasts.draft_of(s.tx, s.person.id)
    return found.text if found else None


def _question(s: Session) -> Json | None:
    """A question of a proposal that they have not put in yet."""
    found = question_drafts.of_person(s.tx, s.person.id)
    return json.loads(found) if found is not None else None


def _mail(s: Session) -> Json | None:
    found = email_addresses.of_person(s.tx, s.person.id)
    return {"address": found.address, "confirmed_at": found.confirmed_at} if found else None


def _device(session: sessions.WebSession) -> Json:
    """A browser that is logged in; not the id that lets it in."""
    return {"device": session.device, "since": session.made_at, "last_used": session.seen_at, "step": session.step}


def _proof(at: tuple[str, str], shown: proofs.Shown) -> Json:
    """Where and by what; not the session."""
    return {"channel": at[0], "way": shown.way, "at": shown.proven_at, "last_used": shown.used_at}


def _proof_code(s: Session) -> int | None:
    found = proofs.code_of(s.tx, s.person.id)
    return found.expires_at if found is not None else None


def _entered(entry: people.Person) -> Json:
    """That they entered it; what was said is not theirs."""
    return {"participant": entry.pseudonym, "source": entry.source, "people": entry.behind}


def _import(s: Session) -> Json | None:
    """Which columns of a file for the register, which they have not said yes or no to, are what."""
    found = register.kept_import(s.tx, s.person.id)
    return json.loads(found.mapping) if found else None


def _run(s: Session, run: runs.Run) -> Json:
    flow = s.process_host.flow(s.tx, s.plan, run.flow, run.version)
    return {
        **asdict(run),
        **asdict(runs.answered_as(s.tx, run.id)),
        "members_behind": joint_answers.stood_behind(s.tx, run.id),
        "title": flow.title_for(run.stakeholder).to(s.language, many=run.stakeholder in SPEAK_FOR_MANY),
        "belongs_to": _belongs_to(s, run),
        "hearing_response": _hearing_response(s, run),
        "answers": [_answer(row) for row in sorted(answers.of_run(s.tx, run.id), key=lambda row: _place(flow, row))],
        "earlier": [
            {
                "question": old.question,
                "revision": old.revision,
                "text": content.read(old.content).said,
                "at": old.answered_at,
            }
            for old in answers.history(s.tx, run.id)
        ],
    }


def _held(held: held_words.HeldAnswer) -> Json:
    """What tells of somebody, and waits for them to say whether it is to stand."""
    return {"question": held.question, "text": content.read(held.content).text, "said_at": held.said_at}


def _belongs_to(s: Session, run: runs.Run) -> Json | None:
    """The entry of the register that what was sent is tied to, and how."""
    tied = ties.by_id(s.tx, s.plan.process_id, run.id) if run.sent_at is not None else None
    found = register.by_id(s.tx, s.plan.process_id, tied.party_id) if tied and tied.party_id is not None else None
    return {"name": found.name, "by": tied.tied_by} if tied and found else None


def _hearing_response(s: Session, run: runs.Run) -> Json | None:
    """What has become of it, if it is one."""
    found = hearing_responses.of_run(s.tx, run.id)
    return asdict(found) if found is not None else None


def _place(flow: Flow, row: answers.StoredAnswer) -> int:
    """Where its question stands in the flow; last, what the flow does not have."""
    ids = [question.id for question in flow.questions]
    return ids.index(row.question) if row.question in ids else len(ids)


def _answer(row: answers.StoredAnswer) -> Json:
    stored = content.read(row.content)
    return {
        "question": row.question,
        "asked": row.asked,
        "text": stored.said,
        "keys": list(stored.keys),
        "category": stored.category,
        "skipped": row.skipped,
        "revision": row.revision,
        "language": row.language,
        "channel": row.channel,
        "options_reversed": row.options_reversed,
        "answered_at": row.answered_at,
        "kept_apart": row.apart,
    }


def erase(s: Session) -> Reply:
    """/slet, confirmed: deletes the person and everything about them, but hearing responses that belong to the case.
    Says what the law keeps."""
    planned, reached = hearing.on_erasure(s.tx, s.plan, s.person, s.visit.sent_at), where_to_answer(s)
    mine = [run for run in runs.of_person(s.tx, s.person.id) if run.flow != HEARING or run.number not in planned.asked]
    given = sum(answers.count(s.tx, run.id) for run in mine)
    done = erasure.erase(
        s.tx,
        s.plan,
        s.person,
        s.visit.now,
        asked_at=s.visit.sent_at,
        reached=reached if planned.asked else None,
    )
    return Reply(
        language=s.language,
        screen=Screen.TEXT,
        notes=(
            texts.count(s.language, "erase.done", given),
            *responses_withdrawn(s, done, done=True),
            *responses_asked(s, done, reached, done=True),
            s.say("erase.again"),
        ),
    )


# --- hearing responses, which do not vanish ----------------------------------------------------------------


def where_to_answer(s: Session) -> ReplyAddress | None:
    """Where the leader's answer goes to somebody who erases themselves: the chat they are in, or the mail address they
    have confirmed, or the chat they have; None where there is nothing of it."""
    chats = [each for each in people.addresses(s.tx, s.person.id) if each.channel == TELEGRAM and not each.unreachable]
    if s.visit.channel == TELEGRAM:
        return ReplyAddress(TELEGRAM, s.visit.address)
    email = email_addresses.of_person(s.tx, s.person.id)
    if email is not None and email.works and s.process_host.mails:
        return ReplyAddress(EMAIL)
    return ReplyAddress(TELEGRAM, chats[0].address) if chats else None


def responses_withdrawn(s: Session, what: Erasure, *, done: bool) -> Texts:
    """What becomes, or has become, of those that can be taken back."""
    told = [
        s.say("erase.withdrawn", number=number) if done else s.say("erase.withdraws", number=number)
        for number in what.withdrawn
    ]
    return (*told, s.say("erase.text-gone" if done else "erase.number-stays")) if told else ()


def responses_asked(s: Session, what: Erasure, reached: ReplyAddress | None, *, done: bool) -> Texts:
    """What belongs to the case, and how they hear what has become of it."""
    if not what.asked:
        return ()
    told: Literal["telegram", "email", "none"] = (
        "none" if reached is None else "telegram" if reached.channel == TELEGRAM else "email"
    )
    asked = (
        s.say("erase.asked", number=number) if done else s.say("erase.asks", number=number) for number in what.asked
    )
    contacts = s.plan.file.contacts
    answer = s.say(f"erase.answer.{told}", email=contacts.email, phone=contacts.phone)
    return (*asked, s.say("erase.leader"), answer)


def gone(_tx: Tx, _context: Context, visit: Visit) -> Reply:
    """Repeats the confirmation if the bot stopped between deleting and replying. The count is gone as well."""
    again = texts.on_channel(visit.language, "erase.again", visit.channel)
    told = (texts.say(visit.language, "erase.done.zero"), texts.say(visit.language, again))
    return Reply(language=visit.language, screen=Screen.TEXT, notes=told)
