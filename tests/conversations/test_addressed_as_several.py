"""An association or a council is *I* in all it meets while it answers: questions, hints, buttons, errors, receipts and
messages. Read off the transcripts, which are what the bot says; only what is meant for one person says *du*."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest

from bot import texts
from bot.flows.model import Group
from tests.support.chat import TRANSCRIPTS, read
from tests.support.flow_material import flows

DU = re.compile(r"\b(?:du|dig|din|dit|dine)\b", re.IGNORECASE)
ONE = re.compile(
    rf"{DU.pattern}|\b(?:jeg|mig|min|mit|mine)\b", re.IGNORECASE
)  # on a button, which speaks for who presses it

# What is meant for the one person who sits there, though they answer for an association; by the beginning of its key.
TO_ONE = {
    "notice.": "a notice to each person, and each says yes for themselves",
    "button.read-notice": "their own personal data",
    "mine.": "their own personal data",
    "erase.": "their own personal data",
    "objection.": "their own personal data",
    "capacity.": "which of the things they are this person answers as",
    "role.stays": "which of the things they are this person answers as",
    "menu.": "what a page of one's own is called, in the menu that is one for everybody",
    "joint.ask": "asks a member, and not the association, whether the chair may see their answers",
    "joint.what": "asks a member, and not the association, whether the chair may see their answers",
    "together.left": "a member who shows their answers no longer",
    "care.": "somebody who may need help is spoken to as one",
    "link.": "a link of one's own, to one's own devices",
    "web.": "a link of one's own, to one's own devices",
    "move.": "a link of one's own, to one's own devices",
    "mail.": "an address of one's own",
    "lead.": "a panel of one's own, or of a role",
    "enter": "who enters for others is spoken to as one",
}
ANSWERS_AS = ("* Forening", "* Frivilligråd eller frivilligcenter")
SEVERAL = tuple(name for group in (Group.FORENING, Group.RAAD_CENTER) for name in [f"{group}-"])
TRANSCRIPTS_OF_SEVERAL = sorted(
    path.stem
    for path in TRANSCRIPTS.glob("*.txt")
    if path.stem.startswith(SEVERAL) or path.stem in ("hearing-association", "moede-forening")
)


@cache
def _to_one() -> re.Pattern[str]:
    """A line that a phrase for one person, or a question, may have written."""
    forms = [
        str(form)
        for message in texts.catalogue("da")
        if message.id
        for key in [message.id if isinstance(message.id, str) else message.id[0]]
        if key.startswith(tuple(TO_ONE))
        for form in ((message.string,) if isinstance(message.string, str) else tuple(message.string or ()))
    ]
    for flow in flows().values():  # besyv check holds their wordings to the same
        forms += [form for q in flow for form in (*q.text.forms, *(f for c in q.choices for f in c.label.forms))]
        forms += [form for q in flow if q.shows for form in q.shows.forms]
    lines = {line for form in forms for line in form.split("\n") if ONE.search(line)}
    anything = "|".join(re.sub(r"\\\{\w+\\\}", ".*", re.escape(line)) for line in sorted(lines))
    return re.compile(rf"(?:• |\d+\. )?(?:{anything})")


def _said(name: str) -> Iterator[tuple[int, str, re.Pattern[str]]]:
    """Line by line what the bot says once it knows whom it speaks to, with its buttons each for itself; not what the
    person has said and sees again."""
    blocks = read(name).blocks
    told = [number for number, block in enumerate(blocks) if block.act in ANSWERS_AS]
    for block in blocks[told[0] if told else 0 :]:
        for line in block.shown:
            if line.startswith(("→ ", "> ", "~ ✓")):
                continue
            if line.startswith("["):
                yield from ((block.line, label, ONE) for label in re.findall(r"\[([^\]]*)\]", line))
            else:
                yield block.line, line, DU


def test_there_are_conversations_of_several() -> None:
    assert len(TRANSCRIPTS_OF_SEVERAL) > 15


@pytest.mark.parametrize("name", TRANSCRIPTS_OF_SEVERAL)
def test_an_association_is_told_i_and_not_du(name: str) -> None:
    wrong = [
        (line, said)
        for line, said, not_said in _said(name)
        if not_said.search(re.sub("»[^«]*«", "", said)) and not _to_one().fullmatch(said)
    ]
    assert wrong == []


@pytest.mark.parametrize("beginning", TO_ONE)
def test_every_exception_is_one(beginning: str) -> None:
    """Some phrase says »du« there, and none has a form for several."""
    keys = [str(m.id if isinstance(m.id, str) else m.id[0]) for m in texts.catalogue("da") if m.id]
    there = [key for key in keys if key.startswith(beginning)]
    assert any(DU.search(texts.say("da", key)) for key in there if not key.endswith(texts.TO_SEVERAL))
    assert [key for key in there if key.endswith(texts.TO_SEVERAL) and not key.startswith("menu.")] == []
