"""What the shipped steps are called, by those who answer and by those who lead the work, in Danish."""

from __future__ import annotations

from functools import cache

from bot import texts
from bot.flows.loader import Item
from bot.flows.model import Flow
from bot.process.flows import numbers, shipped_flows
from bot.process.loading import example, parse_file


@cache
def _flows() -> dict[str, Flow]:
    """With a hearing response to treat, which the example has none of."""
    file = parse_file(example(), "example.yaml")
    response = Item(key="svar1", da="Høringssvar 1")
    draft = file.draft.model_copy(update={"responses": (response,)})
    return {flow.flow: flow for flow in shipped_flows(file.model_copy(update={"draft": draft}))}


def asked(flow: str, *, many: bool = False) -> str:
    """`many`: to an association or a council."""
    return _flows()[flow].title.to("da", many=many)


def forms(flow: str) -> tuple[str, ...]:
    """To one, to many and to each group, where that is not the same."""
    own = (title.da for title in _flows()[flow].group_titles.values())
    return tuple(dict.fromkeys((asked(flow), asked(flow, many=True), *own)))


def at_work(flow: str) -> str:
    """`Trin 7. Høring om udkastet (guidens trin 9)`."""
    known = _flows()[flow]
    title, placed = known.title_at_work.da, numbers(known.step)
    if placed.number is None:
        return title
    key = "step.numbered" if placed.guide == placed.number else "step.numbered-guide"
    guide = {} if placed.guide == placed.number else {"guide": placed.guide}
    return texts.say("da", key, number=placed.number, title=title, **guide)
