"""The leader's panel «Høringssvar»: every response with number, time and what became of it; what is in the case;
requests to erase one. Not here: what was answered."""

from __future__ import annotations

from bot import texts
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import ListPage, back, sure
from bot.dialogue.session import Session, load_person
from bot.dialogue.step_status import how_it_came
from bot.features.contacts import service as contacts
from bot.features.hearing import check_panel, service
from bot.texts import names
from storage import erasure_requests, hearing_responses, runs
from storage.encryption_errors import KeyUnavailable
from storage.erasure_requests import ErasureRequest
from storage.hearing_responses import HearingResponse

SHOWN = 10
LONGEST_REASON = 2000
LONGEST_CASE = 60  # characters of a case number


def show(s: Session, args: Args, sent: PanelInput) -> Panel:
    match args:
        case ("side", first):
            return _list(s, first=int(first))
        case ("alle",):
            return _sure_all(s)
        case ("alle", "ja"):
            return _all(s)
        case ("anmodning", request, *what):
            return _request(s, int(request), tuple(what), sent.text)
        case (number, *what) if number.isdecimal():
            return _one(s, int(number), tuple(what), sent.text)
        case _:
            return _list(s)


# --- all of them ------------------------------------------------------------------------------------------


def _list(s: Session, *notes: str, first: int = 0) -> Panel:
    found = hearing_responses.of_process(s.tx, s.plan.process_id)
    waiting = _unanswered(s)
    page = ListPage(found, SHOWN, first)
    unmarked = sum(_is_unmarked(each) for each in found)
    body = (
        texts.count(s.language, "responses.count", len(found)) if found else s.say("responses.none"),
        "\n".join(_line(s, each) for each in page.shown),
    )
    rows = (
        *column(*(Go(s.say("responses.request", number=each.number), f"{AT}/anmodning/{each.id}") for each in waiting)),
        *_in_rows(tuple(Go(s.say("responses.go", number=each.number), f"{AT}/{each.number}") for each in page.shown)),
        *page.turning(lambda place: f"{AT}/side/{place}", s.say("panel.more"), s.say("panel.newer")),
        *(((Go(texts.count(s.language, "responses.all", unmarked), f"{AT}/alle"),),) if unmarked else ()),
        (back(s, "leder"),),
    )
    at = f"{AT}/side/{first}" if first else AT
    return Panel(at=at, title=s.say("lead.hoeringssvar"), body=tuple(filter(None, body)), rows=rows, notes=notes)


def _is_unmarked(response: HearingResponse) -> bool:
    return response.stands and response.journalised_at is None and response.set_aside_at is None


AT = "hoeringssvar"
_TO_A_ROW = 5


def _in_rows(buttons: tuple[Go, ...]) -> tuple[tuple[Go, ...], ...]:
    return tuple(buttons[at : at + _TO_A_ROW] for at in range(0, len(buttons), _TO_A_ROW))


def _unanswered(s: Session) -> list[ErasureRequest]:
    return [each for each in erasure_requests.of_process(s.tx, s.plan.process_id) if each.answered_at is None]


def _line(s: Session, response: HearingResponse) -> str:
    sent = s.say("responses.line", number=response.number, moment=texts.moment(s.language, response.sent_at))
    return " ".join((sent, *_state(s, response)))


def _state(s: Session, response: HearingResponse) -> tuple[str, ...]:
    if response.set_aside_at is not None:
        return (s.say("responses.aside", moment=texts.moment(s.language, response.set_aside_at)),)
    told = [*how_it_came(s, response.run_id)] if response.run_id is not None else []
    if response.withdrawn_at is not None:
        told.append(s.say("responses.withdrawn", moment=texts.moment(s.language, response.withdrawn_at)))
    if response.journalised_at is not None:
        day = texts.day(s.language, response.journalised_at)
        key = "responses.journalised" if response.case_number is None else "responses.journalised-as"
        told.append(s.say(key, day=day, case=response.case_number or ""))
    if response.erased_at is not None:
        told.append(s.say("responses.erased", moment=texts.moment(s.language, response.erased_at)))
    return tuple(told)


