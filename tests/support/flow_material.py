"""Eksempel Kommune: what the flows are filled with in tests, and the flows so filled."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bot.flows import loader
from bot.flows.loader import Item, Material
from bot.flows.model import Flow

DEFINITIONS = Path(loader.__file__).parent / "definitions"
FILES = tuple(sorted(DEFINITIONS.glob("*_*.yaml")))

EKSEMPEL = Material(
    areas=(
        Item(key="nordby", da="Nordby", en="Nordby"),
        Item(key="soendermark", da="Søndermark"),
        Item(key="havnen", da="Havnen", en="The harbour"),
        Item(key="aadalen", da="Ådalen"),
    ),
    departments=(
        Item(key="boern_skole", da="Børn og skole", en="Children and schools"),
        Item(key="aeldre_sundhed", da="Ældre og sundhed", en="Elderly care and health"),
        Item(key="kultur_fritid", da="Kultur og fritid", en="Culture and leisure"),
        Item(key="teknik", da="Teknik og miljø", en="Roads and environment"),
    ),
    policy_areas=(
        Item(key="aeldre", da="Ældre", en="Older people"),
        Item(key="socialt_udsatte", da="Socialt udsatte", en="Socially vulnerable people"),
        Item(key="handicap", da="Handicap", en="Disability"),
    ),
    goals=(
        Item(key="flere_med", da="Flere skal være med", en="More people take part"),
        Item(key="let_at_hjaelpe", da="Det skal være let at være frivillig", en="It is easy to be a volunteer"),
        Item(key="faelles_steder", da="Fælles steder at mødes", en="Shared places to meet"),
        Item(
            key="kendskab",
            da="Kommunen og foreningerne skal kende hinanden bedre",
            en="The municipality and the associations know each other better",
        ),
        Item(key="unge", da="Flere unge frivillige", en="More young volunteers"),
    ),
    parties=(
        Item(key="idraetsforening", da="Nordby Idrætsforening", en="Nordby Sports Association"),
        Item(key="besoegsvenner", da="Besøgsvennerne", en="The Visiting Friends"),
        Item(key="aeldreraad", da="Ældrerådet", en="The Senior Citizens' Council"),
        Item(key="spejdere", da="Spejderne i Ådalen", en="The Scouts of Ådalen"),
        Item(key="menighed", da="Menighedsrådet", en="The parish council"),
    ),
    sections=(
        Item(
            key="vision",
            da="Afsnit 1: Det vil vi",
            en="Section 1: What we want",
            text_da="Alle i Eksempel Kommune kan være med til noget, der betyder noget for dem.",
            text_en="Everyone in Eksempel Kommune can take part in something that matters to them.",
        ),
        Item(
            key="samarbejde",
            da="Afsnit 2: Sådan arbejder vi sammen",
            en="Section 2: How we work together",
            text_da="Frivillige har én fast kontakt i kommunen. Kontakten svarer inden en uge.",
            text_en="Volunteers have one contact in the municipality. The contact answers within a week.",
        ),
        Item(
            key="steder",
            da="Afsnit 3: Steder at være",
            text_da="Foreninger kan låne kommunens lokaler, når de står tomme.",
        ),
    ),
    lines=(
        Item(key="linje1", da="Små foreninger skal høres.", en="Small associations are heard."),
        Item(key="linje2", da="Det skal være let at låne et lokale.", en="It is easy to borrow a room."),
    ),
    main_points=(
        Item(key="lokaler", da="I vil gerne have flere lokaler.", en="You would like more rooms."),
        Item(key="kontakt", da="I savner én at ringe til.", en="You miss someone to call."),
        Item(key="tid", da="I har brug for mere tid.", en="You need more time."),
    ),
    responses=(
        Item(
            key="svar1",
            da="Høringssvar 1: Besøgsvennerne",
            en="Response 1: Besøgsvennerne",
            text_da="Vi vil gerne have, at kontakten svarer hurtigere.",
        ),
        Item(key="svar2", da="Høringssvar 2: Ældrerådet", text_da="Skriv også noget om dem, der bor alene."),
    ),
)


def load(file: Path, material: Material = EKSEMPEL) -> Flow | None:
    return loader.load_flow(file.read_text(encoding="utf-8"), file.name, shared(), material)


@cache
def shared() -> loader.Shared:
    file = DEFINITIONS / "shared.yaml"
    return loader.load_shared(file.read_text(encoding="utf-8"), file.name)


@cache
def flows() -> dict[str, Flow]:
    """Every flow of the project by key, filled with Eksempel Kommune's material."""
    found = [flow for file in FILES if (flow := load(file)) is not None]
    return {flow.flow: flow for flow in found}
