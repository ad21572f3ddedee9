"""How a question in the making is shown to who makes it: as those who are asked will see it, what could be said better,
and what in it tells of somebody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from bot import texts
from bot.dialogue import details_screen
from bot.dialogue.naming import group_name, work_step_of
from bot.dialogue.reply import Reply
from bot.dialogue.session import Session
from bot.features.proposals import service
from bot.features.proposals.drafts import AnswerWay, QuestionDraft
from bot.flows import check, personal_details, plain_danish, survey_rules
from bot.flows.model import RESPONDENTS, SPEAK_FOR_MANY, Flow, Group, Language, Question, Respondent
from bot.flows.personal_details import Detail
from bot.process.own_questions import ChatQuestion
from bot.texts import lists

SeenAs = Callable[[Session, Flow, Question, Respondent, Language], Reply]
_ENDS = (".", "?", "!")


# --- as it will be seen -------------------------------------------------------------------------------------


def previews(seen_as: SeenAs, s: Session, question: ChatQuestion) -> tuple[str, ...]:
    """In each form that differs: to one, to those who answer for several, in English. There is room for it."""
    flow = service.with_made(s.plan.flows[question.flow].flow, [question], s.plan.file.material)
    asked, whom = flow.question(question.id), [Group(audience) for audience in question.who or ()]
    several = [group for group in whom if group in SPEAK_FOR_MANY]
    alone = [group for group in whom if group not in SPEAK_FOR_MANY]
    forms: list[tuple[str, Group, Language]] = []
    if alone or not question.text.da_jer:
        forms.append((s.say("proposals.seen"), (alone or several)[0], "da"))
    if several and question.text.da_jer:
        forms.append((s.say("proposals.seen-several"), several[0], "da"))
    if question.text.en != question.text.da:
        forms.append((s.say("proposals.seen-english"), (alone or several)[0], "en"))
    return tuple(
        paragraph
        for heading, group, language in forms
        for paragraph in (heading, *_paragraphs(seen_as(s, flow, asked, _of_group(group), language)))
    )


def _of_group(group: Group) -> Respondent:
    return next(each for each in RESPONDENTS if each.group is group)


def _paragraphs(reply: Reply) -> Iterator[str]:
    """The question, how it is answered, and what can be chosen; not the ways on, which every question has."""
    yield from filter(None, (reply.title, *reply.body))
    if reply.ask is not None and reply.ask.options:
        labels = [reply.ask.options[place].label for place in reply.ask.order]
        yield lists.bulleted(label.to(reply.language, many=reply.ask.many) for label in labels)


def facts(s: Session, draft: QuestionDraft) -> str:
    """Which step it goes into, whom it is asked of, how they answer."""
    return "\n".join(
        (
            s.say("proposals.in-step", step=work_step_of(s, draft.flow)),
            s.say("proposals.of", whom=named(s, draft.who)),
            s.say("proposals.answered", how=s.say(f"proposals.kind.{AnswerWay(draft.kind)}")),
        )
    )


def named(s: Session, groups: Iterable[str]) -> str:
    return ", ".join(group_name(s, group) for group in groups)


# --- what could be said better ------------------------------------------------------------------------------


def advice(s: Session, draft: QuestionDraft) -> tuple[str, ...]:
    """What a good survey would do otherwise, and what of it is hard to read, a paragraph; refuses nothing."""
    found = list(dict.fromkeys((*_of_survey(s, draft), *_of_danish(s, draft), *_of_forms(s, draft))))
    return (lists.bulleted(found, s.say("proposals.advice")),) if found else (s.say("proposals.no-advice"),)


def _of_survey(s: Session, draft: QuestionDraft) -> Iterable[str]:
    for text in filter(None, (draft.da, draft.jer)):
        for finding in survey_rules.findings(text):
            yield f"{finding.reason.to(s.language)} {finding.proposal.to(s.language)}"


def _of_danish(s: Session, draft: QuestionDraft) -> Iterable[str]:
    for text in filter(None, (draft.da, draft.jer, *(da for da, _ in draft.choices))):
        if plain_danish.is_hard(text):
            yield s.say("proposals.hard")
        for found, word in plain_danish.unwanted_in(text):
            yield s.say("proposals.word", found=texts.quoted(s.language, found), instead=word.said.to(s.language))


def _of_forms(s: Session, draft: QuestionDraft) -> Iterable[str]:
    if not all(text.endswith(_ENDS) for text in filter(None, (draft.da, draft.jer, draft.en))):
        yield s.say("proposals.no-end")
    several = [group for group in draft.who if group in SPEAK_FOR_MANY]
    if several and not draft.jer and check.speaks_to_one(draft.da):
        yield s.say("proposals.no-several", whom=named(s, several))
    if not draft.en:
        yield s.say("proposals.no-english")


# --- what tells of somebody ---------------------------------------------------------------------------------


def told_in(draft: QuestionDraft) -> tuple[Detail, ...]:
    """A telephone number, a mail address, an illness or a name in any of its texts."""
    return tuple(detail for text in draft.words for detail in personal_details.found_in(text))


def warning(s: Session, draft: QuestionDraft) -> tuple[str, ...]:
    """That everybody will see what was found; always, to take out what shows who proposed it."""
    told = told_in(draft)
    if not told:
        return (s.say("proposals.take-out"),)
    words = ", ".join(dict.fromkeys(texts.quoted(s.language, detail.words) for detail in told))
    return (s.say("proposals.tells", what=details_screen.what(s, told), words=words), s.say("proposals.take-out"))
