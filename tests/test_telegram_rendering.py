"""From a reply to Telegram's messages and buttons, from a callback back to a tap, and what Telegram's errors mean."""

from __future__ import annotations

import html
import itertools
import json
import re
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot import texts
from bot.channels import terminal
from bot.channels.telegram import errors, render
from bot.channels.telegram.errors import Meaning
from bot.channels.telegram.render import LONGEST_DATA, LONGEST_MESSAGE
from bot.dialogue.reply import Move, Reply, Screen, Tap, Verb, data_of, tap_of
from tests.support.sizes import examples

HOSTILE = "<b>\"Bo\" & 'Ib'</b> <script> &amp; 1 < 2"


def units(text: str) -> int:
    """What Telegram counts: UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def shown(drawn: render.Drawn) -> str:
    """What is left when Telegram has parsed our HTML; nothing but our own tags may be in it."""
    return html.unescape(re.sub(r"</?[bi]>", "", drawn.html))


def labels(keyboard: render.Keyboard | None) -> list[list[tuple[str, str]]]:
    """The rows of buttons, each with its words and its data."""
    return (
        []
        if keyboard is None
        else [[(b["text"], b["callback_data"]) for b in row] for row in keyboard["inline_keyboard"]]
    )


# --- messages ---------------------------------------------------------------------------------------------


def test_notes_then_lead_then_title_then_body_are_paragraphs_of_one_message() -> None:
    reply = Reply(
        language="da",
        screen=Screen.ASK,
        notes=("Tak.", "Gemt."),
        lead="3 af 6",
        title="Hvad?",
        body=("Vælg.", "Eller skriv."),
    )
    assert render.draw(reply) == [
        render.Drawn("Tak.\n\nGemt.\n\n<i>3 af 6</i>\n\n<b>Hvad?</b>\n\nVælg.\n\nEller skriv.")
    ]


def test_everything_that_could_be_markup_is_escaped() -> None:
    escaped = "&lt;b&gt;\"Bo\" &amp; 'Ib'&lt;/b&gt; &lt;script&gt; &amp;amp; 1 &lt; 2"
    reply = Reply(language="da", screen=Screen.ASK, notes=(HOSTILE,), lead=HOSTILE, title=HOSTILE, body=(HOSTILE,))
    assert render.draw(reply) == [
        render.Drawn(f"{escaped}\n\n<i>{escaped}</i>\n\n<b>{escaped}</b>\n\n{escaped}"),
    ]
    assert shown(render.draw(reply)[0]) == "\n\n".join([HOSTILE] * 4)


def test_buttons_say_what_they_say_for_telegram_does_not_parse_them() -> None:
    reply = Reply(
        language="da", screen=Screen.ASK, title="?", moves=((Move(Verb.PICK, HOSTILE, 0),),), number=7, revision=2
    )
    assert labels(render.draw(reply)[0].keyboard) == [[(HOSTILE, "1:7:2:p0")]]


def test_rows_of_buttons_stay_rows_and_an_empty_row_is_left_out() -> None:
    reply = Reply(
        language="da",
        screen=Screen.ASK,
        title="?",
        moves=((Move(Verb.PICK, "Ja", 0), Move(Verb.PICK, "Nej", 1)), (), (Move(Verb.SKIP, "Spring over"),)),
        number=12,
        revision=3,
    )
    assert labels(render.draw(reply)[0].keyboard) == [
        [("Ja", "1:12:3:p0"), ("Nej", "1:12:3:p1")],
        [("Spring over", "1:12:3:s")],
    ]


@pytest.mark.parametrize("moves", [(), ((),)])
def test_without_buttons_there_is_no_keyboard(moves: tuple[tuple[Move, ...], ...]) -> None:
    assert render.draw(Reply(language="da", screen=Screen.TEXT, body=("Hej",), moves=moves)) == [
        render.Drawn("Hej", None)
    ]


def test_the_buttons_stand_under_the_last_message() -> None:
    long = Reply(
        language="da", screen=Screen.REVIEW, body=("a" * 4000, "b" * 4000), moves=((Move(Verb.SEND, "Send"),),)
    )
    first, last = render.draw(long)
    assert (first.html, first.keyboard) == ("a" * 4000, None)
    assert (last.html, labels(last.keyboard)) == ("b" * 4000, [[("Send", "1:0:0:t")]])


# --- long messages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "pieces"),
    [
        (("a" * 4094,), 1),
        (("a" * 4095,), 2),
        (("a" * 2046, "b" * 2046), 1),
        (("a" * 2047, "b" * 2047), 2),
        (("😀" * 2047,), 1),
        (("😀" * 2048,), 2),
        (("æ" * 4094,), 1),
        (("&" * 4094,), 1),  # counted as it is read, not as it is escaped
        (("ord " * 3000,), 3),
    ],
)
def test_a_message_holds_what_telegram_lets_it_hold(body: tuple[str, ...], pieces: int) -> None:
    assert len(render.draw(Reply(language="da", screen=Screen.TEXT, body=body))) == pieces


def test_a_long_paragraph_breaks_at_the_end_of_a_line_or_else_of_a_word() -> None:
    lines = "\n".join(["x" * 99] * 60)
    assert [len(shown(d)) % 100 for d in render.draw(Reply(language="da", screen=Screen.TEXT, body=(lines,)))] == [
        99,
        99,
    ]
    words = " ".join(["ord"] * 2000)
    assert {
        w for d in render.draw(Reply(language="da", screen=Screen.TEXT, body=(words,))) for w in shown(d).split()
    } == {"ord"}


def test_each_piece_of_a_title_is_bold_in_itself() -> None:
    pieces = render.draw(Reply(language="da", screen=Screen.ASK, title="x" * 6000))
    assert [d.html[:3] + d.html[-4:] for d in pieces] == ["<b></b>", "<b></b>"]


LONG = st.one_of(
    st.text(max_size=60),
    st.builds(
        lambda piece, times: piece * times,
        st.text(alphabet='ab<&"æ😀👩‍👧\n \u00a0\u2003', min_size=1, max_size=6),
        st.integers(1, 3000),
    ),
)


@settings(derandomize=True, deadline=None, max_examples=examples(150))
@given(notes=st.lists(LONG, max_size=2), title=st.none() | LONG, body=st.lists(LONG, min_size=1, max_size=4))
def test_no_piece_is_too_long_and_no_letter_is_lost(notes: list[str], title: str | None, body: list[str]) -> None:
    drawn = render.draw(Reply(language="da", screen=Screen.TEXT, notes=tuple(notes), title=title, body=tuple(body)))
    assert [units(shown(d)) for d in drawn if units(shown(d)) > LONGEST_MESSAGE] == []
    told = "".join([*notes, title or "", *body])
    assert "".join("".join(shown(d).split()) for d in drawn) == "".join(told.split())


def test_no_message_is_blank_for_telegram_refuses_it() -> None:
    drawn = render.draw(Reply(language="da", screen=Screen.TEXT, body=("a" * 4094, " " * 5000)))
    assert [d.html for d in drawn if not shown(d).strip()] == []


# --- callback data ----------------------------------------------------------------------------------------


def test_every_button_comes_back_as_the_tap_it_stands_for() -> None:
    wrong = []
    prompts = ((0, 0), (1, 2), (999_999_999, 999_999))
    for verb, place, (number, revision) in itertools.product(Verb, (None, 0, 7, 99, 999), prompts):
        data = data_of(Reply(language="da", screen=Screen.ASK, number=number, revision=revision), Move(verb, "", place))
        if tap_of(data) != Tap(number, revision, verb, place) or len(data.encode()) > LONGEST_DATA:
            wrong.append((verb, place, data))
    assert wrong == []


@pytest.mark.parametrize(
    "data",
    [
        None,
        "",
        "1",
        "1:7:2:",
        "1:7:2:m",
        "1:7:2:P0",
        "2:7:2:p0",
        "1:7:p0",
        "1:7:2:p0 ",
        " 1:7:2:p0",
        "1:7:2:p0\n",
        "1:7:2:p-1",
        "1:-7:2:p0",
        "1:7:2:p1000000000",
        "1:1000000000:2:p0",
        "1:7:1000000:p0",
        "1:7:2:pp",
        "1:٧:2:p0",
        "1:7:2:p²",
        "1:7:2:p0;1:7:2:p1",
        "accept",
        "x" * 64,
    ],
)
def test_what_we_have_not_written_is_no_tap(data: str | None) -> None:
    assert tap_of(data) is None


@settings(derandomize=True)
@given(st.text(max_size=64) | st.from_regex(r"1:\d+:\d+:[a-z]?\d*", fullmatch=True))
def test_whatever_is_taken_for_a_tap_is_exactly_what_we_would_have_written(data: str) -> None:
    tap = tap_of(data)
    if tap is not None:
        place = None if tap.place is None else tap.place
        again = data_of(
            Reply(language="da", screen=Screen.ASK, number=tap.number, revision=tap.revision), Move(tap.verb, "", place)
        )
        assert tap_of(again) == tap
        assert len(again) <= len(data)  # the same but for leading zeros


# --- errors -----------------------------------------------------------------------------------------------


class Answering(BaseRequest):
    """A server that answers every request the same; what is made of it is PTB's own doing."""

    def __init__(self, code: int, answer: bytes) -> None:
        self.code, self.answer = code, answer

    @property
    def read_timeout(self) -> float | None:
        return None

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *timeouts: object, **named: object
    ) -> tuple[int, bytes]:
        return self.code, self.answer


