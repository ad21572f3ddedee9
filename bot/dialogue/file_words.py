"""The words of the files that people get, in the language of whoever gets them: the one table of what stands above the
columns of answers and contacts, and of what their values are called. Not here: the register, whose headings are read
again (reports.register)."""

from __future__ import annotations

from typing import Final

from bot import texts
from bot.dialogue.acting_as import SOURCES
from bot.dialogue.naming import work_title
from bot.flows.check import THEMES
from bot.flows.model import LANGUAGES, PREFERS_NOT, Group, Language, QuestionKind
from bot.process.flows import numbers
from bot.process.plan import Plan
from reports.answers import BY_THEMSELVES, STATUSES
from reports.cells import Value
from reports.table_words import Column, TableWords

BUCKETS: Final = ("lav", "midt", "hoej", "enig")  # what the choices of shipped questions are counted under together
CHANNELS: Final = ("telegram", "web", "terminal", "link")
TIES: Final = ("said", "link", "entered", "name", "leader")  # how it is known whom an answer is for


def table_words(plan: Plan, language: Language) -> TableWords:
    """Of answers and contacts of the process."""
    say, flows = texts.say, {key: versioned.flow for key, versioned in plan.flows.items()}
    values: dict[str, dict[str, Value]] = {
        Column.STEP: {flow.step: numbers(flow.step).number for flow in flows.values()},
        Column.FLOW: {key: work_title(language, flow) for key, flow in flows.items()},
        Column.KIND: {kind: say(language, f"cell.kind.{kind}") for kind in QuestionKind},
        Column.GROUP: _groups(plan, language),
        Column.SOURCE: {
            BY_THEMSELVES: say(language, "cell.source.self"),
            **{source: say(language, f"entering.source.{source}") for source in SOURCES},
        },
        Column.TIED_BY: {by: say(language, f"cell.tied.{by}") for by in TIES},
        Column.CHANNEL: {channel: say(language, f"cell.channel.{channel}") for channel in CHANNELS},
        Column.LANGUAGE: {each: say(language, f"cell.language.{each}") for each in LANGUAGES},
        Column.CATEGORY: {
            **{theme: say(language, f"theme.{theme}") for theme in THEMES},
            **{bucket: say(language, f"cell.bucket.{bucket}") for bucket in BUCKETS},
        },
        Column.STATUS: {status: say(language, f"cell.status.{status}") for status in STATUSES},
        Column.JOINT: {
            "joint": say(language, "cell.joint.joint"),
            "member": say(language, "cell.joint.member"),
        },
        Column.AREA: {
            PREFERS_NOT: say(language, "not-told"),
            **{area.key: area.label.to(language) for area in plan.file.areas},
        },
    }
    headings = {str(column): say(language, f"column.{column}") for column in Column}
    return TableWords(language=language, headings=headings, values=values)


def _groups(plan: Plan, language: Language) -> dict[str, Value]:
    offered = plan.start_question("group").choices
    return {
        Group.STYREGRUPPE: texts.say(language, "group.steering"),
        **{choice.key: choice.label.to(language) for choice in offered},
    }