def _sure_all(s: Session) -> Panel:
    found = hearing_responses.of_process(s.tx, s.plan.process_id)
    number = sum(_is_unmarked(each) for each in found)
    return sure(
        s,
        f"{AT}/alle",
        s.say("responses.all-sure"),
        (texts.count(s.language, "responses.all-what", number), s.say("responses.journalise-means")),
        s.say("responses.all-yes"),
        f"{AT}/alle/ja",
        AT,
    )


def _all(s: Session) -> Panel:
    number = hearing_responses.mark_all_journalised(s.tx, s.plan.process_id, s.visit.now)
    s.audit("journalised-all", number)
    return _list(s, texts.count(s.language, "responses.all-done", number))


# --- one of them ------------------------------------------------------------------------------------------


def _one(s: Session, number: int, what: Args, typed: str) -> Panel:
    process, now = s.plan.process_id, s.visit.now
    response = hearing_responses.by_number(s.tx, process, number)
    if response is None:
        return _list(s, s.say("panel.gone"))
    if response.set_aside_at is not None:
        return _card(s, number)  # it is used for nothing
    match what:
        case ("sag",) if not typed:
            return _asks_case(s, response)
        case ("sag", *_) if response.stands and response.journalised_at is None:
            case_number = names.on_one_line(typed)[:LONGEST_CASE] or None
            hearing_responses.mark_journalised(s.tx, process, number, now, case_number)
            s.audit("journalised", number)
            return _card(s, number, s.say("panel.saved"))
        case ("ikke",) if response.journalised_at is not None:
            hearing_responses.mark_journalised(s.tx, process, number, None)
            s.audit("journalised-not", number)
            return _card(s, number, s.say("panel.saved"))
        case ("kontakt", "se"):
            s.audit("contacts-response", number)
            return _contact(s, response)
        case ("kontakt",):
            return _contact(s, response)
        case ("kontrol",):
            return _check(s, response, typed)
        case _:
            return _card(s, number)


def _card(s: Session, number: int, *notes: str) -> Panel:
    response = hearing_responses.by_number(s.tx, s.plan.process_id, number)
    if response is None:
        return _list(s, *notes)
    at, request = f"{AT}/{number}", erasure_requests.of_response(s.tx, s.plan.process_id, number)
    rows = []
    if request is not None:
        rows.append(Go(s.say("responses.request", number=number), f"{AT}/anmodning/{request.id}"))
    if response.stands and response.set_aside_at is None:
        journalised = response.journalised_at is not None
        rows.append(
            Go(s.say("responses.not-journalised"), f"{at}/ikke")
            if journalised
            else Go(s.say("responses.journalise"), f"{at}/sag")
        )
        rows.append(Go(s.say("check.title"), f"{at}/kontrol"))
        rows.append(Go(s.say("responses.contact"), f"{at}/kontakt/se"))
    return Panel(
        at=at,
        title=s.say("responses.title", number=number),
        body=(_line(s, response), *_corrected(s, response), *_aside(s, response)),
        rows=column(*rows, back(s, AT)),
        notes=notes,
    )


def _contact(s: Session, response: HearingResponse) -> Panel:
    """Whom to ask about it."""
    at, found = f"{AT}/{response.number}", contacts.of_response(s.tx, s.plan.process_id, response.number)
    told = tuple(each.text for each in found) or (s.say("responses.no-contact"),)
    title = s.say("responses.title", number=response.number)
    return Panel(at=f"{at}/kontakt", title=title, body=told, rows=column(back(s, at)))


def _aside(s: Session, response: HearingResponse) -> tuple[str, ...]:
    return (s.say("responses.aside-means"),) if response.set_aside_at is not None else ()


def _corrected(s: Session, response: HearingResponse) -> tuple[str, ...]:
    """That it has become another since it was sent, or was put in the case."""
    moment = service.corrected_at(s.tx, response) if response.set_aside_at is None else None
    if moment is None:
        return ()
    told = texts.moment(s.language, moment)
    after = response.journalised_at is not None and moment > response.journalised_at
    return (s.say("responses.corrected-after" if after else "responses.corrected", moment=told),)


