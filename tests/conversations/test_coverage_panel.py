"""How it goes, on Telegram: what the leader's /status and a steering member's /daekning show, page by page."""

from __future__ import annotations

import io

from PIL import Image

from storage import people, published, register
from storage.db import Tx
from storage.register import NewParty
from tests.support.chat import Found, OnTelegram, Town
from tests.support.rows import began, came, sent

NOTE = (
    "Tallene er fra tirsdag den 3. marts 2026 kl. 06.00 og vises i spring på 5. Ordet få betyder, at tallet er under 5 "
    "og måske nul. Tallene er også slørede, så ingen kan genkendes: Nogle få tilfældige personer tæller ikke med, og "
    "lige så mange tæller dobbelt. Kun de, der har sendt svar eller har brugt deres egen invitation, tæller med. "
    "Projektlederen og stedfortræderen ser de nøjagtige tal."
)

BUTTONS = (
    "[Lokalområder] [Store og små foreninger]\n[Forvaltninger] [Vis billedet]\n"
    "[Hvem mangler at svare?] [Status for listen]\n[Gode råd fra guiden]"
)

PICTURE = "Hvor mange har svaret? Eksempel Kommune"

# Who, how many stand behind it, and how far they are in step 1: "" came in, b began, s sent.
ANSWERED = (
    ({"stakeholder": "frivillig", "area": "havnen"}, 14, "s"),
    ({"stakeholder": "frivillig", "area": "nordby"}, 9, ""),
    ({"stakeholder": "forening", "area": "havnen", "size": "0-9"}, 6, "s"),
    ({"stakeholder": "forening", "area": "nordby", "size": "100+"}, 7, "b"),
    ({"stakeholder": "borger", "area": "vil_ikke_svare"}, 9, "s"),
    ({"stakeholder": "ansat", "department": "boern_skole", "front": 1}, 11, "s"),
    ({"stakeholder": "ansat", "department": "boern_skole", "front": 0}, 8, ""),
    ({"stakeholder": "leder", "department": "job_social"}, 2, "s"),
)


def answers(tx: Tx) -> None:
    for profile, behind, far in ANSWERED:
        person = came(tx, **profile)
        people.recount_behind(tx, person, behind)
        if far:
            (sent if far == "s" else began)(tx, person)
    publish_anew(tx)


def publish_anew(tx: Tx) -> None:
    """As if nothing had been published this morning: the next who looks publishes it."""
    tx.run("DELETE FROM publications")
    published.keep_secret(tx, 1, b"drawn once")


def put_on_register(tx: Tx) -> None:
    entries = (
        ("Ældrerådet", "raad", True),
        ("Nordby IF", "forening", True),
        ("Spejderne", "forening", False),
        ("Kulturchefen", "noegleperson", True),
    )
    for name, kind, invited in entries:
        must = name == "Ældrerådet"
        party = register.put(
            tx, 1, NewParty(name=name, folded=name.casefold(), kind=kind, source="by-hand", must=must), 0
        )
        if invited:
            register.mark_invited(tx, 1, party, 1)
        if name == "Nordby IF":
            person = came(tx, stakeholder="forening", area="nordby", size="100+")
            people.speak_for(tx, person, party)
            people.recount_behind(tx, person, 5)


async def holder(town: Town, role: str, name: str) -> OnTelegram:
    """Came by a link for the role and said yes to the notice; has seen everything so far."""
    person = town.person(name)
    await person.says(f"/start {await town.invites(role)}")
    await person.taps("Jeg er med")
    person.sees()
    return person


async def leader(town: Town) -> OnTelegram:
    return await holder(town, "leader", "Lea")


async def steering(town: Town) -> OnTelegram:
    return await holder(town, "steering", "Sten")


async def opens(person: OnTelegram, *labels: str) -> str:
    """The one message that a button changes or brings."""
    for label in labels:
        person.sees()
        await person.taps(label)
    [shown] = person.sees()
    return shown


# --- how it goes ------------------------------------------------------------------------------------------


