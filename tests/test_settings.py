"""Settings and the command line: what is wrong is said in one line that names it and shows no secret."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.app.runtime import Runtime, open_runtime
from bot.app.settings import SettingsError, read_settings
from bot.backoff import PATIENT
from tests.support.command_line import besyv

TOKEN = "123456789:AAabcdefghijklmnopqrstuvwxyz-_01234"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in, and none of our own settings around."""
    for name in [name for name in os.environ if name.upper().startswith("BESYV_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- reading ----------------------------------------------------------------------------------------------


def test_without_settings_there_are_the_pages_on_this_machine_with_files_right_here() -> None:
    read = read_settings()
    assert read.web == "http://127.0.0.1:8080"
    assert read.telegram_token.get_secret_value() == ""
    assert (read.telegram_api, read.database, read.key_file, read.process) == (
        "https://api.telegram.org",
        "besyv.db",
        "besyv.key",
        "",
    )
    assert (read.database_path, read.key_path) == (Path("besyv.db"), Path("besyv.key"))


def test_settings_come_from_the_environment_before_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text(f"BESYV_TELEGRAM_TOKEN={TOKEN}\nBESYV_DATABASE=fra-filen.db\n")
    monkeypatch.setenv("BESYV_DATABASE", "fra-miljøet.db")
    read = read_settings()
    assert (read.telegram_token.get_secret_value(), read.database) == (TOKEN, "fra-miljøet.db")


def test_an_empty_setting_is_as_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BESYV_DATABASE", "")
    (folder / ".env").write_text("BESYV_TELEGRAM_TOKEN=\nBESYV_TELEGRAM_API=\n")
    read = read_settings()
    assert (read.database, read.telegram_api) == ("besyv.db", "https://api.telegram.org")


@pytest.mark.parametrize(
    ("host", "port", "url", "web"),
    [
        ("127.0.0.1", "8081", "", "http://127.0.0.1:8081"),
        ("::1", "8081", "", "http://[::1]:8081"),
        ("0.0.0.0", "8080", "https://besyv.example/", "https://besyv.example"),
        ("0.0.0.0", "0", "https://besyv.example", None),
    ],
)
def test_where_the_pages_are(monkeypatch: pytest.MonkeyPatch, host: str, port: str, url: str, web: str | None) -> None:
    for name, value in (("HOST", host), ("PORT", port), ("URL", url)):
        monkeypatch.setenv(f"BESYV_WEB_{name}", value)
    assert read_settings().web == web


def test_the_api_address_has_no_slash_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BESYV_TELEGRAM_API", "http://127.0.0.1:8081/")
    assert read_settings().telegram_api == "http://127.0.0.1:8081"


@pytest.mark.parametrize(
    ("url", "password"),
    [("", ""), ("smtp://mail.example:25", ""), ("smtp://b:hemmelig%2Fkode@mail.example", "hemmelig/kode")],
)
def test_the_mail_password_is_known_as_it_is_so_that_the_log_can_leave_it_out(
    monkeypatch: pytest.MonkeyPatch, url: str, password: str
) -> None:
    monkeypatch.setenv("BESYV_SMTP_URL", url)
    monkeypatch.setenv("BESYV_MAIL_FROM", "frivillig@kommune.example" if url else "")
    assert read_settings().smtp_password == password


NO_SMTP_URL = "is not an address like smtp://user:password@mail.example:587; a password's / ? # % are %2F %3F %23 %25"

NO_SMTP_URLS = [
    "mail.example",
    "http://mail.example",
    "smtp://",
    "smtp://mail..example",
    "smtp://mail.example:587:587",
    "smtp://mail.example/inbox",
    "smtp://mail.example?tls=yes",
    "smtp://mail.example?starttls=REQUIRED",
    "smtp://bruger@mail.example",
    "smtp://:hemmelig@mail.example",
    "smtp://bruger:@mail.example",
    "smtp://bruger:hemmelig/kode@mail.example",
    "smtp://bruger:hemmelig kode@mail.example",
    "smtp://bruger:hemmelig@",
    "smtp://mail.example\n",
]

NO_SENDER = "is not an address like Eksempel Kommune <frivillig@kommune.dk>"

NO_SENDERS = [
    "Eksempel Kommune",
    "a@kommune.dk, b@kommune.dk",
    "frivillig@kommune",
    "Eksempel\nBcc: <frivillig@kommune.dk>",
]

WRONG = [
    ("BESYV_TELEGRAM_TOKEN", "hemmelig", "is not a bot token; @BotFather gives one like 123456789:AA…"),
    ("BESYV_TELEGRAM_TOKEN", TOKEN + " ", "is not a bot token; @BotFather gives one like 123456789:AA…"),
    ("BESYV_TELEGRAM_TOKEN", f"bot{TOKEN}", "is not a bot token; @BotFather gives one like 123456789:AA…"),
    ("BESYV_TELEGRAM_TOKEN", "123456789:kort", "is not a bot token; @BotFather gives one like 123456789:AA…"),
    ("BESYV_TELEGRAM_API", "api.telegram.org", "is not an address like http://127.0.0.1:8081"),
    ("BESYV_TELEGRAM_API", "ftp://127.0.0.1", "is not an address like http://127.0.0.1:8081"),
    ("BESYV_TELEGRAM_API", "http://127.0.0.1/?a=b", "is not an address like http://127.0.0.1:8081"),
    ("BESYV_TELEGRAM_API", "http:// 127.0.0.1", "is not an address like http://127.0.0.1:8081"),
    ("BESYV_DATABASE", "postgresql://besyv@db/besyv", "must be the path of a file"),
    ("BESYV_DATABASE", "sqlite:///besyv.db", "must be the path of a file"),
    ("BESYV_DATABASE", " ", "must be the path of a file"),
    ("BESYV_KEY_FILE", "vault://besyv", "must be the path of a file"),
    ("BESYV_KEY_FILE", "  ", "must be the path of a file"),
    ("BESYV_WEB_HOST", "http://localhost", "must be an address of this machine, like 127.0.0.1 or 0.0.0.0"),
    ("BESYV_WEB_PORT", "70000", "Input should be less than or equal to 65535"),
    ("BESYV_WEB_PORT", "http", "Input should be a valid integer, unable to parse string as an integer"),
    ("BESYV_WEB_URL", "besyv.example", "is not an address like http://127.0.0.1:8081"),
    (
        "BESYV_WEB_URL",
        "https://kommune.example/besyv",
        "must not have a path: the pages need a host of their own, like https://besyv.din-kommune.dk",
    ),
    *(
        ("BESYV_WEB_PROXIES", value, "must be addresses or networks with commas between, or gateway")
        for value in ("nginx", "*", "10.0.0.1/8", "10.0.0.5; 10.0.0.6")
    ),
    *(("BESYV_MAIL_FROM", value, NO_SENDER) for value in NO_SENDERS),
    *(("BESYV_SMTP_URL", value, NO_SMTP_URL) for value in NO_SMTP_URLS),
    ("BESYV_SMTP_URL", "smtp://mail.example:0", "has no port between 1 and 65535"),
    ("BESYV_SMTP_URL", "smtp://u:hemmelig@mail.example:70000", "has no port between 1 and 65535"),
    (
        "BESYV_SMTP_URL",
        "smtps://mail.example?starttls=required",
        "smtps is encrypted from the start: leave out starttls",
    ),
    (
        "BESYV_SMTP_URL",
        "smtp://u:hemmelig@mail.example?starttls=never",
        "starttls=never would send the password in the clear",
    ),
]


@pytest.mark.parametrize(("name", "value", "complaint"), WRONG)
def test_a_wrong_setting_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, complaint: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert str(refused.value) == f"{name}: {complaint}"


@pytest.mark.parametrize("written", ["hemmelig", TOKEN + "!", f"bot{TOKEN}", f"{TOKEN[:20]}"])
def test_a_tokens_value_is_never_shown(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("BESYV_TELEGRAM_TOKEN", written)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert written not in str(refused.value)
    assert refused.value.__suppress_context__
    monkeypatch.setenv("BESYV_TELEGRAM_TOKEN", TOKEN)
    assert TOKEN not in repr(read_settings())


@pytest.mark.parametrize(
    "written",
    [
        "smtp://bruger:hemmelig@",
        "hemmelig",
        "smtp://bruger:hem/melig@mail.example",
        "smtp://bruger:hemmelig@mail.example:0",
        "smtp://bruger:hemmelig@mail.example?starttls=never",
        "smtps://bruger:hemmelig@mail.example?starttls=required",
        "smtps://bruger:hemmelig@mail.example",
    ],
)
def test_a_mail_servers_password_is_never_shown(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("BESYV_SMTP_URL", written)  # of the last only the sender is missing
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert not re.search(r"hem|melig|bruger", str(refused.value))
    assert refused.value.__suppress_context__
    monkeypatch.setenv("BESYV_SMTP_URL", "smtps://bruger:hemmelig@mail.example")
    monkeypatch.setenv("BESYV_MAIL_FROM", "frivillig@kommune.dk")
    assert "hemmelig" not in repr(read_settings())


def test_mail_goes_out_by_the_server_and_from_the_address_that_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (read_settings().smtp_url.get_secret_value(), read_settings().mail_from) == ("", "")
    monkeypatch.setenv("BESYV_SMTP_URL", "smtp://bruger:hemmelig@mail.example:587?starttls=required")
    monkeypatch.setenv("BESYV_MAIL_FROM", "Eksempel Kommune <frivillig@kommune.dk>")
    read = read_settings()
    assert (read.smtp_url.get_secret_value(), read.mail_from) == (
        "smtp://bruger:hemmelig@mail.example:587?starttls=required",
        "Eksempel Kommune <frivillig@kommune.dk>",
    )


@pytest.mark.parametrize(
    ("given", "value", "complaint"),
    [
        ("BESYV_SMTP_URL", "smtp://mail.example", "BESYV_MAIL_FROM: is needed as well, for BESYV_SMTP_URL is set"),
        ("BESYV_MAIL_FROM", "a@kommune.dk", "BESYV_SMTP_URL: is needed as well, for BESYV_MAIL_FROM is set"),
    ],
)
def test_a_mail_server_without_a_sender_is_refused_and_the_other_way_round(
    monkeypatch: pytest.MonkeyPatch, given: str, value: str, complaint: str
) -> None:
    monkeypatch.setenv(given, value)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert str(refused.value) == complaint


def test_a_setting_that_there_is_not_is_named(folder: Path) -> None:
    (folder / ".env").write_text(f"BESYV_TELEGRAM_TOKE={TOKEN}\n")
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert str(refused.value) == "BESYV_TELEGRAM_TOKE: there is no such setting"


def test_other_programs_settings_in_the_file_are_none_of_our_business(folder: Path) -> None:
    (folder / ".env").write_text("TZ=Europe/Copenhagen\nBESYV_DATABASE=svar.db\n")
    assert read_settings().database == "svar.db"


def test_a_setting_that_there_is_not_is_named_in_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BESYV_TELEGRAM_TOKE", TOKEN)
    with pytest.raises(SettingsError):
        read_settings()


def test_a_database_in_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BESYV_DATABASE", ":memory:")
    with pytest.raises(SettingsError):
        read_settings()


def test_a_settings_file_that_is_no_utf_8_is_said_to_be_so_in_one_line(folder: Path) -> None:
    (folder / ".env").write_bytes("BESYV_DATABASE=blåbær.db\n".encode("latin-1"))
    with pytest.raises(SettingsError):
        read_settings()


# --- the command line -------------------------------------------------------------------------------------


@pytest.mark.process
def test_a_command_that_went_well_says_so_and_exits_with_0(folder: Path) -> None:
    assert besyv("check") == (0, "settings, process file, flows and texts are in order\n", "")
    code, out, err = besyv("invite", "leader")
    assert (code, err) == (0, "")
    assert re.fullmatch(r"http://127\.0\.0\.1:8080/i/(i-\S{22})\n/start \1\n", out)
    assert sorted(file.name for file in folder.iterdir() if "-" not in file.name) == ["besyv.db", "besyv.key"]


@pytest.mark.process
@pytest.mark.parametrize(
    ("arguments", "environment", "line"),
    [
        (
            ["check"],
            {"BESYV_TELEGRAM_TOKEN": "hemmelig"},
            "BESYV_TELEGRAM_TOKEN: is not a bot token; @BotFather gives one like 123456789:AA…",
        ),
        (
            ["run"],
            {"BESYV_TELEGRAM_TOKEN": "hemmelig"},
            "BESYV_TELEGRAM_TOKEN: is not a bot token; @BotFather gives one like 123456789:AA…",
        ),
        (["check", "væk.yaml"], {}, "væk.yaml: No such file or directory"),
        (["check"], {"BESYV_PROCESS": "væk.yaml"}, "BESYV_PROCESS: væk.yaml: No such file or directory"),
        (["invite", "leader"], {"BESYV_PROCESS": "væk.yaml"}, "BESYV_PROCESS: væk.yaml: No such file or directory"),
        (["process", "load", "væk.yaml"], {}, "væk.yaml: No such file or directory"),
        (["invite", "leader", "--process", "nej"], {}, "there is no process nej; there are eksempel"),
        (
            ["invite", "leader"],
            {"BESYV_DATABASE": "væk/besyv.db"},
            "BESYV_DATABASE: the database væk/besyv.db can't be opened: No such file or directory",
        ),
        (["rekey"], {}, "there is no database besyv.db"),
    ],
)
def test_what_the_operator_can_mend_is_one_line_and_exits_with_1(
    arguments: list[str], environment: dict[str, str], line: str
) -> None:
    assert besyv(*arguments, **environment) == (1, "", f"besyv: {line}\n")


@pytest.mark.process
async def test_a_command_waits_longer_for_a_busy_bot_than_the_bot_for_anybody() -> None:
    async def waits(house: Runtime) -> int:
        return int(await house.database.read(lambda tx: tx.all("PRAGMA busy_timeout")[0][0]))

    async with open_runtime(read_settings()) as at_a_terminal, open_runtime(read_settings(), busy=PATIENT.busy) as bot:
        assert (await waits(at_a_terminal), await waits(bot)) == (30_000, 2_000)  # milliseconds


def test_a_database_of_a_newer_besyv_is_one_line(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "besyv.db")) as connection:
        connection.execute("PRAGMA user_version = 9999")
    code, out, err = besyv("invite", "leader")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("besyv: BESYV_DATABASE: the database is of version 9999; this Besyv knows ")


@pytest.mark.process
def test_a_key_file_that_is_none_is_one_line(folder: Path) -> None:
    (folder / "besyv.key").write_text("hej\n")
    assert besyv("invite", "leader") == (
        1,
        "",
        "besyv: BESYV_KEY_FILE: the key file besyv.key can't be read or is no key file\n",
    )


@pytest.mark.process
@pytest.mark.parametrize("arguments", [[], ["flyv"], ["invite"], ["invite", "king"], ["export"], ["run", "--nej"]])
def test_what_is_no_command_exits_with_2(arguments: list[str], folder: Path) -> None:
    assert besyv(*arguments)[0] == 2
    assert list(folder.iterdir()) == []
