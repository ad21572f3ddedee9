"""A municipality that revises its policy: what those who lead and those who are written to read. What those who answer
read stands in the transcripts `revision-…`.
"""

from __future__ import annotations

import pytest

from bot import texts
from bot.features.register import service as register
from bot.process.policy_words import the_policy
from storage.db import Tx
from tests.support.chat import Found, OnTelegram, Town
from tests.support.mail_readers import anna_of, gives, served

LINK = "https://www.eksempel-kommune.example/frivilligpolitik"


async def revised(town: Town) -> None:
    await town.loads("policy.kind", "revision")


async def leader(town: Town) -> OnTelegram:
    """Came by a link for the role and said yes to the notice; has seen everything so far."""
    lea = town.person("Lea")
    await lea.says(f"/start {await town.invites('leader')}")
    await lea.taps("Jeg er med")
    lea.sees()
    return lea


@pytest.mark.parametrize(
    ("kind", "said"),
    [("new", "laver en ny frivilligpolitik"), ("revision", "er ved at revidere sin frivilligpolitik")],
)
async def test_the_letter_to_those_who_are_missing_says_which_it_is(found: Found, kind: str, said: str) -> None:
    async with found(steps="plan, linjer") as town:
        await town.loads("policy.kind", kind)
        await town.runtime.database.write(
            lambda tx: register.add(tx, town.runtime.process_host.plan(tx).process_id, "Ældrerådet", "by-hand", 0)
        )
        lea = await leader(town)
        await lea.says("/daekning")
        lea.sees()
        await lea.taps("Hvem mangler at svare?")
        assert f"Kære modtager\nEksempel Kommune {said}, og vi mangler stadig jeres svar." in "\n".join(lea.sees())


async def test_a_mail_that_asks_for_a_yes_says_what_about(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        await revised(town)
        await gives(await anna_of(town))
        asked = " ".join(box.mails[-1].text.split())
        assert "bedt om at få besked om den reviderede frivilligpolitik på denne adresse." in asked


async def test_a_code_for_a_role_says_in_which_work(found: Found) -> None:
    async with found(steps="plan") as town:
        await revised(town)

        def told(tx: Tx) -> str:
            plan = town.runtime.process_host.plan(tx)
            return texts.say("da", "proof-code.what", municipality="By", the_policy=the_policy(plan.file, "da"))

        assert "en rolle i arbejdet med den reviderede frivilligpolitik." in await town.runtime.database.read(told)


async def test_on_the_pages_todays_policy_is_a_link_that_leaves_the_answer_where_it_is(found: Found) -> None:
    async with found(channel="web", steps="linjer") as town:
        await revised(town)
        await town.loads("policy.today_link", LINK)
        anna = town.visitor("Anna")
        await anna.says("/start")
        for label in ("Jeg er med", "Borger", "Havnen", "Nej"):
            await anna.taps(label)
        assert anna.page is not None
        [link] = anna.page.find(f".//main//a[@href='{LINK}']")
        assert (link.text_content(), link.get("target"), link.get("rel")) == (LINK, "_blank", "noopener")
        await anna.says("Kontaktpersonen")
        assert anna.page.find(f".//main//a[@href='{LINK}']") == []  # told once, before the first of the two


# --- the word for a department ----------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["telegram", "web", "terminal"])
async def test_staff_are_asked_and_told_in_the_municipalitys_own_word(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        await town.loads("words.department", "et center")
        anna = town.somebody("Anna")
        await anna.says("/start")
        await anna.taps("Jeg er med")
        anna.sees()
        await anna.taps("Ansat i kommunen")
        shown = "\n".join(anna.sees())
        assert "Hvilket center arbejder du i?" in shown
        assert (
            "Projektlederen og stedfortræderen kan se, hvilket center du vælger. Styregruppen ser kun, hvor mange der "
            "har svaret fra hvert center, og aldrig tal under fem." in shown
        )


async def test_who_leads_reads_the_same_word(found: Found) -> None:
    async with found(steps="plan, linjer") as town:
        await town.loads("words.department", "et center")
        lea = await leader(town)
        await lea.says("/daekning")
        assert "[Centre] [Vis billedet]" in "\n".join(lea.sees())
        await lea.taps("Gode råd fra guiden")
        advice = "\n".join(lea.sees())
        assert "Ansatte fra flere centre har svaret, også frontmedarbejdere" in advice
        assert "Centre, der har svaret: 0." in advice and "Se »Centre«, og bed lederne" in advice
        assert "på tværs af centre" in advice and "Spørg de andre centre," in advice
        assert "orvaltning" not in advice


async def test_a_file_for_the_register_is_read_and_faulted_in_the_same_word(found: Found) -> None:
    async with found(steps="plan") as town:
        await town.loads("words.department", "et center")
        lea = await leader(town)
        await lea.says("/leder")
        for label in ("Interessentlisten", "Importér fra Excel"):
            await lea.taps(label)
        lea.sees()
        file = b"Navn;Forvaltning\nNordby IF;Kantinen\n"
        await lea.does(lambda: lea.phone.sends_document(file, "liste.csv", "text/csv"))
        shown = "\n".join(lea.sees())
        assert "Forvaltning → center" in shown
        assert "centret »Kantinen« er ukendt og udelades" in shown
