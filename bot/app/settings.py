"""Settings: environment variables or `.env`, all beginning with BESYV_. Read here once, by app and command line.
What each of them is: docs/settings.md."""

from __future__ import annotations

import os
import re
from ipaddress import IPv4Address, ip_network
from pathlib import Path
from typing import Annotated, Self

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.budgets import Budgets
from bot.channels.email import smtp
from bot.channels.web.server import LOOPBACK
from bot.features.backups.service import BackupSchedule, seconds_of, times_of
from bot.texts import email_address
from storage.key_store import NAME

PREFIX = "BESYV_"
GATEWAY = "gateway"  # in BESYV_WEB_PROXIES: the host of the container


class SettingsError(Exception):
    """A setting is wrong. One line that names it, never its value where that is secret."""


def _token(value: SecretStr) -> SecretStr:
    if value.get_secret_value() and not re.fullmatch(r"\d{6,}:[A-Za-z0-9_-]{30,}", value.get_secret_value()):
        raise ValueError("is not a bot token; @BotFather gives one like 123456789:AA…")
    return value


def _api(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
        raise ValueError("is not an address like http://127.0.0.1:8081")
    return value.rstrip("/")


def _file(value: str) -> str:
    if "://" in value or value.startswith(":") or not value.strip():
        raise ValueError("must be the path of a file")
    return value


def _other_file(value: str) -> str:
    return _file(value) if value else value


def _host(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:-]+", value):
        raise ValueError("must be an address of this machine, like 127.0.0.1 or 0.0.0.0")
    return value


def _url(value: str) -> str:
    if not value:
        return ""
    address = _api(value)
    if "/" in address.partition("://")[2]:
        raise ValueError("must not have a path: the pages need a host of their own, like https://besyv.din-kommune.dk")
    return address


def _proxies(value: str) -> str:
    for each in proxies_of(value):
        if each != GATEWAY:
            try:
                ip_network(each)
            except ValueError:
                raise ValueError(f"must be addresses or networks with commas between, or {GATEWAY}") from None
    return value


def proxies_of(value: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in value.split(",") if each.strip())


def _gateway() -> str | None:
    """Where this machine's, or container's, way out leads: the host of a container with a port of its own. From Linux'
    table of routes, in which addresses stand backwards."""
    try:
        lines = Path("/proc/net/route").read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return None
    ways = [line.split() for line in lines]
    return next((str(IPv4Address(bytes.fromhex(way[2])[::-1])) for way in ways if way[1] == "0" * 8), None)


def _smtp(value: SecretStr) -> SecretStr:
    if value.get_secret_value():
        smtp.server_of(value.get_secret_value())
    return value


def _sender(value: str) -> str:
    if value:
        email_address.sender_of(value)
    return value


def _issuer(value: str) -> str:
    """Its address exactly as it calls itself, with or without a slash at its end. By https; by http on this machine
    alone."""
    found = re.fullmatch(r"(https?)://([^\s/?#:]+)(:\d+)?(/[^\s?#]*)?", value)
    if value and (found is None or (found[1] == "http" and found[2] not in ("localhost", "127.0.0.1"))):
        raise ValueError("is not an address like https://login.din-kommune.dk")
    return value


def _secret_file(value: str) -> str:
    try:
        if value and not Path(value).read_text(encoding="utf-8").strip():
            raise ValueError("the file is empty")
    except OSError as error:
        raise ValueError(f"{value}: {error.strerror}") from None
    return value


def _folder(value: str) -> str:
    if "://" in value:
        raise ValueError("must be the path of a folder")
    return value


def _times(value: str) -> str:
    times_of(value)
    return value


def _span(value: str) -> str:
    seconds_of(value)
    return value


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", env_ignore_empty=True)

    telegram_token: Annotated[SecretStr, AfterValidator(_token)] = SecretStr("")
    telegram_api: Annotated[str, AfterValidator(_api)] = "https://api.telegram.org"
    database: Annotated[str, AfterValidator(_file)] = "besyv.db"
    key_file: Annotated[str, AfterValidator(_file)] = "besyv.key"
    key_store: Annotated[str, AfterValidator(_other_file)] = ""
    key_store_copy: Annotated[str, AfterValidator(_other_file)] = ""
    key_beside_database: bool = False
    process: str = ""
    questions: Annotated[str, AfterValidator(_other_file)] = ""
    web_host: Annotated[str, AfterValidator(_host)] = "127.0.0.1"
    web_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    web_url: Annotated[str, AfterValidator(_url)] = ""
    web_proxies: Annotated[str, AfterValidator(_proxies)] = ""
    smtp_url: Annotated[SecretStr, AfterValidator(_smtp)] = SecretStr("")
    mail_from: Annotated[str, AfterValidator(_sender)] = ""
    backup_dir: Annotated[str, AfterValidator(_folder)] = ""
    backup_at: Annotated[str, AfterValidator(_times)] = "03:30"
    backup_keep: Annotated[str, AfterValidator(_span)] = "30d"
    new_people_per_hour: Annotated[int, Field(ge=1)] = 1000
    new_people_per_address: Annotated[int, Field(ge=1)] = 350
    versions_per_answer: Annotated[int, Field(ge=2)] = 50
    bytes_per_person: Annotated[int, Field(ge=100_000)] = 2_000_000
    confirmation_mails_per_hour: Annotated[int, Field(ge=1)] = 300
    confirmation_mails_per_address: Annotated[int, Field(ge=1)] = 100
    oidc_issuer: Annotated[str, AfterValidator(_issuer)] = ""
    oidc_client_id: str = ""
    oidc_client_secret_file: Annotated[str, AfterValidator(_secret_file)] = ""

    @model_validator(mode="after")
    def _both_of_mail_or_none(self) -> Self:
        if bool(self.smtp_url.get_secret_value()) != bool(self.mail_from):
            missing, given = ("SMTP_URL", "MAIL_FROM") if self.mail_from else ("MAIL_FROM", "SMTP_URL")
            raise ValueError(f"{PREFIX}{missing}: is needed as well, for {PREFIX}{given} is set")
        return self

    @model_validator(mode="after")
    def _all_of_sign_in_or_none(self) -> Self:
        given = {
            "OIDC_ISSUER": self.oidc_issuer,
            "OIDC_CLIENT_ID": self.oidc_client_id,
            "OIDC_CLIENT_SECRET_FILE": self.oidc_client_secret_file,
        }
        missing = [name for name, value in given.items() if not value]
        if 0 < len(missing) < len(given):
            there = next(name for name, value in given.items() if value)
            raise ValueError(f"{PREFIX}{missing[0]}: is needed as well, for {PREFIX}{there} is set")
        return self

    @property
    def oidc_client_secret(self) -> str:
        return Path(self.oidc_client_secret_file).read_text(encoding="utf-8").strip()

    @property
    def web(self) -> str | None:
        """The pages' address in links, without a slash at its end; None where they are turned off."""
        if not self.web_port:
            return None
        host = f"[{self.web_host}]" if ":" in self.web_host else self.web_host
        return self.web_url or f"http://{host}:{self.web_port}"

    @property
    def proxies(self) -> tuple[str, ...]:
        """Whose word for who asks is taken: this machine's, and those of the setting. Without it uvicorn's own."""
        given = proxies_of(self.web_proxies or os.environ.get("FORWARDED_ALLOW_IPS", ""))
        if given == ("*",):  # uvicorn's own word for everybody, which the setting does not take
            return given
        found = (_gateway() if each == GATEWAY else each for each in given)
        return (*LOOPBACK, *(each for each in found if each is not None))

    @property
    def budgets(self) -> Budgets:
        """With nothing of them spent."""
        return Budgets(
            new_people=self.new_people_per_hour,
            new_people_per_client=self.new_people_per_address,
            versions=self.versions_per_answer,
            bytes_per_person=self.bytes_per_person,
            confirmation_mails=self.confirmation_mails_per_hour,
            confirmation_mails_per_client=self.confirmation_mails_per_address,
        )

    @property
    def backups(self) -> BackupSchedule | None:
        """None: none are made by themselves."""
        if not self.backup_dir:
            return None
        return BackupSchedule(Path(self.backup_dir), times_of(self.backup_at), seconds_of(self.backup_keep))

    @property
    def smtp_password(self) -> str:
        url = self.smtp_url.get_secret_value()
        return smtp.server_of(url).password if url else ""

    @property
    def database_path(self) -> Path:
        return Path(self.database)

    @property
    def key_path(self) -> Path:
        return Path(self.key_file)

    @property
    def key_store_path(self) -> Path:
        return Path(self.key_store) if self.key_store else self.key_path.with_name(NAME)

    @property
    def key_paths(self) -> tuple[Path, ...]:
        """Every file with keys in it."""
        copy = self.key_store_copy_path
        return (self.key_path, self.key_store_path, *(() if copy is None else (copy,)))

    @property
    def key_store_copy_path(self) -> Path | None:
        return Path(self.key_store_copy) if self.key_store_copy else None


def read_settings() -> Settings:
    """Raises SettingsError with one line that names the setting."""
    try:
        _refuse_unknown()
        return Settings()
    except UnicodeDecodeError:
        raise SettingsError(".env: is not UTF-8 text") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        complaint = first["msg"].removeprefix("Value error, ")
        if not first["loc"]:  # of several settings together: it says itself which
            raise SettingsError(complaint) from None
        name = PREFIX + "_".join(str(part) for part in first["loc"]).upper().removeprefix(PREFIX)
        raise SettingsError(f"{name}: {complaint}") from None


def _refuse_unknown() -> None:
    """A misspelt setting would silently mean its default: without the token, the wrong job would start."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    given = {name.upper() for name in (*os.environ, *dotenv_values(".env")) if name.upper().startswith(PREFIX)}
    for name in sorted(given - known):
        raise SettingsError(f"{name}: there is no such setting")
