"""Names that people gave in answers: onto the register, the same as an entry, or left out."""

from __future__ import annotations

from bot import texts
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import back
from bot.dialogue.session import Session
from bot.features.register import service, ties
from bot.texts import names
from storage import register

SHOWN = 10


def show(s: Session, args: Args, sent: PanelInput) -> Panel:
    waiting = service.suggestions(s.tx, s.plan)
    chosen = next((one for one in waiting if args and one.key == args[0]), None)
    if chosen is None:
        rows = [Go(f"{one.name} ({one.times})", f"navne/{one.key}") for one in waiting[:SHOWN]]
        body = (s.say("suggestions.what"),) if waiting else (s.say("suggestions.none"),)
        return Panel(at="navne", title=s.say("suggestions.title"), body=body, rows=column(*rows, back(s, "liste")))
    process = s.plan.process_id
    match args[1:]:
        case ("ny",):
            service.add(s.tx, process, chosen.name, "suggestion", s.visit.now)
        case ("er", number) if register.by_id(s.tx, process, int(number)) is not None:
            ties.same_as(s.tx, process, chosen.key, int(number))
            s.audit("tied", number)
        case ("nej",):
            register.decide(s.tx, process, chosen.key, None)
        case _:
            return _suggested(s, chosen)
    return show(s, (), sent)


def _suggested(s: Session, chosen: service.Suggestion) -> Panel:
    listed = {party.id: party for party in register.of_process(s.tx, s.plan.process_id)}
    alike = names.alike(chosen.name, [(party.id, party.name) for party in listed.values()], 4)
    at = f"navne/{chosen.key}"
    rows = [
        Go(s.say("suggestions.accept"), f"{at}/ny"),
        *(Go(s.say("suggestions.merge", name=listed[number].name), f"{at}/er/{number}") for number in alike),
        Go(s.say("suggestions.drop"), f"{at}/nej"),
        back(s, "navne"),
    ]
    body = (texts.count(s.language, "suggestions.times", chosen.times), s.say("suggestions.public"))
    return Panel(at=at, title=chosen.name, body=body, rows=column(*rows))
