"""The strict local Bot API itself: what it accepts, what it refuses and in which words, what people can do.

Tests of Besyv against it are elsewhere.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from tests.support.botapi import Fault, Limits, LocalBotApi, Person
from tests.support.botapi.entities import CannotParse, parse_html, parse_markdown, utf16_length
from tests.support.botapi.inprocess import InProcessRequest
from tests.support.botapi.methods import Upload, known_methods
from tests.support.patience import PATIENCE
from tests.support.sizes import examples

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def api(clock: Clock) -> LocalBotApi:
    """Without sockets and with the date held."""
    return LocalBotApi(clock=clock)


@pytest.fixture
def anna(api: LocalBotApi) -> Person:
    person = Person(api, "Anna")
    person.starts()
    return person


@pytest.fixture
async def served(clock: Clock) -> AsyncIterator[LocalBotApi]:
    async with LocalBotApi(clock=clock) as api:
        yield api


async def ok(api: LocalBotApi, method: str, **params: Any) -> Any:
    status, answer = await api.call(method, params)
    assert (status, answer["ok"]) == (200, True), answer
    return answer["result"]


async def refused(api: LocalBotApi, method: str, **params: Any) -> tuple[int, str]:
    status, answer = await api.call(method, params)
    assert not answer["ok"], answer
    assert answer["error_code"] == status
    return status, answer["description"]


def inline(*labels: str, data: str | None = None) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": label, "callback_data": data or label.lower()}] for label in labels]}


# Formatted text


@pytest.mark.parametrize(
    ("html", "text", "entities"),
    [
        ("plain", "plain", []),
        ("a &lt;b&gt; &amp; &quot;c&quot; &#248; &#xE5;", 'a <b> & "c" ø å', []),
        ("R&D &nbsp; &", "R&D &nbsp; &", []),
        ("<b>fed</b> <i>skrå</i>", "fed skrå", [("bold", 0, 3), ("italic", 4, 4)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("\N{GRINNING FACE}<u>x</u>", "\N{GRINNING FACE}x", [("underline", 2, 1)]),
        ("<s>a</s><del>b</del><strike>c</strike>", "abc", [("strikethrough", n, 1) for n in range(3)]),
        (
            '<span class="tg-spoiler">a</span><tg-spoiler>b</tg-spoiler>',
            "ab",
            [("spoiler", 0, 1), ("spoiler", 1, 1)],
        ),
        ("<blockquote>a</blockquote>", "a", [("blockquote", 0, 1)]),
        ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
        ('<a href="https://k.dk/?a=1&amp;b=2">her</a>', "her", [("text_link", 0, 3)]),
        ('<pre><code class="language-python">x</code></pre>', "x", [("pre", 0, 1)]),
        ("<B>x</>", "x", [("bold", 0, 1)]),
        ("<b></b>", "", []),
    ],
)
def test_html_becomes_text_and_entities(html: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    parsed, found, _ = parse_html(html)
    assert parsed == text
    assert [(each["type"], each["offset"], each["length"]) for each in found] == entities


def test_html_keeps_the_address_of_a_link_and_the_language_of_code() -> None:
    _, found, _ = parse_html('<a href="https://k.dk/?a=1&amp;b=2">her</a>')
    assert found[0]["url"] == "https://k.dk/?a=1&b=2"
    _, found, _ = parse_html('<pre><code class="language-python">x</code></pre>')
    assert found[0]["language"] == "python"


@pytest.mark.parametrize(
    ("html", "wrong"),
    [
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("a <b", "Unclosed start tag at byte offset 2"),
        ("å <br> b", 'Unsupported start tag "br" at byte offset 3'),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ('<span class="x">a</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        (
            "<a href>x</a>",
            'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0',
        ),
        ("<a href=https://k.dk>x</a>", "Unexpected end of name token at byte offset 8"),
        ('<a href="x>y</a>', "Unclosed start tag at byte offset 0"),
        ('<a ="x">y</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
        ('<tg-emoji emoji-id="x">a</tg-emoji>', "Invalid custom emoji identifier specified"),
        (
            "&#xD83D;",
            "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched "
            "surrogate code units",
        ),
    ],
)
def test_broken_html_is_refused_in_telegrams_words(html: str, wrong: str) -> None:
    with pytest.raises(CannotParse) as refusal:
        parse_html(html)
    assert str(refusal.value) == wrong


@given(st.text())
def test_any_text_survives_escaping(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert parse_html(escaped)[0] == text


@given(st.text(alphabet="<>/&;=\"' ab#x1", max_size=30))
def test_html_parsing_ends_with_text_or_a_refusal(text: str) -> None:
    try:
        plain, entities, _ = parse_html(text)
    except CannotParse:
        return
    assert all(each["offset"] >= 0 and each["offset"] + each["length"] <= utf16_length(plain) for each in entities)


@given(st.text(alphabet="*_[]()~`|\\.!ab \n>", max_size=30), st.sampled_from([1, 2]))
def test_markdown_parsing_ends_with_text_or_a_refusal(text: str, version: int) -> None:
    try:
        parse_markdown(text, version)
    except CannotParse:
        return


def test_markdown_v2_wants_reserved_characters_escaped() -> None:
    assert parse_markdown(r"*fed* _skrå_ 1\.", 2)[0] == "fed skrå 1."
    with pytest.raises(CannotParse, match=r"Character '\.' is reserved and must be escaped"):
        parse_markdown("1.", 2)
    with pytest.raises(CannotParse, match="Can't find end of Bold entity at byte offset 0"):
        parse_markdown("*fed", 2)
    with pytest.raises(CannotParse, match="Can't find end of the entity starting at byte offset 2"):
        parse_markdown("a _b", 1)


# Sending


async def test_a_sent_message_is_parsed_stored_and_shown(api: LocalBotApi, anna: Person) -> None:
    message = await ok(
        api,
        "sendMessage",
        chat_id=anna.id,
        text=" <b>Hej</b> Anna ",
        parse_mode="HTML",
        reply_markup=inline("Ja"),
    )
    assert message["text"] == "Hej Anna"
    assert message["entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    assert message["from"]["is_bot"] is True
    assert message["date"] == 1_800_000_000
    assert str(anna.last) == "Hej Anna\n[Ja]"
    assert anna.buttons == ["Ja"]


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"text": ""}, "Bad Request: message text is empty"),
        ({}, "Bad Request: message text is empty"),
        ({"text": " \n "}, "Bad Request: text must be non-empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "Bad Request: text must be non-empty"),
        ({"text": "x" * 4097}, "Bad Request: message is too long"),
        ({"text": "\N{GRINNING FACE}" * 2049}, "Bad Request: message is too long"),
        ({"text": "x" * 32769}, "Bad Request: text is too long"),
        (
            {"text": "a <br>", "parse_mode": "html"},
            'Bad Request: can\'t parse entities: Unsupported start tag "br" at byte offset 2',
        ),
        ({"text": "a", "parse_mode": "BBCode"}, "Bad Request: unsupported parse_mode"),
        ({"text": "a", "chat_id": 12345}, "Bad Request: chat not found"),
        ({"text": "a", "chat_id": ""}, "Bad Request: chat_id is empty"),
        ({"text": "a", "reply_markup": "{"}, "Bad Request: can't parse reply keyboard markup JSON object"),
        ({"text": "a", "reply_markup": "[]"}, "Bad Request: object expected as reply markup"),
        ({"text": "a", "reply_markup": inline("A", data="x" * 65)}, "Bad Request: BUTTON_DATA_INVALID"),
        ({"text": "a", "reply_markup": inline("A", data="å" * 33)}, "Bad Request: BUTTON_DATA_INVALID"),
        (
            {"text": "a", "reply_markup": inline(" ")},
            "Bad Request: inline keyboard button text must be non-empty",
        ),
        (
            {"text": "a", "reply_markup": {"inline_keyboard": [[{"text": "A"}]]}},
            "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "a", "reply_markup": {"inline_keyboard": [[{"callback_data": "A"}]]}},
            "Bad Request: can't parse inline keyboard button: Can't find field \"text\"",
        ),
        (
            {"text": "a", "reply_markup": {"inline_keyboard": [{"text": "A", "callback_data": "a"}]}},
            'Bad Request: field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
        ),
        ({"text": "a", "reply_markup": inline(*"A" * 101)}, "Bad Request: reply markup is too long"),
        (
            {"text": "a", "reply_markup": {"inline_keyboard": [[{"text": "A", "callback_data": "a"}] * 9]}},
            "Bad Request: reply markup is too long",
        ),
        (
            {"text": "a", "reply_markup": inline(*["Æ" * 40] * 90, data="x" * 64)},
            "Bad Request: reply markup is too long",
        ),
        (
            {"text": "a", "reply_markup": {"keyboard": [[""]]}},
            "Bad Request: keyboard button text must be non-empty",
        ),
        (
            {"text": "a", "reply_parameters": {"message_id": 999}},
            "Bad Request: message to be replied not found",
        ),
    ],
)
async def test_what_telegram_refuses_is_refused_in_its_words(
    api: LocalBotApi, anna: Person, params: dict[str, Any], description: str
) -> None:
    assert await refused(api, "sendMessage", **{"chat_id": anna.id, **params}) == (400, description)
    assert len(anna.sees()) == 1


async def test_the_longest_allowed_is_allowed(api: LocalBotApi, anna: Person) -> None:
    await ok(
        api,
        "sendMessage",
        chat_id=anna.id,
        text="<b>" + "\N{GRINNING FACE}" * 2048 + "</b>",
        parse_mode="HTML",
    )
    await ok(api, "sendMessage", chat_id=anna.id, text="x", reply_markup=inline("A", data="x" * 64))
    assert api.violations == []


async def test_an_unstarted_an_unknown_and_a_blocking_person_cannot_be_written_to(api: LocalBotApi) -> None:
    bo = Person(api, "Bo")
    assert await refused(api, "sendMessage", chat_id=bo.id, text="a") == (400, "Bad Request: chat not found")
    bo.says_in_group(api.group("Styregruppe"), "/hej")
    assert await refused(api, "sendMessage", chat_id=bo.id, text="a") == (
        403,
        "Forbidden: bot can't initiate conversation with a user",
    )
    bo.starts("kode")
    await ok(api, "sendMessage", chat_id=bo.id, text="a")
    bo.blocks()
    assert await refused(api, "sendMessage", chat_id=bo.id, text="a") == (
        403,
        "Forbidden: bot was blocked by the user",
    )
    bo.unblocks()
    await ok(api, "sendMessage", chat_id=bo.id, text="b")
    bo.leaves_telegram()
    assert await refused(api, "sendMessage", chat_id=bo.id, text="a") == (
        403,
        "Forbidden: user is deactivated",
    )
    updates = await ok(api, "getUpdates")
    statuses = [each["my_chat_member"]["new_chat_member"]["status"] for each in updates if "my_chat_member" in each]
    assert statuses == ["kicked", "member"]


async def test_an_upgraded_group_tells_where_it_went(api: LocalBotApi) -> None:
    old = api.group("Styregruppe", kind="group")
    new = api.migrate(old)
    status, answer = await api.call("sendMessage", {"chat_id": old, "text": "a"})
    assert (status, answer["parameters"]) == (400, {"migrate_to_chat_id": new})
    assert answer["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    await ok(api, "sendMessage", chat_id=new, text="a")
    await ok(api, "leaveChat", chat_id=new)
    assert await refused(api, "sendMessage", chat_id=new, text="a") == (
        403,
        "Forbidden: bot is not a member of the supergroup chat",
    )


async def test_carelessness_is_recorded_even_where_telegram_is_lenient(api: LocalBotApi, anna: Person) -> None:
    await ok(
        api,
        "sendMessage",
        chat_id=anna.id,
        text="a&nbsp;b",
        parse_mode="HTML",
        colour="red",
        protect_content="ja",
    )
    assert [str(each) for each in api.violations] == [
        'sendMessage: unknown parameter "colour"',
        'sendMessage: parameter "protect_content" must be of type bool',
        "sendMessage: &nbsp; is not decoded by Telegram and is shown as it stands",
    ]
    assert await refused(api, "sendTelegram") == (404, "Not Found: method not found")


async def test_reply_keyboards_stay_until_removed(api: LocalBotApi, anna: Person) -> None:
    keyboard = {
        "keyboard": [["Ja", {"text": "Mit nummer", "request_contact": True}]],
        "resize_keyboard": True,
    }
    message = await ok(api, "sendMessage", chat_id=anna.id, text="?", reply_markup=json.dumps(keyboard))
    assert "reply_markup" not in message
    anna.taps("Ja")
    anna.taps("Mit nummer")
    *_, yes, contact = await ok(api, "getUpdates")
    assert yes["message"]["text"] == "Ja"
    assert contact["message"]["contact"]["user_id"] == anna.id
    await ok(api, "sendMessage", chat_id=anna.id, text="tak", reply_markup={"remove_keyboard": True})
    with pytest.raises(AssertionError, match="sees no button 'Ja'; visible: \\[\\]"):
        anna.taps("Ja")


# Editing, deleting, answering


async def test_editing_changes_the_message_and_says_when_nothing_changes(api: LocalBotApi, anna: Person) -> None:
    sent = await ok(api, "sendMessage", chat_id=anna.id, text="En", reply_markup=inline("A"))
    where = {"chat_id": anna.id, "message_id": sent["message_id"]}
    assert await refused(api, "editMessageText", **where, text="En", reply_markup=inline("A")) == (
        400,
        NOT_MODIFIED,
    )
    assert await refused(api, "editMessageReplyMarkup", **where, reply_markup=inline("A")) == (
        400,
        NOT_MODIFIED,
    )
    edited = await ok(api, "editMessageText", **where, text="<b>En</b>", parse_mode="HTML")
    assert edited["entities"][0]["type"] == "bold"
    assert "reply_markup" not in edited
    assert anna.last.edited
    assert await refused(api, "editMessageText", **where, text="<b>En</b>", parse_mode="HTML") == (
        400,
        NOT_MODIFIED,
    )


async def test_only_ones_own_existing_text_with_no_reply_keyboard_can_be_edited(api: LocalBotApi, anna: Person) -> None:
    mine = anna.says("hej")
    keyboard = await ok(api, "sendMessage", chat_id=anna.id, text="?", reply_markup={"keyboard": [["A"]]})
    plain = await ok(api, "sendMessage", chat_id=anna.id, text="?")
    await api.call("sendDocument", {"chat_id": anna.id}, {"document": Upload("a.txt", b"a", "text/plain")})

    async def edit(message_id: int, **params: Any) -> str:
        _, description = await refused(
            api, "editMessageText", chat_id=anna.id, message_id=message_id, text="ny", **params
        )
        return description

    assert await edit(mine) == "Bad Request: message can't be edited"
    assert await edit(keyboard["message_id"]) == "Bad Request: message can't be edited"
    assert await edit(999) == "Bad Request: message to edit not found"
    assert await edit(0) == "Bad Request: message identifier is not specified"
    assert await edit(anna.last.id) == "Bad Request: there is no text in the message to edit"
    assert (
        await edit(plain["message_id"], reply_markup={"keyboard": [["A"]]}) == "Bad Request: inline keyboard expected"
    )


async def test_deleting(api: LocalBotApi, anna: Person, clock: Clock) -> None:
    first = await ok(api, "sendMessage", chat_id=anna.id, text="a")
    second = await ok(api, "sendMessage", chat_id=anna.id, text="b")
    await ok(api, "deleteMessage", chat_id=anna.id, message_id=first["message_id"])
    assert await refused(api, "deleteMessage", chat_id=anna.id, message_id=first["message_id"]) == (
        400,
        "Bad Request: message to delete not found",
    )
    clock.now += 48 * 3600
    assert await refused(api, "deleteMessage", chat_id=anna.id, message_id=second["message_id"]) == (
        400,
        "Bad Request: message can't be deleted for everyone",
    )


async def test_a_tap_must_be_answered_within_150_seconds(api: LocalBotApi, anna: Person, clock: Clock) -> None:
    await ok(api, "sendMessage", chat_id=anna.id, text="?", reply_markup=inline("Ja", "Nej"))
    in_time = anna.taps("Ja")
    clock.now += 150
    await ok(api, "answerCallbackQuery", callback_query_id=in_time, text="Gemt", show_alert=True)
    assert [(toast.text, toast.alert) for toast in anna.toasts] == [("Gemt", True)]
    late = anna.taps("Nej")
    clock.now += 151
    assert await refused(api, "answerCallbackQuery", callback_query_id=late) == (400, TOO_OLD)
    assert await refused(api, "answerCallbackQuery", callback_query_id="77") == (400, TOO_OLD)
    assert await refused(api, "answerCallbackQuery", callback_query_id=in_time, text="x" * 201) == (
        400,
        "Bad Request: MESSAGE_TOO_LONG",
    )
    assert [tap.data for tap in api.unanswered_callbacks()] == ["nej"]


# Files, commands, descriptions


async def test_files_go_both_ways(served: LocalBotApi) -> None:
    anna = Person(served, "Anna")
    anna.starts()
    async with aiohttp.ClientSession() as session:
        form = aiohttp.FormData()
        form.add_field("chat_id", str(anna.id))
        form.add_field("caption", "Svar <b>samlet</b>")
        form.add_field("parse_mode", "HTML")
        form.add_field("document", b"a;b\r\n", filename="svar.csv", content_type="text/csv")
        async with session.post(f"{served.base_url}{served.token}/sendDocument", data=form) as answer:
            sent = (await answer.json())["result"]
        assert (anna.document, anna.last.document, anna.last.text) == (b"a;b\r\n", "svar.csv", "Svar samlet")
        file = await ok(served, "getFile", file_id=sent["document"]["file_id"])
        async with session.get(f"{served.base_file_url}{served.token}/{file['file_path']}") as answer:
            assert await answer.read() == b"a;b\r\n"
        async with session.get(f"{served.base_file_url}1:wrong/{file['file_path']}") as answer:
            assert answer.status == 401
    again = await ok(served, "sendDocument", chat_id=anna.id, document=sent["document"]["file_id"])
    assert again["document"]["file_name"] == "svar.csv"


async def test_files_are_checked(api: LocalBotApi, anna: Person) -> None:
    async def send(method: str, content: bytes) -> tuple[int, str]:
        kind = method.removeprefix("send").lower()
        status, answer = await api.call(
            method, {"chat_id": anna.id, kind: "attach://a"}, {"a": Upload("a", content, "x/y")}
        )
        return status, answer["description"]

    big = bytes((10 << 20) + 1)
    assert await send("sendPhoto", big) == (
        400,
        "Bad Request: file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes",
    )
    assert await send("sendDocument", b"") == (400, "Bad Request: file must be non-empty")
    assert await send("sendDocument", bytes((50 << 20) + 1)) == (413, "Request Entity Too Large")
    assert await refused(api, "sendDocument", chat_id=anna.id) == (
        400,
        "Bad Request: there is no document in the request",
    )
    assert await refused(api, "sendDocument", chat_id=anna.id, caption="x" * 1025) == (
        400,
        "Bad Request: message caption is too long",
    )
    anna.sends_document(bytes((20 << 20) + 1), "stor.pdf")
    update = (await ok(api, "getUpdates"))[-1]
    assert await refused(api, "getFile", file_id=update["message"]["document"]["file_id"]) == (
        400,
        "Bad Request: file is too big",
    )
    assert await refused(api, "getFile", file_id="x") == (
        400,
        "Bad Request: wrong file_id or the file is temporarily unavailable",
    )


async def test_commands_are_kept_per_scope_and_language(api: LocalBotApi, anna: Person) -> None:
    danish = [{"command": "hjaelp", "description": "Få hjælp"}]
    await ok(api, "setMyCommands", commands=danish)
    await ok(api, "setMyCommands", commands=json.dumps([]), language_code="en")
    await ok(api, "setMyCommands", commands=danish * 2, scope={"type": "chat", "chat_id": anna.id})
    assert await ok(api, "getMyCommands") == danish
    assert await ok(api, "getMyCommands", language_code="en") == []
    assert len(await ok(api, "getMyCommands", scope={"type": "chat", "chat_id": anna.id})) == 2
    await ok(api, "deleteMyCommands")
    assert await ok(api, "getMyCommands") == []


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"commands": [{"command": "Hjælp", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "/a", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "a", "description": ""}]}, "command description must be non-empty"),
        (
            {"commands": [{"command": "a", "description": "x" * 257}]},
            "command description length must not exceed 256",
        ),
        ({"commands": [{"command": "a"}]}, "can't parse BotCommand: Can't find field \"description\""),
        ({"commands": [{"command": "a", "description": "x"}] * 101}, "BOT_COMMANDS_TOO_MUCH"),
        ({"commands": "{}"}, "expected an Array of BotCommand"),
        ({"commands": [], "language_code": "dan"}, "invalid language code specified"),
        (
            {"commands": [], "scope": {"type": "all"}},
            "can't parse BotCommandScope: Unsupported type specified",
        ),
        ({"commands": [], "scope": {"type": "chat", "chat_id": 5}}, "chat not found"),
    ],
)
async def test_wrong_commands_are_refused(api: LocalBotApi, params: dict[str, Any], description: str) -> None:
    assert await refused(api, "setMyCommands", **params) == (400, f"Bad Request: {description}")


async def test_descriptions_fall_back_to_the_default_language(api: LocalBotApi) -> None:
    await ok(api, "setMyDescription", description="Om frivillighed")
    await ok(api, "setMyShortDescription", short_description="Kort", language_code="en")
    assert await ok(api, "getMyDescription", language_code="en") == {"description": "Om frivillighed"}
    assert await ok(api, "getMyShortDescription") == {"short_description": ""}
    assert await ok(api, "getMyName") == {"name": "Besyv"}
    status, _ = await refused(api, "setMyShortDescription", short_description="x" * 121)
    assert status == 400


# Receiving


async def texts(api: LocalBotApi, **params: Any) -> list[str]:
    return [update["message"]["text"] for update in await ok(api, "getUpdates", **params)]


async def test_updates_come_again_until_a_higher_offset_confirms_them(api: LocalBotApi, anna: Person) -> None:
    anna.says("en")
    anna.says("to")
    assert await texts(api, limit=2) == ["/start", "en"]
    assert await texts(api) == ["/start", "en", "to"]
    first, second, _ = [update["update_id"] for update in await ok(api, "getUpdates")]
    assert second == first + 1
    assert await texts(api, offset=second) == ["en", "to"]
    assert await texts(api, offset=0) == ["en", "to"]
    assert await texts(api, offset=-1) == ["to"]
    assert await texts(api) == ["to"]
    assert await texts(api, offset=second + 1000) == ["to"], "a stale offset confirms nothing"


async def test_a_waiting_poll_is_woken_by_an_update(api: LocalBotApi, anna: Person) -> None:
    last = (await ok(api, "getUpdates"))[-1]["update_id"]
    poll = asyncio.create_task(ok(api, "getUpdates", offset=last + 1, timeout=50))
    await asyncio.sleep(0)
    anna.says("nu")
    async with asyncio.timeout(PATIENCE):
        assert [update["message"]["text"] for update in await poll] == ["nu"]


async def test_the_older_of_two_pollers_is_turned_away(api: LocalBotApi, anna: Person) -> None:
    last = (await ok(api, "getUpdates"))[-1]["update_id"]
    older = asyncio.create_task(api.call("getUpdates", {"offset": last + 1, "timeout": 50}))
    await asyncio.sleep(0)
    newer = asyncio.create_task(api.call("getUpdates", {"offset": last + 1, "timeout": 50}))
    status, answer = await older
    assert (status, answer["description"]) == (
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )
    anna.says("til den nye")
    assert (await newer)[1]["result"][0]["message"]["text"] == "til den nye"
    assert [str(each) for each in api.violations] == ["getUpdates: two getUpdates at the same time"]


async def test_a_poller_that_was_killed_is_not_a_second_poller(served: LocalBotApi) -> None:
    url = f"{served.base_url}{served.token}/getUpdates"
    async with aiohttp.ClientSession() as killed:
        poll = asyncio.create_task(killed.post(url, data={"timeout": "50"}))
        async with asyncio.timeout(PATIENCE):
            while served.calls("getUpdates") == 0:  # noqa: ASYNC110  # nothing tells when a poll begins
                await asyncio.sleep(0)
        poll.cancel()
    async with aiohttp.ClientSession() as restarted:
        anna = Person(served)
        anna.starts()
        async with restarted.post(url, data={"timeout": "50"}) as answer:
            assert len((await answer.json())["result"]) == 1
    assert served.violations == []


async def test_taps_expire_after_150_seconds_and_messages_after_24_hours(
    api: LocalBotApi, anna: Person, clock: Clock
) -> None:
    await ok(api, "sendMessage", chat_id=anna.id, text="?", reply_markup=inline("Ja"))
    anna.taps("Ja")
    anna.says("gammel", date=clock.now - 80_000)
    clock.now += 149
    assert ["callback_query" in each for each in await ok(api, "getUpdates")] == [False, True, False]
    clock.now += 1
    assert await texts(api) == ["/start", "gammel"]
    clock.now += 86_400 - 80_000 - 150
    assert await texts(api) == ["/start"]
    clock.now += 86_400
    assert api.waiting_updates() == []


async def test_allowed_updates_stay_as_they_were_last_set(api: LocalBotApi, anna: Person) -> None:
    await ok(api, "getUpdates", allowed_updates=["message"])
    anna.edits("/start", "/start igen")
    await ok(api, "getUpdates")
    anna.edits("/start igen", "/start")
    assert ["message" in each for each in api.waiting_updates()] == [True]
    await ok(api, "getUpdates", allowed_updates="[]")
    anna.edits("/start", "/start x")
    assert [each["edited_message"]["text"] for each in api.waiting_updates() if "edited_message" in each] == [
        "/start x"
    ]


async def test_ids_may_jump_lower_after_a_silent_week(api: LocalBotApi, anna: Person) -> None:
    last = (await ok(api, "getUpdates"))[-1]["update_id"]
    await ok(api, "getUpdates", offset=last + 1)
    api.jump_update_id(17)
    anna.says("efter ferien")
    assert [each["update_id"] for each in await ok(api, "getUpdates", offset=last + 1)] == [17]


async def test_poison_and_repetition_can_be_handed_out(api: LocalBotApi, anna: Person) -> None:
    (start,) = await ok(api, "getUpdates")
    await ok(api, "getUpdates", offset=start["update_id"] + 1)
    api.push_raw_update({"message": {"date": "i går"}})
    api.repeat_update(start)
    poison, again = await ok(api, "getUpdates")
    assert poison["message"] == {"date": "i går"}
    assert again == start


# Limits


async def test_a_chat_takes_a_short_burst_and_then_one_a_second() -> None:
    clock = Clock()
    api = LocalBotApi(limits=Limits(clock=clock))
    anna = Person(api)
    anna.starts()
    for _ in range(5):
        await ok(api, "sendMessage", chat_id=anna.id, text="a")
    status, answer = await api.call("sendMessage", {"chat_id": anna.id, "text": "a"})
    assert (status, answer["parameters"], answer["description"]) == (
        429,
        {"retry_after": 1},
        "Too Many Requests: retry after 1",
    )
    assert str(api.violations[0]) == f"sendMessage: too many messages (chat {anna.id}), retry after 1"
    await ok(api, "sendChatAction", chat_id=anna.id, action="typing")
    clock.now += 1
    await ok(api, "editMessageText", chat_id=anna.id, message_id=anna.last.id, text="b")
    assert (await refused(api, "editMessageText", chat_id=anna.id, message_id=anna.last.id, text="c"))[0] == 429


async def test_all_chats_together_take_thirty_a_second_and_a_group_twenty_a_minute() -> None:
    clock = Clock()
    api = LocalBotApi(limits=Limits(clock=clock))
    people = [Person(api, f"P{number}") for number in range(31)]
    for person in people[:30]:
        person.starts()
        await ok(api, "sendMessage", chat_id=person.id, text="a")
    people[30].starts()
    assert (await refused(api, "sendMessage", chat_id=people[30].id, text="a"))[0] == 429
    clock.now += 1
    group = api.group("Styregruppe")
    for _ in range(20):
        await ok(api, "sendMessage", chat_id=group, text="a")
    clock.now += 2
    status, answer = await api.call("sendMessage", {"chat_id": group, "text": "a"})
    assert (status, answer["parameters"]) == (429, {"retry_after": 58})


async def test_limits_can_be_off() -> None:
    api = LocalBotApi(limits=Limits(off=True), keep_last=3)
    anna = Person(api)
    anna.starts()
    for number in range(100):
        await ok(api, "sendMessage", chat_id=anna.id, text=str(number))
    assert [seen.text for seen in anna.sees()] == ["97", "98", "99"]


# People


async def test_a_person_taps_only_what_is_there_but_can_forge(api: LocalBotApi, anna: Person) -> None:
    sent = await ok(api, "sendMessage", chat_id=anna.id, text="?", reply_markup=inline("Ja", "Nej"))
    with pytest.raises(AssertionError, match="sees no button 'Måske'; visible: \\['Ja', 'Nej'\\]"):
        anna.taps("Måske")
    anna.taps("Ja")
    await ok(api, "editMessageText", chat_id=anna.id, message_id=sent["message_id"], text="Tak")
    with pytest.raises(AssertionError):
        anna.taps("Ja")
    anna.forges("v1:andens:1")
    anna.forges("v1:x:1", message_id=12345)
    _, tap, forged, gone = await ok(api, "getUpdates")
    assert tap["callback_query"]["data"] == "ja"
    assert tap["callback_query"]["message"]["text"] == "?", "an update shows the message as it was"
    assert forged["callback_query"]["data"] == "v1:andens:1"
    assert gone["callback_query"]["message"]["date"] == 0
    assert Update.de_list([tap, forged, gone], None)[2].callback_query is not None


async def test_a_client_splits_long_texts(api: LocalBotApi, anna: Person) -> None:
    with pytest.raises(ValueError, match="at most 4096"):
        anna.says("x" * 4097)
    anna.says("x" * 4095 + "\N{GRINNING FACE}y", split=True)
    assert [utf16_length(text) for text in (await texts(api))[1:]] == [4095, 3]


async def test_everything_a_person_sends_can_be_parsed(api: LocalBotApi, anna: Person) -> None:
    anna.says("Se https://k.dk/x?y=1 @nogen #frivillig a@b.dk")
    anna.sends_photo(caption="Foto")
    anna.sends_voice()
    anna.sends_sticker()
    anna.sends_document()
    anna.sends_poll()
    anna.sends_location()
    anna.sends_contact(own=False)
    anna.forwards("fra en anden")
    anna.edits("fra en anden", "rettet")
    anna.says("svar", reply_to=anna.says("først"))
    anna.blocks()
    anna.unblocks()
    updates = Update.de_list(await ok(api, "getUpdates"), None)
    assert len(updates) == 15
    kinds = [entity.type for entity in updates[1].message.entities]  # type: ignore[union-attr]  # it is a message
    assert kinds == ["url", "mention", "hashtag", "email"]


async def test_a_bot_in_a_group_hears_only_what_is_meant_for_it(api: LocalBotApi, anna: Person) -> None:
    group = api.group("Styregruppe", added_by=anna.user)
    anna.says_in_group(group, "snak")
    anna.says_in_group(group, "/start@en_anden_bot")
    anna.says_in_group(group, "/start")
    anna.says_in_group(group, "hør @besyv_lokal_bot")
    sent = await ok(api, "sendMessage", chat_id=group, text="?")
    anna.says_in_group(group, "svar", reply_to=sent["message_id"])
    _, added, *heard = await ok(api, "getUpdates")
    assert "my_chat_member" in added
    assert [each["message"]["text"] for each in heard] == ["/start", "hør @besyv_lokal_bot", "svar"]


async def test_reading_waits_for_the_bot_and_shows_the_screen_when_it_stays_silent(
    api: LocalBotApi, anna: Person
) -> None:
    reading = asyncio.create_task(anna.reads())
    await asyncio.sleep(0)
    await ok(api, "sendMessage", chat_id=anna.id, text="en")
    await ok(api, "sendMessage", chat_id=anna.id, text="to")
    assert [seen.text for seen in await reading] == ["en", "to"]
    with pytest.raises(TimeoutError, match="screen:\n> /start\nen\nto"):
        await anna.reads(timeout=0.02)
    await anna.reads_nothing(for_seconds=0.02)
    await ok(api, "editMessageText", chat_id=anna.id, message_id=anna.last.id, text="tre")
    assert [(seen.text, seen.edited) for seen in await anna.reads(until="tre")] == [("tre", True)]


async def test_a_hook_sees_what_the_bot_sends_and_may_react_at_once(api: LocalBotApi, anna: Person) -> None:
    def react(chat_id: int, message: dict[str, Any]) -> None:
        if message["text"] == "Hvad hedder du?":
            anna.says("Anna")

    api.on_send = react
    await ok(api, "sendMessage", chat_id=anna.id, text="Hvad hedder du?")
    assert await texts(api) == ["/start", "Anna"]


async def test_polls_are_voted_in(api: LocalBotApi, anna: Person) -> None:
    poll = {"chat_id": anna.id, "question": "Hvornår?", "options": ["mandag", {"text": "tirsdag"}]}
    await ok(api, "sendPoll", **poll, is_anonymous=False)
    with pytest.raises(AssertionError, match="the options are"):
        anna.votes("onsdag")
    anna.votes("tirsdag")
    _, update = await ok(api, "getUpdates")
    assert update["poll_answer"]["option_ids"] == [1]
    assert Update.de_json(update, None).poll_answer is not None
    assert (await ok(api, "stopPoll", chat_id=anna.id, message_id=anna.last.id))["is_closed"] is True
    assert await refused(api, "sendPoll", **{**poll, "options": ["x"] * 13}) == (
        400,
        "Bad Request: poll can't have more than 12 options",
    )


async def test_a_dialogue_can_be_read_as_a_transcript(api: LocalBotApi) -> None:
    anna = Person(api)
    anna.starts()
    sent = await ok(api, "sendMessage", chat_id=anna.id, text="Er du med?", reply_markup=inline("Ja", "Nej"))
    await anna.reads()
    tap = anna.taps("Ja")
    await ok(api, "answerCallbackQuery", callback_query_id=tap, text="Gemt")
    await ok(api, "editMessageText", chat_id=anna.id, message_id=sent["message_id"], text="Tak")
    await anna.reads()
    anna.sends_voice()
    anna.forges("x:1")
    transcript = """\
