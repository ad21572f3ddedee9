"""What people meet when something of ours does not work."""

from __future__ import annotations

from contextlib import closing

from storage.db import connect
from tests.support.chat import Found
from tests.support.visitors import at_step, posted, token


async def test_a_locked_database_loses_no_words_and_sending_again_works(found: Found) -> None:
    async with found(channel="web", steps="borger", busy=0.3) as town:
        browser, page = await at_step(town, "borger", "Borger")
        fields = [("csrf", token(page)), ("seen", ""), ("text", "Ord ved en låst dør"), ("do", "next")]
        path = page.url.removeprefix(town.home)
        with closing(connect(town.folder / "besyv.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            status, _, source, _ = await posted(browser, path, fields)
            other.execute("ROLLBACK")
        assert (status, "Ord ved en låst dør" in source) == (503, True)
        assert "Ord ved en låst dør" not in town.log.getvalue()
        assert " ERROR " in town.log.getvalue()
        town.log.seek(0)
        town.log.truncate()  # the town allows no errors in its log; this one was meant
        status, _, _, location = await posted(browser, path, fields)
        assert (status, location != path) == (303, True)