async def test_the_leader_is_told_in_short_and_shown_a_picture(found: Found) -> None:
    async with found(steps="plan, linjer") as town:
        await town.runtime.database.write(answers)
        await town.runtime.database.write(put_on_register)
        lea = await leader(town)
        await lea.says("/status")
        told, caption = lea.sees()
        assert told == (
            "Hvor mange har svaret?\n\n"
            "Deltagere i alt: 71 personer\nForeninger, frivillige og borgere: 50 personer\nKommunen: 21 personer\n\n"
            "Trin 1. Læg en plan: 49 er begyndt, 42 har sendt svar (5 svar, heraf 1 fra foreninger og råd)\n"
            "Trin 2. Input til de overordnede linjer: ingen er begyndt, ingen har sendt svar\n\n"
            "På interessentlisten: 4. Inviteret: 3. Har åbnet linket: 1. Begyndt: 0. Sendt svar: 0. Takket nej: 0. "
            "Ikke reageret: 3.\n\n"
            "Styregruppen ser disse tal: 40 i alt, 30 fra foreninger, frivillige og borgere og 10 fra kommunen. "
            "Tallene er fra tirsdag den 3. marts 2026 kl. 06.00. De er slørede og vises i spring på 5, så ingen kan "
            "genkendes. Kun de, der har sendt svar eller har brugt deres egen invitation, tæller med.\n"
            f"{BUTTONS}\n[Måltal]\n[Tilbage]"
        )
        assert caption == PICTURE
        with Image.open(io.BytesIO(lea.phone.document)) as picture:
            assert (picture.format, picture.width) == ("PNG", 1080)


async def test_a_steering_member_is_shown_the_numbers_of_the_morning(found: Found) -> None:
    async with found(steps="plan, linjer") as town:
        await town.runtime.database.write(answers)
        await town.runtime.database.write(put_on_register)
        sten = await steering(town)
        await sten.says("/daekning")
        told, caption = sten.sees()
        assert told == (
            "Hvor mange har svaret?\n\n"
            "Deltagere i alt: 40 personer\nForeninger, frivillige og borgere: 30 personer\nKommunen: 10 personer\n\n"
            "Trin 1. Læg en plan: 40 har sendt svar (5 svar, heraf få fra foreninger og råd)\n"
            "Trin 2. Input til de overordnede linjer: få har sendt svar\n\n"
            "På interessentlisten: 3. Inviteret: 2. Sendt svar: 0. Takket nej: 0. Mangler at svare: 3.\n\n"
            f"{NOTE}\n{BUTTONS}\n[Tilbage]"
        )
        assert caption == PICTURE
        assert await opens(sten, "Vis billedet")


async def test_a_split_lists_its_places_step_by_step(found: Found) -> None:
    async with found(steps="plan, linjer") as town:
        await town.runtime.database.write(answers)
        lea, sten = await leader(town), await steering(town)
        areas = {
            lea: "• Nordby: 7 er begyndt, ingen har sendt svar\n• Havnen: 20 er begyndt, 20 har sendt svar\n• Ikke "
            "oplyst: 9 er begyndt, 9 har sendt svar",
            sten: "• Havnen: 20 har sendt svar\n• Ikke oplyst: 5 har sendt svar\n• Øvrige: 5 har sendt svar",
        }
        for person, end in ((lea, ""), (sten, f"\n\n{NOTE}")):
            await person.says("/daekning")
            assert await opens(person, "Lokalområder") == (
                f"Lokalområder\n\nTrin 1. Læg en plan\n{areas[person]}\n\n"
                f"Oversigten viser frivillige, foreninger og borgere.{end}\n[Tilbage]"
            )
        departments = {
            lea: "• Børn og skole: 11 er begyndt, 11 har sendt svar\n• Beskæftigelse og social: 2 er begyndt, 2 har "
            "sendt svar",
            sten: "• Børn og skole: 5 har sendt svar\n• Øvrige: 5 har sendt svar",
        }
        for person, end in ((lea, ""), (sten, f"\n\n{NOTE}")):
            assert await opens(person, "Tilbage", "Forvaltninger") == (
                f"Forvaltninger\n\nTrin 1. Læg en plan\n{departments[person]}\n\n"
                f"Oversigten viser ansatte og ledere.{end}\n[Tilbage]"
            )
        assert await opens(lea, "Tilbage", "Store og små foreninger") == (
            "Store og små foreninger\n\nTrin 1. Læg en plan\n• Foreninger med 0-9 frivillige: 1 (6 personer) har "
            "sendt svar\n"
            "• Foreninger med 100+ frivillige: ingen har sendt svar\n\n"
            "Oversigten viser kun foreninger, ikke frivillige, der svarer for sig selv.\n[Tilbage]"
        )


