"""What people of Eksempel Kommune say to each question, and a person who walks through a step with it.

Used to write a transcript that is not there yet; from then on the file is what counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.flows import engine
from bot.flows.model import Flow, Group, Respondent
from bot.process.plan import HEARING
from tests.support.chat import Block, OnTelegram, Town, Transcript

# Whom one answers as: the name in file names, what they tap at S1, and what decides their questions.
WHO: dict[str, tuple[str, Respondent]] = {
    "frivillig": ("Frivillig", Respondent(group=Group.FRIVILLIG)),
    "forening": ("Forening", Respondent(group=Group.FORENING)),
    "ansat_front": ("Ansat i kommunen", Respondent(group=Group.ANSAT, front=True)),
    "ansat_oevrig": ("Ansat i kommunen", Respondent(group=Group.ANSAT)),
    "leder": ("Leder i kommunen", Respondent(group=Group.LEDER)),
    "politiker": ("Byråd eller udvalg", Respondent(group=Group.POLITIKER)),
    "raad_center": ("Frivilligråd eller frivilligcenter", Respondent(group=Group.RAAD_CENTER)),
    "borger": ("Borger", Respondent(group=Group.BORGER)),
    "styregruppe": ("Medlem af styregruppen", Respondent(steering=True)),
}

# «question» is what everyone does who is not listed as «who question». Lines as in a transcript.
ANSWERS: dict[str, tuple[str, ...]] = {
    "S2": ("> Besøgsvennerne i Havnen",),
    "raad_center S2": ("> Frivilligcentret",),
    "S3": ("* Socialt arbejde",),
    "forening S3": ("* Idræt",),
    "S4": ("* Ældre og sundhed",),
    "ansat_oevrig S4": ("* Kultur og fritid",),
    "S5": ("* Ja",),
    "ansat_oevrig S5": ("* Nej",),
    "S6": ("* Havnen",),
    "forening S6": ("* Nordby",),
    "borger S6": ("* Vil ikke svare",),
    "S7": ("* Ja",),
    "politiker S7": ("* Nej",),
    "P1": ("> Kom ud til os i stedet for at kalde os ind. En time i vores klubhus er nok.",),
    "P2": ("> Ring til formanden", "> Spørg på Facebook", "* Færdig"),
    "P3": ("> Hvem kan jeg ringe til, når lokalet er låst?", "* Færdig"),
    "ansat_front P3": ("> Hvad må de frivillige hjælpe de ældre med?", "* Færdig"),
    "P4": ("* ☐ Møde om aftenen", "* ☐ Svare på mobil eller computer", "* Færdig"),
    "leder P4": ("* ☐ Møde om dagen", "* Færdig"),
    "P5": ("* Nej",),
    "frivillig P5": ("* Ja",),
    "forening P5": ("* Ja",),
    "P6": ("> Anna Andersen, anna@havnen.example",),
    "forening P6": ("> Nordby IF ved Bo, 20 11 22 33",),
    "P7": ("> Den skal kunne bruges, når vi deler pengene ud.",),
    "P8": ("> Alle, der har en nøgle til et klubhus.",),
    "P8b": ("> De skal bestemme, hvad der haster mest.",),
    "P9": ("> Korte svar", "> Færre skemaer", "* Færdig"),
    "P10": ("> Vi vil gerne samle de små foreninger til en aften.",),
    "L1": ("> Det skal være klart, hvem man ringer til.",),
    "forening L1": ("> Vi skal ikke søge om det samme tre steder.",),
    "L2": ("* ☐ Ældre", "* ☐ Landsbyer", "* Færdig"),
    "ansat_oevrig L2": ("* ☐ Alle områder", "* Færdig"),
    "L3": ("> De kan læse højt og drikke kaffe.",),
    "L3b": ("> Alt, der har med medicin at gøre.",),
    "L8": ("> Dem, der er alene", "> Unge uden fritidsjob", "* Færdig"),
    "borger L8": ("> Nye familier", "* Færdig"),
    "L4": (
        "* Det skal være let at være frivillig",
        "* Kommunen og foreningerne skal kende hinanden bedre",
        "* Flere skal være med",
        "* Færdig",
    ),
    "L5": ("> Lad os flytte et aftenmøde ud i hvert lokalområde hver måned.",),
    "L6": ("> Juleaften på skolen. Den kører af sig selv.",),
    "L7": ("> Den må ikke blive en måde at spare på.",),
    "F11": ("> Dem, der ikke kan komme om aftenen.",),
    "F1": ("> Sådan, at ingen spiser alene, hvis de ikke har lyst.",),
    "F1a": ("> Vi har lige så mange unge som gamle med.",),
    "F1b": ("> Vi kender hinanden, før vi har brug for hinanden.",),
    "F1c": ("> Der er et sted at gå hen om aftenen.",),
    "F2": ("> Tillid", "> Humor", "* Færdig"),
    "F3": ("> At vi ved, hvem vi skal tale med, og at de svarer.",),
    "F4": ("> Et lokale om tirsdagen", "> En kopimaskine", "* Færdig"),
    "F4c": ("> At nogen tager mig med den første gang.",),
    "F5": ("> Tid til at hilse på dem", "* Færdig"),
    "F6": ("* 2",),
    "forening F6": ("* 4",),
    "leder F6": ("* 5",),
    "politiker F6": ("* 3",),
    "ansat_oevrig F6": ("* Ved ikke",),
    "F13": ("> Man skal ringe mange steder hen.",),
    "forening F13": ("> Halbookingen kan vi selv klare på nettet.",),
    "F14": ("> En kop kaffe med borgmesteren en gang om året.",),
    "D1": ("> Én fast person at ringe til", "> Et sted at låne borde", "* Færdig"),
    "D3": ("> Ingen skal udfylde et skema for at være noget for andre.",),
    "forening D3": ("> Kommunen svarer en forening inden en uge.",),
    "raad_center D3": ("> De små foreninger bliver hørt, før der bliver bestemt noget.",),
    "D4": ("> De smiler, når jeg kommer.",),
    "D5": ("> Mere papir. Eller hvis jeg skulle erstatte en ansat.",),
    "D6": ("* ☐ At få nye frivillige", "* ☐ Papirarbejde", "* ☐ Lokaler", "* Færdig"),
    "D7": ("* 25-49",),
    "D8": ("* Nej, jeg er frivillig hos kommunen, fx på et plejecenter",),
    "D8a": ("> Plejehjemmet Havblik",),
    "D10": ("* Ja, om noget af det",),
    "D11": ("> Skemaet er langt, og vi får svar efter jul.",),
    "forening D11": ("* Spring over",),
    "D12": ("> En dag, hvor man kan prøve at være frivillig", "* Færdig"),
    "D9": ("> At de ikke ved, hvem de skal spørge.",),
    "A1": ("> Skakklubben i Søndermark", "> De nye familier på Havnen", "* Færdig"),
    "A2": ("> Biblioteket", "> Ældrerådet", "* Færdig"),
    "A3": ("> At det tager tid at lære hinanden at kende, og at det er det værd.",),
    "A4": ("> Låne os en bus to gange om året.",),
    "A6": ("> Folk uden bil", "* Færdig"),
    "A5": ("> Garagen på Kajvej. Der låner alle hinanden værktøj.",),
    "M1": ("> Klare aftaler om, hvem der gør hvad", "* Færdig"),
    "M2": ("> Fælles morgenmad den første mandag", "* Færdig"),
    "M3": ("> Hvem har ansvaret, hvis nogen falder?",),
    "ansat_oevrig M3": ("* Spring over",),
    "M10": ("> At vi ved, hvem der kommer om torsdagen.",),
    "M11": ("> Hvad de må få at vide om beboerne.",),
    "M4": ("> Jeg kan hilse på og vise rundt.",),
    "M5": ("* Hver uge",),
    "M6": ("> Da Aage fra Besøgsvennerne lærte os at spille whist.",),
    "M7": ("> Medicin, penge og personlig pleje.",),
    "M8": ("> En fast time om ugen, som ingen tager fra dem.",),
    "M9": ("* Frivilligcentret",),
    "ansat_oevrig M9": ("* Det ved jeg ikke",),
    "K1.smaa_foreninger": ("* Ja",),
    "K1.laane_lokaler": ("* Delvist",),
    "K2": ("> Det med nøglen. Den talte alle om.",),
    "K3": ("* Ja",),
    "frivillig K3.lokaler": ("* Delvist",),
    "forening K3.tid": ("* Nej",),
    "K4": ("> Vi sagde dyrt, ikke svært.",),
    "K5": ("> At vi også bad om hjælp til de unge.",),
    "H1": ("* Mig selv",),
    "H1a": ("* Vores egen forening, vores eget råd eller center",),
    "raad_center H1a": ("* Andre",),
    "leder H1": ("* En arbejdsplads",),
    "H2a": ("> Frivilligrådet",),
    "leder H2": ("> Hjemmeplejen i Ådalen",),
    "H3.det_vil_vi": ("* Enig",),
    "forening H3.det_vil_vi": ("* Enige",),
    "raad_center H3.det_vil_vi": ("* Enige",),
    "H3.sammen": ("* Delvist enig",),
    "forening H3.sammen": ("* Enige",),
    "raad_center H3.sammen": ("* Uenige",),
    "borger H3.sammen": ("* Ingen holdning",),
    "H3.steder": ("* Enig",),
    "forening H3.steder": ("* Enige",),
    "raad_center H3.steder": ("* Enige",),
    "H4": ("* Spring over",),
    "H4.sammen": ("> Skriv: Den person svarer inden to dage.",),
    "H5": ("> Noget om dem, der ikke er med i en forening.",),
    "H7": ("> Bo Bendtsen, bo@nordby-if.example",),
    "raad_center H7": ("> Rådets formand, 20 11 22 33",),
    "J1.svar1": ("* Imødekommes delvist",),
    "J2.svar1": ("> En uge er nok, men man får straks at vide, at nogen har set det.",),
    "J1.svar2": ("* Imødekommes",),
    "J2.svar2": ("> Det manglede.",),
    "V1": ("> Hvad koster det om året?",),
    "V2": ("> Til at spørge, hvordan det går med lokalerne.",),
    "V3": ("* 4",),
    "borger V3": ("* Ved ikke",),
    "B1": ("* Ja",),
    "B1a": ("> Jeg bar en sofa for en nabo.",),
    "B2": ("> Hvis nogen spurgte mig, og det kun tog en time.",),
    "B5": ("> En at følges med til svømning",),
    "B3": ("> Min søster, og så naboen.",),
    "B4": ("* 40-64 år",),
    "C1": ("* ☐ Handicaprådet", "* ☐ Spejderne i Ådalen", "* Færdig"),
    "C2": ("* 4",),
    "C3": ("> Ringe til dem, der ikke har svaret på mailen.",),
    "C4": ("* ☐ At samle op efter møder", "* Færdig"),
    "X1": ("* Nej",),
    "frivillig X1": ("> Tak, fordi I spørger.",),
}


def lines_for(who: str, question: str) -> tuple[str, ...]:
    for name in (f"{who} {question}", question, question.partition(".")[0]):
        if name in ANSWERS:
            return ANSWERS[name]
    raise KeyError(f"nobody has an answer to {question} as {who}")


def walks(flows: dict[str, Flow]) -> Iterator[tuple[str, str]]:
    """(who, flow) of everyone who has something to answer in it."""
    for who, (_, respondent) in WHO.items():
        for key, flow in flows.items():
            if flow.by_role if respondent.steering else (key == "start" or engine.asks(flow, respondent)):
                yield who, key


async def write(town: Town, who: str, flow: str) -> Transcript:
    """A transcript without what the bot shows: it is filled in when it is played."""
    label, _ = WHO[who]
    head: dict[str, str] = {}
    if flow == "start":
        title = [f"# {label}: de første spørgsmål, om den, der svarer. Alle trin er åbne."]
        acts = ["> /start", "* Jeg er med", f"* {label}"]
    elif who == "styregruppe":  # nobody asks whom they answer as
        title = [f"# {label}: hele vejen gennem {flow}."]
        head["steps"] = flow
        acts = ["@ invite steering", "> /start {invite}", "* Jeg er med", "* Ja"]
    else:
        title = [f"# {label}: hele vejen gennem {flow}."]
        head["steps"] = flow
        acts = [f"@ first {who}-start"]
    transcript = Transcript(f"{who}-{flow}", head, title, [Block(act, 0) for act in acts])
    anna = town.person()
    if flow == "start" or who == "styregruppe":
        for act in acts:
            await _do(town, anna, act)
    else:
        for block in _start_of(who).blocks:
            await _do(town, anna, block.act)
    while True:
        [(screen, question)] = town.rows("SELECT screen, question FROM prompts")
        [(running,)] = town.rows("SELECT flow FROM runs ORDER BY id DESC LIMIT 1")
        if screen == "review":
            following: tuple[str, ...] = ("* Send høringssvaret" if flow == HEARING else "* Send",)
        elif screen == "ask" and running == flow:
            following = lines_for(who, question)
        else:
            return transcript
        for act in following:
            await _do(town, anna, act)
            transcript.blocks.append(Block(act, 0))


def _start_of(who: str) -> Transcript:
    from tests.support.chat import read

    return read(f"{who}-start")


async def _do(town: Town, anna: OnTelegram, act: str) -> None:
    mark, _, what = act.partition(" ")
    if mark == "@":
        await town.invites(what.removeprefix("invite "))
    elif mark == ">":
        await anna.says(what.replace("{invite}", town.invite))
    else:
        await anna.taps(what)
