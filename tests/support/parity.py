"""What a transcript shows, said as a page says it: the stated translation, and nothing beyond it.

1. `~ ` lines and the borders between messages do not exist on pages.
2. A phrase that has a variant for the web in bot/texts stands there as that variant (`how.text` → `how.text@web`). The
   page of an address that is not there says what an unknown command says, under a heading of its own. Where the chat
   lists the commands, a page says that they stand in its menu.
3. «Dit svar nu: …», «1 punkt er gemt …» and «Din rækkefølge nu: …» are no text on a page: its fields hold exactly that,
   and are empty where the transcript says nothing of the kind. What was refused stands in the field it was typed in.
4. Every button of the transcript is a control of the page, and the page has no others than those of `_own`.
5. Where «Andet» is ticked and not sent yet, «Skriv dit eget svar.» stands at its field and not among the paragraphs.
6. Where a page has no field, nobody can be told that what they wrote there is not kept.
7. Who has not said yes meets the same page each time: the robot's hello, and the notice. What a link brought is said
   right after the yes.
8. Who says yes to messages is told on a page, where no mail is sent, that nobody can reach them there.
9. That a contact is no part of a hearing response stands there below the contact.
10. The proposal that a question is made of stands in the field to begin with, and no button puts it there.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from bot import texts
from bot.flows.model import LANGUAGES, Language
from tests.support.pages import OnPages, Option, Sight

CHANNEL = "web"
BUTTONS = re.compile(r"\[[^\]]*\](?: \[[^\]]*\])*")
_AT_A_LIST = re.compile(r"\A(\d+\. .*\n)→\n(1\. )")  # in a message a list begins on a line of its own
REVIEWED = re.compile(r"\d+\. .*\n→ .*", re.DOTALL)
OUT_OF_REACH = ("messages.nowhere",)
UNSAID = ("said.not-asked",)  # where there is no field
AT_ITS_LINE = ("hint.apart-response",)  # below the answer that it is about
CAPTIONS = ("heatmap.title",)  # of a picture, which a page shows when it is asked to, beside a table
AT_THE_DOOR = ("correct.nothing", "mine.nothing", "tap.stale")  # nobody is told so before they have said yes
BROUGHT = ("start.unknown-link", "role-granted.leader", "role-granted.steering")


def differences(block: list[str], person: OnPages) -> list[str]:
    """Where the person's page differs from what a transcript's block shows; [] where it does not."""
    here, brought = person.looks(), person.brought
    here.paragraphs = [paragraph for paragraph in here.paragraphs if not _is(paragraph, *OUT_OF_REACH)]
    told = read(block)
    front = person.page is not None and person.page.is_front
    if front:
        brought[:] = [paragraph for paragraph in told.paragraphs if _is(paragraph, *BROUGHT)]
        told.paragraphs = [*_hello(told, here), *(p for p in told.paragraphs if not _is(p, *BROUGHT, *AT_THE_DOOR))]
    elif brought:
        told.paragraphs = [*brought, *told.paragraphs]
        brought.clear()
    expected = _translated(told, here, person.refused)
    if person.page is not None and person.page.status in (404, 405):
        expected.paragraphs.insert(0, texts.say(person.page.language, "page.not-found"))
    languages = {texts.say(language, "language.name") for language in LANGUAGES}
    if front or not languages <= set(told.buttons):
        assert person.page is not None
        above = [button.label for button in person.page.buttons(person.page.tree)]
        expected.buttons = [label for label in expected.buttons if label not in languages or label not in above]
    return list(difflib.unified_diff(expected.lines(), here.lines(), "transcript", CHANNEL, lineterm="", n=99))


# --- reading a block --------------------------------------------------------------------------------------


@dataclass
class Told:
    """A block of a transcript, taken apart."""

    paragraphs: list[str] = field(default_factory=list)
    review: list[str] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)
    said: str | None = None
    said_at: int = 0  # among the paragraphs
    ideas: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    file: str = ""


def read(block: list[str]) -> Told:
    told = Told()
    lines: list[str] = []
    for line in block:
        if line.startswith("~ "):
            continue
        if BUTTONS.fullmatch(line):
            told.buttons += line[1:-1].split("] [")
        elif found := re.fullmatch(r"<(\S+\.\w+)>", line):
            told.file = found[1]
        else:
            lines.append(line.removeprefix("\\"))
    for paragraph in filter(None, "\n".join(lines).strip().split("\n\n")):
        _take(told, paragraph.strip("\n"))
    return told


def _take(told: Told, paragraph: str) -> None:
    first, _, rest = paragraph.partition("\n")
    if rest and first in _headings():
        told.paragraphs += [first, rest]
        return
    for language in LANGUAGES:
        if said := _matched(language, "ask.so-far", paragraph):
            told.said, told.said_at = said["answer"], len(told.paragraphs)
            return
        first, _, rest = paragraph.partition("\n")
        if any(_pattern(language, key).fullmatch(first) for key in ("ideas.so-far", "ideas.so-far.many")):
            told.ideas = rest.removeprefix("• ").split("\n• ")
            return
        if _matched(language, "ranking.so-far", first):
            told.order = [re.sub(r"^\d+\. ", "", line) for line in rest.split("\n")]
            return
    paragraph = _AT_A_LIST.sub(r"\1→ \2", paragraph)
    (told.review if REVIEWED.fullmatch(paragraph) else told.paragraphs).append(paragraph)


# --- the words of the catalogues --------------------------------------------------------------------------


@cache
def _phrases(language: Language) -> dict[str, str]:
    """Every phrase under its key; the plural of `key` under `key.many`."""
    found: dict[str, str] = {}
    for message in texts.catalogue(language):
        keys = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
        strings = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
        found |= {str(key): str(string) for key, string in zip(keys, strings, strict=True) if key}
    return found


@cache
def _headings() -> frozenset[str]:
    """What stands over a paragraph: in the same message, and on a page by itself."""
    return frozenset(
        phrase for language in LANGUAGES for key, phrase in _phrases(language).items() if key.endswith("-heading")
    )


@cache
def _pattern(language: Language, key: str) -> re.Pattern[str]:
    """The phrase with a group for each `{name}`."""
    pieces = re.split(r"(\{\w+\})", _phrases(language)[key])
    seen: set[str] = set()
    written = ""
    for piece in pieces:
        name = piece[1:-1]
        if not re.fullmatch(r"\{\w+\}", piece):
            written += re.escape(piece)
        elif name in seen:
            written += f"(?P={name})"
        else:
            seen.add(name)
            written += f"(?P<{name}>.+)"
    return re.compile(written, re.DOTALL)


def _matched(language: Language, key: str, paragraph: str) -> re.Match[str] | None:
    """The paragraph as the phrase says it, to one or to several."""
    forms = [form for form in (key, key + texts.TO_SEVERAL) if form in _phrases(language)]
    return next((found for form in forms if (found := _pattern(language, form).fullmatch(paragraph))), None)


@cache
def _variants() -> tuple[tuple[Language, str, str], ...]:
    """(language, key, key of what stands on pages instead) of every phrase that has a variant there."""
    found = []
    for language in LANGUAGES:
        for key in _phrases(language):
            base, on_pages, several = key.partition(f"@{CHANNEL}")
            if on_pages:
                replaced = base + several if base + several in _phrases(language) else base
                found.append((language, replaced, key))
    return tuple(found)


def _is(paragraph: str, *keys: str) -> bool:
    return any(_matched(language, key, paragraph) for language in LANGUAGES for key in keys)


def on_pages(paragraph: str) -> list[str]:
    """How the paragraph may stand on a page: the same phrase may be the beginning of several variants."""
    found = []
    for language, key, variant in _variants():
        match = _pattern(language, key).fullmatch(paragraph)
        if match is not None:
            found.append(_phrases(language)[variant].format(**match.groupdict()))
    return list(dict.fromkeys(found)) or _of_the_menu(paragraph) or [paragraph]


# --- what the page should show ----------------------------------------------------------------------------


def _translated(told: Told, here: Sight, refused: str | None) -> Sight:
    """The block as a page with these controls shows it. `here` decides only what may be either way."""
    expected = Sight(kind=here.kind, file=told.file, review=list(_reviewed(told, here)))
    for paragraph in told.paragraphs:
        if (here.kind == "" and _is(paragraph, *UNSAID, *AT_ITS_LINE)) or _is(paragraph, *CAPTIONS):
            continue
        expected.paragraphs.append(_one_of(on_pages(paragraph), here.paragraphs))
    ways = {texts.say(language, f"button.{key}") for language in LANGUAGES for key in WAYS}
    choices = [label for label in told.buttons if label not in ways] if here.kind else []
    expected.buttons = [label for label in told.buttons if label not in choices]
    match here.kind:
        case "one":
            _one(told, here, expected, choices)
        case "many":
            _many(told, here, expected, choices)
        case "order":
            expected.options = [Option(label, chosen=False) for label in choices]
            expected.order = told.order
        case "ideas":
            expected.buttons += choices
            expected.ideas = [_whole(idea, here.ideas) for idea in told.ideas] + ([refused] if refused else [])
        case "text":
            _text(told, here, expected, choices, refused)
        case _:
            pass
    expected.buttons = list(_own(told, here, expected.buttons))
    return expected


WAYS = ("done", "undo", "keep", "keep-skipped", "back", "skip", "pause")


def _one(told: Told, here: Sight, expected: Sight, choices: list[str]) -> None:
    expected.options = [Option(label, label == told.said) for label in choices]
    expected.text = None if here.text is None else ""
    if here.text is not None and told.said is not None and told.said not in choices:
        expected.text = told.said
        expected.options[-1] = Option(choices[-1], chosen=True)


def _many(told: Told, here: Sight, expected: Sight, choices: list[str]) -> None:
    expected.options = [Option(label[2:], label[0] == "☑") for label in choices if label[:2] in ("☐ ", "☑ ")]
    ticked = ", ".join(option.label for option in expected.options if option.chosen)
    expected.text = None if here.text is None else ""
    if told.said is not None and sorted(told.said.split(", ")) != sorted(ticked.split(", ")):
        without = [option.label for option in expected.options if option.chosen][:-1]
        expected.text = told.said.removeprefix("".join(f"{label}, " for label in without))
    for place, paragraph in enumerate(expected.paragraphs):
        if here.text == "" and here.options[-1].chosen and _is(paragraph, "ask.other"):
            language = next(each for each in LANGUAGES if _matched(each, "ask.other", paragraph))
            expected.paragraphs[place] = texts.say(language, "how.multi@web")


_SO_FAR: tuple[tuple[Language, str], ...] = (
    *((language, "ask.so-far") for language in LANGUAGES),
    ("da", f"ask.so-far{texts.TO_SEVERAL}"),
)


def _text(told: Told, here: Sight, expected: Sight, shortcuts: list[str], refused: str | None) -> None:
    expected.buttons += shortcuts
    expected.text = refused or ""
    if told.said in shortcuts and not here.text:  # a shortcut leaves the field empty, so the page says it in words
        so_far = {texts.say(*form, answer=told.said) for form in _SO_FAR}
        expected.paragraphs.insert(told.said_at, _one_of(sorted(so_far), here.paragraphs))
    elif told.said is not None:
        expected.text = refused or _whole(told.said, [here.text or ""])


def _own(told: Told, here: Sight, buttons: list[str]) -> Iterator[str]:
    """The page's controls, in its order: those of the transcript under their names there, and those that pages have
    of their own. What is missing comes last."""
    say = {key: {texts.say(language, key) for language in LANGUAGES} for key in _OWN}
    wanted = [label for label in buttons if label not in say["button.undo"] | say["proposals.as-it-stands"]]
    kept = say["button.keep"] | say["button.keep-skipped"]
    own: list[str] = []
    if here.kind in ("one", "text"):
        own += [label for label in here.buttons if label in say["page.next"]][:1] or ["«Videre»"]
    if here.kind in ("many", "ideas", "order") and not any(label in say["button.done"] for label in wanted):
        own += [label for label in here.buttons if label in say["button.done"]][:1] or ["«Færdig»"]
    told_already = any(label in say["button.done"] | say["button.keep-skipped"] for label in told.buttons)
    if here.kind and told_already:  # on a page one may always go on without an answer
        own += [label for label in here.buttons if label in say["button.skip"]][:1]
    if here.kind == "ideas":
        own += [label for label in here.buttons if label in say["page.more"]][:1] or ["«Tilføj en til»"]
        own += [label for label in here.buttons if label.startswith(tuple(say["page.drop"]))][: len(here.ideas)]
    if here.kind == "order":
        for key, most in (("page.up", -1), ("page.down", -1), ("page.out", 0)):
            moving = [
                label for label in here.buttons if any(_pattern(each, key).fullmatch(label) for each in LANGUAGES)
            ]
            own += moving[: len(here.order) + most]
    if not here.kind and not told.buttons:  # words alone: the way back to where one was
        own += [label for label in here.buttons if label in say["button.resume"] | say["page.front"]][:1]
        own += [
            label for label in here.buttons if any(_pattern(each, "page.export").fullmatch(label) for each in LANGUAGES)
        ]
    wanted = [label for label in wanted if label not in kept] + own
    for label in here.buttons:
        if label in wanted:
            wanted.remove(label)
            yield label
    yield from wanted


_OWN = (
    "proposals.as-it-stands",
    "button.undo",
    "button.keep",
    "button.keep-skipped",
    "button.done",
    "button.skip",
    "button.resume",
    "page.next",
    "page.more",
    "page.drop",
    "page.front",
)


def _hello(told: Told, here: Sight) -> list[str]:
    """The front page greets each time."""
    if any(_is(paragraph, "start.hello") for paragraph in told.paragraphs):
        return []
    return [paragraph for paragraph in here.paragraphs if _is(paragraph, "start.hello")][:1] or ["Hej. …"]


def _reviewed(told: Told, here: Sight) -> Iterator[str]:
    for n, line in enumerate(told.review):
        yield _whole(line, here.review[n : n + 1])


def _whole(text: str, shown: list[str]) -> str:
    """A long text is cut in a message and stands whole on a page."""
    if not text.endswith("…"):
        return text
    return next((whole for whole in shown if whole.startswith(text[:-1])), text)


LISTED = re.compile(r"/[a-z]+ – .*(?:\n/[a-z]+ – .*)*")  # the commands, which on pages stand in the menu


def _of_the_menu(paragraph: str) -> list[str]:
    """What a page says in place of a list of commands."""
    heading, _, rest = paragraph.partition("\n")
    if LISTED.fullmatch(paragraph):
        several = texts.say("da", f"help.pages{texts.TO_SEVERAL}")
        return [*(texts.say(language, "help.pages") for language in LANGUAGES), several]
    if LISTED.fullmatch(rest) and _is(heading, "help.leader"):
        return [texts.say(language, "help.leader-pages") for language in LANGUAGES]
    return []


def _one_of(ways: list[str], shown: list[str]) -> str:
    return next((way for way in ways if way in shown), ways[0])