async def test_where_nothing_has_begun_and_nobody_is_listed_it_says_so(found: Found) -> None:
    async with found(steps="plan opens 2026-04-01 08:00") as town:
        lea = await leader(town)
        await lea.says("/status")
        [told] = lea.sees()  # and there is no picture of nothing
        assert told == f"Hvor mange har svaret?\n\nIngen trin er åbnet endnu.\n{BUTTONS}\n[Måltal]\n[Tilbage]"
        assert await opens(lea, "Hvem mangler at svare?") == (
            "Hvem mangler at svare?\n\nDer er ingen på interessentlisten endnu.\n[Interessentlisten]\n[Tilbage]"
        )
        assert await opens(lea, "Tilbage", "Lokalområder") == (
            "Lokalområder\n\nIngen er begyndt endnu.\n\nOversigten viser frivillige, foreninger og borgere.\n[Tilbage]"
        )


# --- who is missing ---------------------------------------------------------------------------------------


async def test_who_is_missing_stands_with_a_text_to_copy_and_key_persons_stand_there_for_the_leader_alone(
    found: Found,
) -> None:
    async with found(steps="plan, linjer") as town:
        await town.runtime.database.write(put_on_register)
        lea, sten = await leader(town), await steering(town)
        lines = {
            lea: "Vi mangler svar fra 4 navne på listen (alle trin).\n\n"
            "• Ældrerådet (skal høres ifølge loven): inviteret, har ikke svaret\n"
            "• Kulturchefen: inviteret, har ikke svaret\n"
            "• Nordby IF: har åbnet linket, ikke begyndt\n"
            "• Spejderne: ikke inviteret",
            sten: "Vi mangler svar fra 3 navne på listen (alle trin).\n\n"
            "• Ældrerådet (skal høres ifølge loven): inviteret, har ikke svaret\n"
            "• Nordby IF: inviteret, har ikke svaret\n"  # what has not been sent is nobody else's
            "• Spejderne: ikke inviteret",
        }
        for person, listed in lines.items():
            await person.says("/daekning")
            shown = await opens(person, "Hvem mangler at svare?")
            assert shown.startswith(
                f"Hvem mangler at svare?\n\n{listed}\n\nTekst, du kan kopiere:\nKære modtager\nEksempel Kommune "
            )
            assert "https://t.me/" in shown
            assert "[Kun: Trin 1. Læg en plan]\n[Kun: Trin 2. Input til de overordnede linjer]\n[Tilbage]" in shown
            assert ("[Interessentlisten]" in shown) is (person is lea)
            assert "Kulturchefen" not in shown or person is lea
            in_one = await opens(person, "Kun: Trin 1. Læg en plan")
            assert "på listen (Trin 1. Læg en plan)." in in_one
            assert in_one.count("Venlig hilsen\nEksempel Kommune") == 1


async def test_how_the_register_stands_is_told_by_kind_area_and_size_for_all_steps_and_for_one(found: Found) -> None:
    async with found(steps="plan, linjer") as town:
        await town.runtime.database.write(put_on_register)
        lea, sten = await leader(town), await steering(town)
        await lea.says("/status")
        assert await opens(lea, "Status for listen") == (
            "Status for listen\n\nAlle trin\n\n"
            "På interessentlisten: 4. Inviteret: 3. Har åbnet linket: 1. Begyndt: 0. Sendt svar: 0. Takket nej: 0. "
            "Ikke reageret: 3.\n\n"
            "type: på listen / sendt svar / ikke reageret\n"
            "• Forening: 2 / 0 / 1\n• Nøgleperson: 1 / 0 / 1\n• Råd: 1 / 0 / 1\n"
            "[Trin 1. Læg en plan]\n[Trin 2. Input til de overordnede linjer]\n[Tilbage]"
        )
        assert "Trin 1. Læg en plan\n\nPå interessentlisten: 4." in await opens(lea, "Trin 1. Læg en plan")
        await sten.says("/daekning")
        shown = await opens(sten, "Status for listen")
        assert shown == (
            "Status for listen\n\nAlle trin\n\nPå interessentlisten: 3. Inviteret: 2. Sendt svar: 0. Takket nej: "
            "0. Mangler at svare: 3.\n\n"
            "type: på listen / sendt svar / mangler\n• Forening: 2 / 0 / 2\n• Råd: 1 / 0 / 1\n"
            "[Trin 1. Læg en plan]\n[Trin 2. Input til de overordnede linjer]\n[Tilbage]"
        )


# --- targets ----------------------------------------------------------------------------------------------


