"""A question's form as it was sent → what the use case takes."""

from __future__ import annotations

from bot.channels.web.form_data import Fields, one, read_values
from bot.dialogue.reply import FormWay
from bot.features.answering.form import QuestionForm
from bot.flows.engine import Filled

_WAYS = {str(way): way for way in FormWay} | {
    "": FormWay.NEXT,
    "pick": FormWay.NEXT,
}  # what else a button does, one stays for


def form_of(fields: Fields, flow: str, question: str) -> QuestionForm:
    pressed, _, which = one(fields, "do").partition(":")
    way = _WAYS.get(pressed, FormWay.STAY)
    takes = int(which) if pressed == "take" and which.isascii() and which.isdecimal() and len(which) <= 9 else None
    now = read_values(fields)
    filled = Filled(now.texts, now.places, done=way in (FormWay.NEXT, FormWay.SKIP))
    return QuestionForm(flow, question, one(fields, "seen"), filled, way, takes=takes)