> /start
Er du med?
[Ja]
[Nej]
* Ja
~ Tak
(Gemt)
> <voice>
! x:1"""
    assert anna.transcript() == transcript


JUNK = st.sampled_from(
    json.loads("""[null, "", "x", "-1", "7", 0, 1, -5, 100000000000000000000, 1.5, true, [], {}, [[]], [{}],
    [1, "a"], {"a": 1}, "{", "[[1]]", ["a"], [null], {"inline_keyboard": [[1]]}, {"inline_keyboard": 3},
    {"inline_keyboard": [[{"text": 1}]]}, {"inline_keyboard": [[{"text": "a", "callback_data": 5}]]},
    {"inline_keyboard": [[{"text": "a", "url": 5}]]}, {"keyboard": [[1]]}, {"keyboard": [[{"text": 2}]]},
    {"keyboard": 1}, {"force_reply": true, "input_field_placeholder": 4}, {"remove_keyboard": true},
    {"message_id": []}, {"message_id": "2"}, {"type": []}, {"type": "chat", "chat_id": []}, {"type": "chat"},
    [{"command": "a"}], [{"type": "bold", "offset": 0, "length": 1}], "{\\"inline_keyboard\\": [[1]]}",
    "\\ud83d", {"keyboard": [["\\ud83d"]]},
    {"inline_keyboard": [[{"text": "a", "callback_data": "\\ud83d"}]]}]""")
)

METHODS = sorted(parameters for parameters in known_methods() if parameters[0] not in ("logOut", "getUpdates"))


@settings(max_examples=examples(600), deadline=None)
@given(st.data())
def test_whatever_a_bot_sends_the_answer_is_a_result_or_a_refusal(data: st.DataObject) -> None:
    api = LocalBotApi(limits=Limits(off=True))
    anna = Person(api)
    anna.starts()
    name, parameters = data.draw(st.sampled_from(METHODS))
    chosen = data.draw(st.dictionaries(st.sampled_from(parameters or ["x"]), JUNK))
    if data.draw(st.booleans()):
        chosen |= {"chat_id": anna.id, "text": chosen.get("text", "a")}

    async def scenario() -> None:
        sent = await ok(api, "sendMessage", chat_id=anna.id, text="?")
        if data.draw(st.booleans()):
            chosen["message_id"] = sent["message_id"]
        status, answer = await api.call(name, chosen)
        assert answer["ok"] is (status == 200)
        json.dumps(answer)
        anna.screen()

    asyncio.run(scenario())


# Over HTTP


async def test_parameters_are_taken_in_all_of_telegrams_ways(served: LocalBotApi) -> None:
    anna = Person(served)
    anna.starts()
    url = f"{served.base_url}{served.token}/sendMessage"
    markup = inline("Ja")
    async with aiohttp.ClientSession() as session:
        for how in (
            {"json": {"chat_id": anna.id, "text": "æ", "reply_markup": markup}},
            {"data": {"chat_id": str(anna.id), "text": "æ", "reply_markup": json.dumps(markup)}},
            {"params": {"chat_id": str(anna.id), "text": "æ", "reply_markup": json.dumps(markup)}},
        ):
            async with session.post(url, **how) as answer:
                assert (await answer.json())["result"]["text"] == "æ"
        async with session.get(url, params={"chat_id": anna.id, "text": "æ"}) as answer:
            assert answer.status == 200
        async with session.get(url.lower(), params={}) as answer:
            assert answer.status in (401, 404)
    assert [seen.text for seen in anna.sees()] == ["/start", "æ", "æ", "æ", "æ"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[1]"),
        ("application/x-www-form-urlencoded", b"text=%ff\xff"),
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b"--y"),
    ],
)
async def test_a_garbled_body_is_refused_and_does_no_harm(served: LocalBotApi, kind: str, body: bytes) -> None:
    url = f"{served.base_url}{served.token}/sendMessage"
    async with aiohttp.ClientSession() as session:
        async with session.post(url, data=body, headers={"Content-Type": kind}) as answer:
            assert answer.status == 400
            assert (await answer.json())["ok"] is False
        assert (await session.get(f"{served.base_url}{served.token}/getMe")).status == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/bot123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/getMe", 401),
        ("/bot/getMe", 404),
        ("/botgarbage/getMe", 404),
        ("/", 404),
    ],
)
async def test_wrong_tokens_are_turned_away(served: LocalBotApi, path: str, status: int) -> None:
    async with aiohttp.ClientSession() as session, session.get(served.url + path) as answer:
        assert answer.status == status
        assert (await answer.json())["ok"] is False


async def test_only_loopback_is_served() -> None:
    with pytest.raises(ValueError, match="loopback"):
        LocalBotApi(host="0.0.0.0")


def builder(api: LocalBotApi, transport: str) -> ApplicationBuilder[Any, Any, Any, Any, Any, Any]:
    made = ApplicationBuilder().token(api.token).base_url(api.base_url).base_file_url(api.base_file_url)
    if transport == "in process":
        return made.request(InProcessRequest(api)).get_updates_request(InProcessRequest(api))
    return made


@pytest.fixture(params=["over http", "in process"])
async def stock_bot(
    request: pytest.FixtureRequest, served: LocalBotApi
) -> AsyncIterator[Application[Any, Any, Any, Any, Any, Any]]:
    """A bot made with nothing but python-telegram-bot: echoes, edits, sends a document, fetches one."""

    async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Ja", callback_data="ja")]])
        await update.message.reply_html(f"Hej {' '.join(context.args or [])}", reply_markup=keyboard)

    async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        await update.message.reply_text(update.message.text or "")

    async def tapped(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.callback_query is not None
        assert update.effective_chat is not None
        await update.callback_query.answer("Gemt")
        await update.callback_query.edit_message_text("Tak")
        await update.effective_chat.send_document(b"a;b", filename="svar.csv", caption="Dine svar")

    async def fetched(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        assert update.message.document is not None
        content = await (await update.message.document.get_file()).download_as_bytearray()
        await update.message.reply_text(f"{len(content)} bytes")

    app = builder(served, request.param).build()
    app.add_handler(CommandHandler("start", start))
    app.add_handler(CallbackQueryHandler(tapped))
    app.add_handler(MessageHandler(filters.Document.ALL, fetched))
    app.add_handler(MessageHandler(filters.TEXT, echo))
    async with app:
        await app.start()
        assert app.updater is not None
        await app.updater.start_polling()
        yield app
        await app.updater.stop()
        await app.stop()


async def test_a_stock_bot_runs_against_it(
    served: LocalBotApi, stock_bot: Application[Any, Any, Any, Any, Any, Any]
) -> None:
    anna = Person(served, "Anna", username="anna_a")
    anna.starts("kampagne")
    assert [str(seen) for seen in await anna.reads()] == ["Hej kampagne\n[Ja]"]
    anna.taps("Ja")
    assert [str(seen) for seen in await anna.reads(until="Dine svar")] == ["Tak", "Dine svar\n<svar.csv>"]
    assert [toast.text for toast in anna.toasts] == ["Gemt"]
    assert anna.document == b"a;b"
    anna.says("hej igen")
    assert [seen.text for seen in await anna.reads()] == ["hej igen"]
    anna.sends_document(b"x" * 1234)
    assert [seen.text for seen in await anna.reads()] == ["1234 bytes"]
    assert served.violations == []
    assert served.refusals == []
    assert served.unanswered_callbacks() == []


# Faults


@pytest.fixture(params=["over http", "in process"])
async def bot(request: pytest.FixtureRequest, served: LocalBotApi) -> AsyncIterator[Any]:
    async with builder(served, request.param).updater(None).build() as app:
        yield app.bot


@pytest.mark.filterwarnings("ignore:Deprecated since version v22.2:Warning")  # retry_after will be a timedelta
async def test_faults_come_out_as_the_library_reports_them(served: LocalBotApi, bot: Any) -> None:
    anna = Person(served)
    anna.starts()

    async def expect(error: type[Exception], fault: Fault, sent: int) -> None:
        served.inject(fault)
        before = len(anna.sees())
        with pytest.raises(error):
            await bot.send_message(anna.id, "a", read_timeout=0.5 if fault.until else PATIENCE)
        assert len(anna.sees()) - before == sent

    await expect(NetworkError, Fault("sendMessage", status=502), sent=0)
    await expect(InvalidToken, Fault(status=401), sent=0)
    await expect(RetryAfter, Fault("sendMessage", status=429, retry_after=7), sent=0)
    await expect(NetworkError, Fault("sendMessage", drop_connection_before=True), sent=0)
    await expect(NetworkError, Fault("sendMessage", drop_connection_after_accept=True), sent=1)
    await expect(NetworkError, Fault("sendMessage", status=502, accepted=True), sent=1)
    held = asyncio.Event()
    await expect(TimedOut, Fault("sendMessage", until=held), sent=0)
    held.set()
    await anna.reads(until=lambda seen: len(anna.sees()) == 4)  # carried out after all
    await expect(TimedOut, Fault("sendMessage", until=asyncio.Event(), accepted=True), sent=1)
    assert len(anna.sees()) == 5
    assert served.faults == []


async def test_faults_are_aimed(api: LocalBotApi, anna: Person) -> None:
    api.inject(Fault("sendMessage", times=2, status=502, skip=1, when=lambda params: params["text"] == "b"))
    statuses = [(await api.call("sendMessage", {"chat_id": anna.id, "text": text}))[0] for text in "abbbb"]
    assert statuses == [200, 200, 502, 502, 200]


async def test_refusals_come_out_as_the_library_reports_them(served: LocalBotApi, bot: Any) -> None:
    bo = Person(served, "Bo")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(bo.id, "a")
    bo.starts()
    bo.blocks()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(bo.id, "a")


async def test_the_server_can_go_away_and_come_back_on_its_port(served: LocalBotApi) -> None:
    url = f"{served.base_url}{served.token}/getMe"
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as answer:
            assert answer.status == 200
        await served.go_away()
        with pytest.raises(aiohttp.ClientError):
            await session.get(url)
        await served.come_back()
        async with session.get(url) as answer:
            assert (await answer.json())["result"]["username"] == "besyv_lokal_bot"


# Webhook


Respond = Callable[[dict[str, Any]], web.Response]


class Receiver:
    """A webhook that notes what it gets and answers as told."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.secrets: set[str | None] = set()
        self.respond: Respond = lambda update: web.Response()
        self.news = asyncio.Event()
        self.url = ""

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        update = await request.json()
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.got.append(update)
        self.news.set()
        return self.respond(update)

    async def has(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.got) < count:
                self.news.clear()
                await self.news.wait()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    runner = web.ServerRunner(web.Server(receiver))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


