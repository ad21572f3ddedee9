"""The parties of the process file, which are the first rows of the register: put there when the file is loaded, and
kept in step with it. What the leader has done to them stands: a name, a kind, that one was invited, or removed."""

from __future__ import annotations

from bot.features.register import service, ties
from bot.flows.loader import Item
from bot.texts import names
from reports.register import PartyKind
from storage import register
from storage import ties as stored
from storage.db import Tx
from storage.register import NewParty, Party
from storage.ties import FileParty

SOURCE = "process-file"

# How the name of an entry that is no association ends, folded.
_ENDINGS: dict[PartyKind, tuple[str, ...]] = {
    PartyKind.RAAD: ("råd", "rådet", "rådene"),
    PartyKind.CENTER: ("center", "centret", "centeret", "centre", "centrene", "værested", "værestedet"),
    PartyKind.UDVALG: ("udvalg", "udvalget", "udvalgene"),
}


def is_in_step(tx: Tx, process_id: int, listed: tuple[Item, ...]) -> bool:
    before = stored.of_file(tx, process_id)
    return {key: entry.name for key, entry in before.items()} == {item.key: _name(item) for item in listed}


def load(tx: Tx, process_id: int, listed: tuple[Item, ...], now: int) -> None:
    """Adds what is new, renames what the file calls otherwise, and takes off what it lists no more, unless the leader
    or anybody else has done something with it."""
    before = stored.of_file(tx, process_id)
    for item in listed:
        known = before.pop(item.key, None)
        party_id = _add(tx, process_id, _name(item), now) if known is None else _follow(tx, process_id, known, item)
        stored.note_of_file(tx, process_id, FileParty(item.key, _name(item), party_id))
    for gone in before.values():
        _take_off(tx, process_id, gone)
        stored.forget_of_file(tx, process_id, gone.key)
    ties.by_name(tx, process_id)


def _name(item: Item) -> str:
    return names.on_one_line(item.da)


def _add(tx: Tx, process_id: int, name: str, now: int) -> int:
    kind, must = _kind(name)
    new = NewParty(name=name, folded=names.folded(name), kind=kind, source=SOURCE, must=must)
    return register.put(tx, process_id, new, now)


def _kind(name: str) -> tuple[str, bool]:
    """What it is, and whether the law says that it is to be heard: as in the template, or by how the name ends."""
    folded = names.folded(name)
    usual = next((one for one in service.template() if names.folded(one.name) == folded), None)
    if usual is not None:
        return usual.kind, usual.must
    kind = next((kind for kind, endings in _ENDINGS.items() if folded.endswith(endings)), PartyKind.FORENING)
    return kind, False


def _follow(tx: Tx, process_id: int, known: FileParty, item: Item) -> int | None:
    """The entry that the key stands for now; None where the leader has removed it."""
    name = _name(item)
    entry = register.by_id(tx, process_id, known.party_id) if known.party_id is not None else None
    if entry is None or name == known.name or entry.name != known.name:
        return known.party_id
    other = register.by_folded(tx, process_id, names.folded(name))
    if other is None or other.id == entry.id:
        ties.rename(tx, process_id, entry.id, name)
        return entry.id
    _take_off(tx, process_id, known)
    return other.id


def _take_off(tx: Tx, process_id: int, gone: FileParty) -> None:
    entry = register.by_id(tx, process_id, gone.party_id) if gone.party_id is not None else None
    if entry is not None and _is_as_it_came(entry, gone) and not stored.is_used(tx, entry.id):
        register.remove(tx, process_id, entry.id)


def _is_as_it_came(entry: Party, gone: FileParty) -> bool:
    told = (entry.source, entry.name, entry.kind, entry.invited_at, entry.declined_at, entry.has_contact, entry.area)
    return told == (SOURCE, gone.name, _kind(gone.name)[0], None, None, 0, None)