async def test_the_leader_sets_how_many_they_want_to_hear_and_takes_it_away_again(found: Found) -> None:
    async with found(steps="plan, linjer") as town:
        await town.runtime.database.write(answers)
        lea = await leader(town)
        await lea.says("/status")
        at = await opens(lea, "Måltal", "Trin 1. Læg en plan")
        assert "[Frivillig: intet måltal]" in at
        await opens(lea, "Frivillig: intet måltal")
        await lea.says("mange")
        assert "\n" in lea.sees()[-1]
        assert town.rows("SELECT * FROM targets") == []
        await lea.says("20")
        assert "[Frivillig: 20 personer]" in lea.sees()[-1]
        assert town.rows("SELECT flow, stakeholder, people FROM targets") == [("plan", "frivillig", 20)]
        await opens(lea, "Frivillig: 20 personer")
        await lea.says("0")
        assert "[Frivillig: intet måltal]" in lea.sees()[-1]
        assert town.rows("SELECT * FROM targets") == []


# --- the guide's advice -----------------------------------------------------------------------------------


async def test_the_guides_advice_is_a_checklist_with_evidence_and_what_to_do_next(found: Found) -> None:
    async with found(steps="plan, linjer") as town:
        await town.runtime.database.write(answers)
        lea, sten = await leader(town), await steering(town)
        for person, front, small, single in ((lea, "11", "1", "14"), (sten, "5", "få", "15")):
            await person.says("/daekning")
            shown = await opens(person, "Gode råd fra guiden")
            reading, *checks = shown.rpartition("\n[Tilbage]")[0].removesuffix(f"\n\n{NOTE}").split("\n\n")[1:]
            assert reading.startswith("Rådene kommer fra guiden »5 gode råd")
            assert [check.splitlines()[0][0] for check in checks] == ["☐", "✓", "☐", "☐", "☐", "☐"]
            assert all(("Næste skridt: " in check) is check.startswith("☐") for check in checks)
            assert checks[3].splitlines()[1] == (
                f"Forvaltninger, der har svaret: 1. Ansatte med direkte borgerkontakt: {front}."
            )
            assert checks[2].splitlines()[1] == (
                f"På interessentlisten: 0. Svar fra små foreninger (under 25 frivillige): {small}. "
                f"Svar fra enkelte frivillige: {single}."
            )


# --- in English -------------------------------------------------------------------------------------------


async def test_it_is_all_there_in_english(found: Found) -> None:
    async with found(steps="plan, linjer") as town:
        await town.runtime.database.write(answers)
        await town.runtime.database.write(put_on_register)
        sten = town.person("Sten", "en")
        await sten.says(f"/start {await town.invites('steering')}")
        await sten.taps("I want to join")
        sten.sees()
        await sten.says("/daekning")
        told, caption = sten.sees()
        assert told == (
            "How many have answered?\n\n"
            "Participants in all: 40 people\nAssociations, volunteers and citizens: 30 people\n"
            "The municipality: 10 people\n\n"
            "Step 1. Make a plan: 40 sent answers (5 answers, few of them from associations and councils)\n"
            "Step 2. Input to the overall lines: few sent answers\n\n"
            "On the register: 3. Invited: 2. Sent answers: 0. Declined: 0. Have not answered: 3.\n\n"
            "The numbers are from Tuesday 3 March 2026 at 06:00 and are shown in steps of 5. The word few means "
            "that the number is under 5 and perhaps zero. The numbers are also blurred, so that nobody can be "
            "recognised: a few people, chosen at random, are not counted, and as many are counted twice. Only "
            "those who have sent answers or used an invitation of their own are counted. The project leader and "
            "the deputy see the exact numbers.\n"
            "[Local areas] [Large and small associations]\n[Departments] [Show the picture]\n"
            "[Who has not answered?] [Status of the register]\n[Advice from the guide]\n[Back]"
        )
        assert caption == "How many have answered? Eksempel Kommune"
        assert "• The harbour: 20 sent answers\n• Not told: 5 sent answers\n• Others: 5 sent answers" in await opens(
            sten, "Local areas"
        )
        missing = await opens(sten, "Back", "Who has not answered?")
        assert "• Nordby IF: invited, no answer" in missing
        assert "Kulturchefen" not in missing
        advised = await opens(sten, "Back", "Advice from the guide")
        assert "Departments that have answered: 1. Staff in direct contact with citizens: 5." in advised
