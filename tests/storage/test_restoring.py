"""Numbers that are not given again after a restore, and what is held back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storage import hearing_responses, inbox, outbox, prompts, restoring
from storage.db import Tx
from storage.inbox import IncomingUpdate
from storage.outbox import NewMessage
from storage.prompts import Prompt
from tests.support.rows import NOW, began, came, standing

DAY = 86400


def _shown(tx: Tx, person: int, at: int, times: int = 1) -> int:
    """So many screens, one after the other; the last one's number."""
    for _ in range(times):
        prompts.put(tx, person, "telegram", Prompt.next(prompts.last(tx, person, "telegram"), "ask", at))
    last = prompts.last(tx, person, "telegram")
    assert last is not None
    return last.number


@given(
    before=st.integers(1, 200),
    lost=st.integers(0, 200 * DAY),
    busy=st.floats(0, 0.9),
    again=st.integers(0, 2),
)
def test_no_prompt_is_called_as_one_that_was_shown_in_the_lost_time(
    before: int, lost: int, busy: float, again: int
) -> None:
    """However many screens somebody saw then, short of one a second for the whole time; also after a second restore."""
    tx = standing()
    person = came(tx)
    number = _shown(tx, person, NOW, before)
    for turn in range(1, again + 2):
        given_since, now = number + 900 + int(lost * busy), NOW + turn * lost
        restoring.count_on(tx, turn * lost, now)
        number = _shown(tx, person, now)
        assert number > given_since
        assert number < 1_000_000_000  # what a button's data holds


@given(lost=st.integers(0, 60 * DAY))
def test_receipts_messages_answers_and_calendars_count_on(lost: int) -> None:
    tx = standing()
    person = came(tx)
    last = hearing_responses.next_number(tx, 1, "hoering")
    outbox.enqueue(tx, NewMessage("a", person, "deadline", "plan", NOW, NOW + DAY))
    first = restoring.last_message(tx)
    restoring.count_on(tx, lost, NOW + lost)
    assert hearing_responses.next_number(tx, 1, "hoering") > last + 1000 + lost // 60
    outbox.enqueue(tx, NewMessage("b", person, "deadline", "plan", NOW, NOW + DAY))
    assert restoring.last_message(tx) > first + 1_000_000 + 10 * lost
    run = began(tx, person)
    answer = tx.insert(
        """INSERT INTO answers (run_id, question, version, revision, asked, language, channel, content, skipped, open,
                                closed_once, answered_at)
           VALUES (:run, 'P1', 1, 1, '', 'da', 'telegram', x'00', 0, 0, 1, 0)""",
        run=run,
    )
    assert answer > 1_000_000


def test_the_number_of_a_message_that_was_deleted_is_not_given_again() -> None:
    tx = standing()
    person = came(tx)
    outbox.enqueue(tx, NewMessage("a", person, "deadline", "plan", NOW, NOW + DAY))
    first = restoring.last_message(tx)
    tx.erase("DELETE FROM outbox")
    outbox.enqueue(tx, NewMessage("b", person, "deadline", "plan", NOW, NOW + DAY))
    assert restoring.last_message(tx) == first + 1


def test_a_tap_that_was_stored_and_not_acted_on_goes_on_to_mean_its_button() -> None:
    tx = standing()
    person = came(tx)
    tx.run("INSERT INTO addresses (channel, address, person_id, entered_at) VALUES ('telegram', '7', :p, 0)", p=person)
    number = _shown(tx, person, NOW, 3)
    taps = (f"1:{number}:2:p1", f"1:{number - 1}:0:p1", "1:0:0:g4")
    updates = [IncomingUpdate(n, 7, {"update_id": n, "callback_query": {"data": tap}}) for n, tap in enumerate(taps)]
    inbox.add(tx, updates, NOW)
    restoring.count_on(tx, DAY, NOW + DAY)
    moved, still_old, still_lasting = (update.update["callback_query"]["data"] for update in inbox.unsettled(tx))
    last = prompts.last(tx, person, "telegram")
    assert last is not None
    assert (moved, still_old, still_lasting) == (f"1:{last.number}:2:p1", f"1:{number - 1}:0:p1", "1:0:0:g4")


def test_only_what_was_due_or_has_come_due_is_held_and_what_leads_must_know_goes() -> None:
    tx = standing()
    person = came(tx)
    for once, kind, due in (("a", "deadline", NOW - 1), ("b", "deadline", NOW + 1), ("c", "deletion", NOW - 1)):
        outbox.enqueue(tx, NewMessage(once, person, kind, "plan", due, NOW + DAY))
    last = restoring.last_message(tx)
    outbox.enqueue(tx, NewMessage("d", person, "digest", "", NOW + 100, NOW + DAY))
    assert restoring.hold(tx, NOW, ("deletion",), after=last) == 2
    states = {row["once"]: row["state"] for row in tx.all("SELECT once, state FROM outbox")}
    assert states == {"a": "held", "b": "due", "c": "due", "d": "held"}
    assert outbox.claim(tx, NOW + 5, 10, [(1, NOW)]) != []
    assert outbox.let_go(tx, 1, "deadline", "plan") == 1
    assert outbox.drop(tx, 1, NOW) == 1
    assert [(each.kind, each.messages) for each in outbox.held(tx, 1)] == []
