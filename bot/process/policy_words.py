"""The policy as sentences name it: a new one, or the one of today that is revised (guide l. 16-17)."""

from __future__ import annotations

from bot import texts
from bot.flows.model import Language
from bot.process.file import ProcessFile


def the_policy(file: ProcessFile, language: Language, named: str | None = None) -> str:
    """«den nye frivilligpolitik», «den reviderede frivilligpolitik». `named`: instead of its own name."""
    return texts.say(language, f"policy.the.{file.policy.kind}", policy=named or file.policy_in(language))


def makes_policy(file: ProcessFile, language: Language) -> str:
    """Of the municipality: «laver en ny frivilligpolitik», «er ved at revidere sin frivilligpolitik»."""
    return texts.say(language, f"policy.makes.{file.policy.kind}", policy=file.policy_in(language))