async def test_a_webhook_gets_updates_in_order_again_until_it_takes_them(
    served: LocalBotApi, receiver: Receiver
) -> None:
    served.webhook_second = 0.01
    anna, bo = Person(served, "Anna"), Person(served, "Bo")
    fails = iter([503, 503, 500])

    def respond(update: dict[str, Any]) -> web.Response:
        if update["message"]["from"]["id"] == anna.id:
            status = next(fails, 200)
            return web.Response(status=status, headers={"Retry-After": "5"} if status == 503 else {})
        return web.Response()

    receiver.respond = respond
    await ok(served, "setWebhook", url=receiver.url, secret_token="hemmelig-1", max_connections=5)
    assert (await refused(served, "getUpdates"))[1].startswith("Conflict: can't use getUpdates method while webhook")
    anna.starts()
    anna.says("to")
    bo.starts()
    await receiver.has(6)
    await served.confirmed()
    annas = [each["message"]["text"] for each in receiver.got if each["message"]["from"]["id"] == anna.id]
    assert annas == ["/start", "/start", "/start", "/start", "to"]
    assert receiver.secrets == {"hemmelig-1"}
    about = await ok(served, "getWebhookInfo")
    assert (about["url"], about["max_connections"]) == (receiver.url, 5)
    assert about["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"
    await ok(served, "deleteWebhook")
    assert await ok(served, "getUpdates") == []


async def test_a_webhook_may_answer_with_a_method(served: LocalBotApi, receiver: Receiver) -> None:
    anna = Person(served)
    receiver.respond = lambda update: web.json_response(
        {"method": "sendMessage", "chat_id": update["message"]["chat"]["id"], "text": "straks"}
    )
    await ok(served, "setWebhook", url=receiver.url)
    anna.starts()
    assert [seen.text for seen in await anna.reads()] == ["straks"]


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"url": "ftp://x"}, "invalid webhook URL specified"),
        ({"url": "http://example.org/"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        (
            {"url": "https://example.org:8000/"},
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        ({"url": "https://example.org/", "secret_token": "æ"}, "secret token contains unallowed characters"),
        ({"url": "https://example.org/", "secret_token": "x" * 257}, "secret token is too long"),
    ],
)
async def test_wrong_webhooks_are_refused(api: LocalBotApi, params: dict[str, Any], description: str) -> None:
    assert await refused(api, "setWebhook", **params) == (400, f"Bad Request: {description}")


# By hand


async def test_a_human_can_try_a_bot_with_curl() -> None:
    async with LocalBotApi(control=True) as api, aiohttp.ClientSession() as session:

        async def post(what: str, **body: str) -> tuple[int, str]:
            async with session.post(f"{api.url}/control/{what}", json={"person": "Anna", **body}) as answer:
                return answer.status, await answer.text()

        assert await post("say", text="/start") == (200, "ok\n")
        anna = api.people["Anna"]
        await ok(api, "sendMessage", chat_id=anna.id, text="Ja?", reply_markup=inline("Ja"))
        assert await post("tap", label="Ja") == (200, "ok\n")
        assert (await post("tap", label="Nej"))[0] == 409
        async with session.get(f"{api.url}/control/seen", params={"person": "Anna"}) as answer:
            assert await answer.text() == "> /start\nJa?\n[Ja]\n"
    async with (
        LocalBotApi() as closed,
        aiohttp.ClientSession() as session,
        session.post(f"{closed.url}/control/say", json={"text": "x"}) as answer,
    ):
        assert answer.status == 404


async def test_it_runs_as_a_process_of_its_own() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.botapi", "--port", "0", "--token", "7:x", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            url = (await process.stdout.readline()).decode().split()[0]
            async with aiohttp.ClientSession() as session, session.get(f"{url}/bot7:x/getMe") as answer:
                assert (await answer.json())["result"]["id"] == 7
    finally:
        process.terminate()
        await process.wait()
