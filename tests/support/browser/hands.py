"""How a person works a page: with the keyboard alone, or with a thumb; and how they answer whatever is asked.

Nothing here sends a request or sets a value: keys are pressed and the glass is touched, as people do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from playwright.async_api import Locator, Page

FAR = 80  # presses of Tab: nothing on a page of ours is further away

# Focus that nobody sees is no focus: the outline of the control, or of the card around it.
_OUTLINED = """control => [control, control.closest('.choice')].some(seen => {
    const style = seen && getComputedStyle(seen);
    return style && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 3; })"""

_FOCUSED = "control => document.activeElement === control"

_BESIDE = """control => { const now = document.activeElement;
    return now !== control && now.type === 'radio' && now.name === control.name; }"""


class Hands(Protocol):
    async def press(self, control: Locator) -> None:
        """A button or link that leads to a page: the same one once more, or another."""

    async def choose(self, control: Locator) -> None:
        """A radio button or a checkbox."""

    async def write(self, field: Locator, text: str) -> None: ...


@dataclass
class Keyboard:
    page: Page

    async def press(self, control: Locator) -> None:
        await self._reach(control)
        async with self.page.expect_navigation():
            await self.page.keyboard.press("Enter")

    async def choose(self, control: Locator) -> None:
        await self._reach(control)
        if not await control.is_checked():  # arrows choose a radio on their way
            await self.page.keyboard.press("Space")
        assert await control.is_checked()

    async def write(self, field: Locator, text: str) -> None:
        await self._reach(field)
        await self.page.keyboard.press("ControlOrMeta+a")
        await self.page.keyboard.insert_text(text)

    async def _reach(self, control: Locator) -> None:
        """By Tab, and among radio buttons by arrow, from wherever the focus is."""
        for _ in range(FAR):
            if await control.evaluate(_FOCUSED):
                assert await control.evaluate(_OUTLINED), "nobody sees where the focus is"
                return
            await self.page.keyboard.press("ArrowDown" if await control.evaluate(_BESIDE) else "Tab")
        raise AssertionError(f"the keyboard does not get to {control}")


@dataclass
class Thumb:
    page: Page

    async def press(self, control: Locator) -> None:
        async with self.page.expect_navigation():
            await control.tap()

    async def choose(self, control: Locator) -> None:
        await control.locator("xpath=ancestor::label").tap()
        assert await control.is_checked()

    async def write(self, field: Locator, text: str) -> None:
        await field.tap()
        await self.page.keyboard.press("ControlOrMeta+a")
        await self.page.keyboard.insert_text(text)


@dataclass
class Someone:
    """Answers page after page, and remembers what they said: question → its words, as they are stored."""

    page: Page
    hands: Hands
    group: str = "Ansat i kommunen"
    words: dict[str, list[str]] = field(default_factory=dict)  # of questions that are not answered with anything
    told: dict[str, str] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)

    async def accepts(self) -> None:
        await self.page.goto("/")
        await self.leads_on()

    async def leads_on(self) -> None:
        """The button that stands out."""
        await self.hands.press(self.page.locator("#main button.main"))

    async def press(self, label: str) -> None:
        await self.hands.press(self.page.locator("#main").get_by_role("button", name=label, exact=True))

    async def answers(self) -> None:
        """Page after page, until something else than a question is shown."""
        while await self.page.locator("#question").count():
            await self.answer()

    async def kind(self) -> str:
        return (await self.page.locator("#question").get_attribute("class") or "").split()[0]

    async def answer(self) -> None:
        kind = await self.kind()
        question = self.page.url.rpartition("/")[2]
        self.kinds.add(kind)
        match kind:
            case "text" | "contact":
                self.told[question] = await self._writes(
                    "#answer", *self.words.get(question, [f"Det mener jeg om {question}."])
                )
            case "ideas":
                self.told[question] = "\n".join(await self._lists(question))
            case "ranking":
                self.told[question] = " > ".join(await self._ranks())
            case "multi":
                self.told[question] = f"{await self._chooses(0)}, {await self._chooses(2)}"
            case _:
                wanted = self.page.locator(".choice", has_text=self.group)
                self.told[question] = await self._chooses(0 if await wanted.count() == 0 else -1)
        await self.leads_on()

    async def _writes(self, field: str, text: str) -> str:
        await self.hands.write(self.page.locator(field), text)
        return text

    async def _chooses(self, place: int) -> str:
        cards = self.page.locator("#question .choice")
        card = cards.nth(place) if place >= 0 else cards.filter(has_text=self.group).first
        await self.hands.choose(card.locator("input"))
        return (await card.inner_text()).strip()

    async def _lists(self, question: str) -> list[str]:
        ideas = self.words.get(question, [f"Et ønske til {question}", f"Og et til om {question}"])
        for place, idea in enumerate(ideas):
            if place:
                await self.hands.press(self.page.locator("button.more"))
            await self._writes("#answer", idea)
        return ideas

    async def _ranks(self) -> list[str]:
        """All of them from the last to the first, and then the second is moved up."""
        order: list[str] = []
        picks = self.page.locator(".order-picks button")
        while count := await picks.count():
            order.append((await picks.nth(count - 1).inner_text()).strip())
            await self.hands.press(picks.nth(count - 1))
        await self.hands.press(self.page.locator(".order li").nth(1).locator("button").first)
        order[:2] = reversed(order[:2])
        shown = [text.strip() for text in await self.page.locator(".order .what").all_inner_texts()]
        assert shown == order
        return order