def _asks_case(s: Session, response: HearingResponse) -> Panel:
    at = f"{AT}/{response.number}"
    return Panel(
        at=f"{at}/sag",
        title=s.say("responses.title", number=response.number),
        body=(s.say("responses.journalise-means"), s.say("responses.case")),
        rows=column(Go(s.say("responses.no-case"), f"{at}/sag/uden"), back(s, at)),
        asks=f"{at}/sag",
        asks_number=True,
        send=s.say("responses.journalise"),
    )


def _check(s: Session, response: HearingResponse, typed: str) -> Panel:
    """The check of a receipt that somebody has shown."""
    run = runs.by_id(s.tx, response.run_id) if response.run_id is not None else None
    if run is None:
        return _card(s, response.number, s.say("panel.gone"))
    try:
        author = load_person(s.tx, s.context, s.visit, run.person_id)
        if author is None:
            return _card(s, response.number, s.say("panel.gone"))
        author.take_up(run)
    except KeyUnavailable:  # its author waits for it; who leads is told
        return _card(s, response.number, s.say("check.damaged"))
    at = f"{AT}/{response.number}"
    if typed:
        s.audit("response-checked", response.number)
    return Panel(
        at=f"{at}/kontrol",
        title=s.say("check.title"),
        body=(s.say("responses.title", number=response.number), s.say("check.how", example=check_panel.EXAMPLE)),
        rows=column(back(s, at)),
        notes=check_panel.repeated(author, typed, s.language),
        asks=f"{at}/kontrol",
        send=s.say("send.check"),
    )


# --- a request to erase one -------------------------------------------------------------------------------


def _request(s: Session, number: int, what: Args, typed: str) -> Panel:
    request = erasure_requests.by_id(s.tx, s.plan.process_id, number)
    if request is None:
        return _list(s, s.say("panel.gone"))
    if request.answered_at is not None:  # perhaps a moment ago, by somebody else
        return _asked(s, request)
    match what:
        case ("slet",):
            return sure(
                s,
                f"{AT}/anmodning/{number}/slet",
                s.say("request.grant-sure", number=request.number),
                (s.say("request.grant-what"),),
                s.say("request.grant-yes"),
                f"{AT}/anmodning/{number}/slet/ja",
                f"{AT}/anmodning/{number}",
            )
        case ("slet", "ja"):
            if service.grant(s.tx, s.plan, request, s.visit.now):
                s.audit("erasure-granted", request.number)
            return _list(s, s.say("request.granted", number=request.number))
        case ("afslag",) if len(typed) > LONGEST_REASON:
            return _refusal(s, request, s.say("request.too-long", most=LONGEST_REASON))
        case ("afslag",) if typed:
            if service.refuse(s.tx, s.plan, request, typed, s.visit.now):
                s.audit("erasure-refused", request.number)
            return _list(s, s.say("request.refused", number=request.number))
        case ("afslag",):
            return _refusal(s, request)
        case _:
            return _asked(s, request)


def _asked(s: Session, request: ErasureRequest) -> Panel:
    at = f"{AT}/anmodning/{request.id}"
    moment = texts.moment(s.language, request.asked_at)
    until = texts.day(s.language, request.asked_at + service.ANSWERED_WITHIN)
    body = [s.say("request.what", number=request.number, moment=moment)]
    rows = []
    if request.answered_at is None:
        body += [s.say("request.until", day=until), s.say("request.told" if request.channel else "request.not-told")]
        rows = [Go(s.say("request.grant"), f"{at}/slet"), Go(s.say("request.refuse"), f"{at}/afslag")]
    else:
        answered = texts.moment(s.language, request.answered_at)
        key = "request.was-granted" if request.granted else "request.was-refused"
        body.append(s.say(key, moment=answered, reason=request.reason))
    title = s.say("responses.request", number=request.number)
    return Panel(at=at, title=title, body=tuple(body), rows=column(*rows, back(s, AT)))


def _refusal(s: Session, request: ErasureRequest, *notes: str) -> Panel:
    at = f"{AT}/anmodning/{request.id}"
    return Panel(
        at=f"{at}/afslag",
        title=s.say("request.refuse"),
        body=(s.say("request.reason"),),
        rows=column(back(s, at)),
        notes=notes,
        asks=f"{at}/afslag",
        send=s.say("request.refuse"),
    )