async def error_of(code: int, description: str, **parameters: int) -> TelegramError:
    answer = {"ok": False, "error_code": code, "description": description}
    request = Answering(code, json.dumps(answer | ({"parameters": parameters} if parameters else {})).encode())
    with warnings.catch_warnings(action="ignore"), pytest.raises(TelegramError) as caught:
        await request.post("https://127.0.0.1/botTOKEN/sendMessage")
    return caught.value


@pytest.mark.parametrize(
    ("code", "description", "wanted"),
    [
        (
            400,
            "Bad Request: message is not modified: specified new message content and reply markup are exactly the "
            "same as a current content and reply markup of the message",
            Meaning.DONE,
        ),
        (400, "Bad Request: query is too old and response timeout expired or query ID is invalid", Meaning.DONE),
        (400, "Bad Request: message to edit not found", Meaning.GONE),
        (400, "Bad Request: message can't be edited", Meaning.GONE),
        (400, "Bad Request: MESSAGE_ID_INVALID", Meaning.GONE),
        (400, 'Bad Request: can\'t parse entities: Unsupported start tag "x" at byte offset 0', Meaning.PLAIN),
        (400, "Bad Request: can't parse entities: Can't find end tag corresponding to start tag b", Meaning.PLAIN),
        (400, "Bad Request: chat not found", Meaning.UNREACHABLE),
        (400, "Bad Request: user not found", Meaning.UNREACHABLE),
        (400, "Bad Request: PEER_ID_INVALID", Meaning.UNREACHABLE),
        (400, "Bad Request: message is too long", Meaning.NEVER),
        (400, "Bad Request: MESSAGE_TOO_LONG", Meaning.NEVER),
        (400, "Bad Request: message text is empty", Meaning.NEVER),
        (400, "Bad Request: BUTTON_DATA_INVALID", Meaning.NEVER),
        (400, "Bad Request: message to delete not found", Meaning.NEVER),
        (400, "Bad Request: not enough rights to send text messages to the chat", Meaning.NEVER),
        (403, "Forbidden: bot was blocked by the user", Meaning.UNREACHABLE),
        (403, "Forbidden: user is deactivated", Meaning.UNREACHABLE),
        (403, "Forbidden: bot can't initiate conversation with a user", Meaning.UNREACHABLE),
        (403, "Forbidden: bot can't send messages to bots", Meaning.UNREACHABLE),
        (403, "Forbidden: bot was kicked from the supergroup chat", Meaning.UNREACHABLE),
        (401, "Unauthorized", Meaning.LATER),
        (404, "Not Found", Meaning.LATER),
        (
            409,
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
            Meaning.LATER,
        ),
        (
            409,
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook "
            "first",
            Meaning.LATER,
        ),
        (500, "Internal Server Error: restart", Meaning.LATER),
        (502, "Bad Gateway", Meaning.LATER),
        (504, "Gateway Timeout", Meaning.LATER),
    ],
)
async def test_what_telegrams_errors_mean(code: int, description: str, wanted: Meaning) -> None:
    assert errors.meaning(await error_of(code, description)) is wanted


async def test_too_many_requests_are_for_later() -> None:
    error = await error_of(429, "Too Many Requests: retry after 7", retry_after=7)
    assert errors.meaning(error) is Meaning.LATER


async def test_a_group_that_became_a_supergroup_is_not_written_to_again() -> None:
    error = await error_of(
        400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1001234567890
    )
    assert errors.meaning(error) is Meaning.NEVER


@pytest.mark.parametrize("error", [TimedOut(), NetworkError("httpx.ConnectError"), TelegramError("anything")])
def test_trouble_on_the_way_is_for_later(error: TelegramError) -> None:
    assert errors.meaning(error) is Meaning.LATER


def test_a_heading_that_stands_over_nothing_is_not_lost() -> None:
    notes = ("Brødtekst", texts.Heading("Overskrift"))
    reply = Reply(language="da", screen=Screen.TEXT, notes=notes)
    assert [each.html for each in render.draw(reply)] == ["Brødtekst\n\n<b>Overskrift</b>"]
    assert list(terminal.lines(reply)) == ["Brødtekst", "[bold]Overskrift[/bold]"]
