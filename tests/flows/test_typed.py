"""How people write a number, a yes and a no; and what they write beside it that is none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.flows import engine, typed
from bot.flows.model import Choice, Wording

FOUR = (
    *(
        "4",
        " 4 ",
        "4.",
        "4)",
        "(4)",
        "«4»",
        "4!",
        "4️⃣",
        "４",
        "④",
        "fire",
        "Fire",
        "four",
        "nr. 4",
        "Nr 4",
        "nummer 4",
        "no. 4",
    ),
    *("number 4", "#4", "nr. fire", "svar 4", "valg 4", "punkt 4", "option 4", "4-tal", "et 4-tal", "4'er", "en firer"),
    *("\u200b4", "4\u00ad", "ca. 4", "omkring 4"),
)
NO_NUMBER = (
    *(
        "",
        "-4",
        "4,5",
        "4-5",
        "4 eller 5",
        "4 og 5",
        "ikke 4",
        "ca.",
        "nr.",
        "²",
        "٤",
        "4 gange",
        "firben",
        "four-leaf",
    ),
    *("vi er 4 gange så mange", "mandag", "en til", "to be", "4 - enig"),
)
TWELVE = (
    "12",
    "tolv",
    "vi er 12",
    "Vi er ca. 12",
    "12 personer",
    "12 stk.",
    "we are 12",
    "12 people",
    "omkring 12 medlemmer",
    "jeg er 12 år",
)
YES = (
    *(
        "ja",
        "Ja.",
        "JA!",
        "ja tak",
        "Ja, tak",
        "ja, mange tak",
        "jep",
        "Jeps",
        "jo",
        "ja da",
        "ja gerne",
        "gerne",
        "meget gerne",
    ),
    *("yes", "yes please", "Yes, please.", "yep", "of course", "ok", "👍", "👍🏽", "j", "y", "selvfølgelig"),
)
NO = (
    *(
        "nej",
        "Nej.",
        "nej tak",
        "Nej, tak!",
        "ellers tak",
        "nej, ellers tak",
        "næ",
        "nix",
        "nej desværre",
        "no",
        "no thanks",
    ),
    *("No, thank you", "nope", "👎", "n", "helst ikke"),
)
UNKNOWN = (
    "ved ikke det ved jeg ikke",
    "ja men kun om sommeren",
    "nej, ikke endnu",
    "ja eller nej",
    "måske",
    "ja nej",
    "?",
    "",
)
UNSURE = ("det ved jeg ikke", "Jeg ved ikke", "ved det ikke", "ingen anelse", "I don't know", "no idea")


def test_a_number_is_read_however_it_is_written() -> None:
    assert [text for text in FOUR if typed.number(text) != 4] == []
    assert [text for text in NO_NUMBER if typed.number(text) is not None] == []
    assert [text for text in (*TWELVE, "fem og tolv") if typed.count(text) != 12] == ["fem og tolv"]


def test_every_number_up_to_a_hundred_has_a_name() -> None:
    names = {"nul": 0, "syv": 7, "nineteen": 19, "tyve": 20, "enogtyve": 21, "femoghalvtreds": 55, "ninety-nine": 99}
    assert {name: typed.number(name) for name in names} == names
    assert set(typed._NUMERALS.values()) == set(range(101))


def test_a_yes_and_a_no_are_read_however_they_are_said() -> None:
    assert [text for text in YES if typed.yes_or_no(text) != "ja"] == []
    assert [text for text in NO if typed.yes_or_no(text) != "nej"] == []
    assert [text for text in UNSURE if typed.yes_or_no(text) != "ved_ikke"] == []
    assert [text for text in UNKNOWN if typed.yes_or_no(text) is not None] == []


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert typed.number(text) is None or typed.number(text) >= 0  # type: ignore[operator]  # told by the first half
    assert typed.yes_or_no(text) in ("ja", "nej", "ved_ikke", None)


# --- which choice is meant --------------------------------------------------------------------------------


def choices(*labels: str, other: bool = False) -> tuple[Choice, ...]:
    listed = [
        Choice(key=label.casefold().replace(" ", "_").replace("æ", "ae"), label=Wording(da=label, en=label))
        for label in labels
    ]
    return (*listed, Choice(key="andet", label=Wording(da="Andet", en="Other"))) if other else tuple(listed)


AGREE = choices("Helt uenig", "Uenig", "Hverken eller", "Enig", "Helt enig")
SCALE = choices("1", "2", "3", "4", "5")
ANSWER = (*choices("Ja", "Nej"), Choice(key="ved_ikke", label=Wording(da="Ved ikke", en="Don't know")))
FIELDS = choices("Idræt", "Kultur og fritid", "Tro", other=True)
SIZES = choices("0-9", "10-24", "100+")


def key(text: str, seen: tuple[Choice, ...]) -> str | None:
    found = engine.match_choice(text, seen)
    return None if found is None else found.key


def test_a_choice_is_meant_by_its_number_its_label_or_both() -> None:
    meant = (
        "4",
        "4️⃣",
        "4.",
        "nr. 4",
        "fire",
        "enig",
        "Enig, tak",
        "4 - enig",
        "4: Enig",
        "4) enig",
        "enig (4)",
        "4 enig",
    )
    assert [text for text in meant if key(text, AGREE) != "enig"] == []
    no_choice = (
        "4 - uenig",
        "4 men kun lidt",
        "4 eller 5",
        "4-5",
        "6",
        "Jeg er enig i det meste",
        "ikke enig",
        "ja tak",
    )
    assert [text for text in no_choice if key(text, AGREE) is not None] == []


def test_on_a_scale_the_number_says_it() -> None:
    meant = ("4", "4️⃣", "fire", "4 - godt", "4 (ret godt)", "4, tror jeg", "4 af 5", "4/5", "4 ud af 5", "et 4-tal")
    assert [text for text in meant if key(text, SCALE) != "4"] == []
    assert [text for text in ("4 eller 5", "4/10", "4,5", "4, måske", "4 gange om året", "6") if key(text, SCALE)] == []


def test_a_yes_or_no_is_taken_where_it_is_asked_for_alone() -> None:
    assert [
        key(text, ANSWER) for text in ("ja tak", "nej tak", "jep", "yes please", "det ved jeg ikke", "1", "👍")
    ] == [*("ja", "nej", "ja", "ja", "ved_ikke", "ja", "ja")]
    assert [text for text in (*YES, *NO, *UNSURE) if key(text, FIELDS) is not None] == []


def test_a_sentence_is_none_of_the_choices() -> None:
    own = (
        "Vi spiller fodbold 3 gange om ugen",
        "3 - men vi vil gerne have flere",
        "Ja, og vi har også kor",
        "tro og håb",
    )
    assert [text for text in own if key(text, FIELDS) is not None] == []


def test_a_number_with_what_is_counted_finds_its_range() -> None:
    meant = {
        "vi er 12": "10-24",
        "12 medlemmer": "10-24",
        "tolv": "10-24",
        "under 10": "0-9",
        "over 100": "100+",
        "mere end 99": "100+",
        "færre end ti": "0-9",
        "over 9": None,
        "under 100": None,
        "mellem 10 og 24": None,
    }
    assert {text: key(text, SIZES) for text in meant} == meant


def test_several_are_meant_where_each_part_is_one() -> None:
    meant = {
        "1, 3": ("idraet", "tro"),
        "3 og 1": ("tro", "idraet"),
        "1 3": ("idraet", "tro"),
        "Idræt, Kultur og fritid": ("idraet", "kultur_og_fritid"),
        "Idræt og kultur og fritid": (),
        "1, 1": ("idraet",),
        "Kultur og fritid": ("kultur_og_fritid",),
        "1, og lidt kor": (),
        "1 til 3": (),
    }
    assert {text: tuple(each.key for each in engine.match_choices(text, FIELDS)) for text in meant} == meant
