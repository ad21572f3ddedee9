"""Somebody at the web pages, in a browser without scripts.

Here: what a page says one can do, and a person who does that alone: follows its links, fills in its forms and sends
them with the buttons that stand there. A request of another making is made where the act is marked as forged, and for
words that the page has no field for. Not here: what the pages should say.
"""

from __future__ import annotations

import asyncio
import base64
import io
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urljoin, urlsplit

import aiohttp
from lxml import html
from lxml.html import FormElement, HtmlElement, InputElement, TextareaElement

from bot import codes, texts
from bot.channels.web.session import COOKIE
from bot.dialogue.commands import normalise
from bot.flows.engine import match_choice
from bot.flows.model import Choice, Language, Wording
from storage import personal_links, sessions
from tests.support import receipts

if TYPE_CHECKING:
    from tests.support.chat import Town


AWAY = 11 * 3600  # seconds without a page after which somebody may be logged out
TURN = 7  # seconds a person takes to read and answer
MOST_REDIRECTS = 3
STAYS = "#"  # where an answer leads that is a file: the page stays as it is
PANEL_FORMS = ("/skriv", "/fil", "/eksport")
Fields = list[tuple[str, str]]


# --- a page -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Control:
    """Something in a page that can be pressed. `value` is what a button sends back, or where a link leads."""

    label: str
    element: HtmlElement
    value: str


@dataclass(frozen=True, slots=True)
class Option:
    """A radio or a checkbox, or a thing in a ranking."""

    label: str
    chosen: bool


@dataclass(slots=True)
class Sight:
    """What stands in a page's main part, as one who reads it from top to bottom would tell it.

    `kind` is told by the controls: one, many, order, ideas, text; "" for a page that asks nothing.
    """

    paragraphs: list[str] = field(default_factory=list)
    review: list[str] = field(default_factory=list)
    kind: str = ""
    options: list[Option] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    ideas: list[str] = field(default_factory=list)
    text: str | None = None
    buttons: list[str] = field(default_factory=list)
    file: str = ""

    def lines(self) -> list[str]:
        """As a transcript of the pages has it: paragraphs, what the fields hold, the buttons in one row."""
        told = ["\n".join(part) for part in self._parts() if part]
        return "\n\n".join(told).split("\n") if told else []

    def _parts(self) -> Iterator[list[str]]:
        yield from ([paragraph] for paragraph in [*self.paragraphs, *self.review])
        mark = {"one": "○●", "many": "☐☑"}.get(self.kind, "")
        yield [f"{_marked(option, mark)} {option.label}" for option in self.options]
        yield [f"{place}. {label}" for place, label in enumerate(self.order, 1)]
        yield [f"• {idea}" for idea in self.ideas]
        yield [f"«{self.text}»"] if self.text else []
        yield [f"<{self.file}>"] if self.file else []
        yield [" ".join(f"[{button}]" for button in self.buttons)] if self.buttons else []


def _marked(option: Option, mark: str) -> str:
    if not mark:
        return "·"
    return mark[1] if option.chosen else mark[0]


class Page:
    """A page as it stands in the browser, with what was ticked and typed in it and not sent."""

    def __init__(self, url: str, status: int, source: str) -> None:
        self.url = url
        self.status = status
        self.tree: HtmlElement = html.document_fromstring(source)
        self.main: HtmlElement = self._one("//main")
        self.file = ""
        self.made: dict[str, bytes] = {}  # files that stand in the page itself, by name
        for area in self.tree.iter("textarea"):  # a newline right after the tag is not part of the text
            area.text = (area.text or "").removeprefix("\n")

    def _one(self, path: str) -> HtmlElement:
        found = self.find(path)
        assert len(found) == 1, f"{self.url}: {len(found)} of {path}"
        return found[0]

    def find(self, path: str, within: HtmlElement | None = None) -> list[HtmlElement]:
        found = (self.tree if within is None else within).xpath(path)
        assert isinstance(found, list)
        return [element for element in found if isinstance(element, HtmlElement)]

    # What one can do

    @property
    def form(self) -> FormElement | None:
        """The form of a question."""
        found = self.find(".//form[@id='question']", self.main)
        return found[0] if found and isinstance(found[0], FormElement) else None

    def panel_form(self, action: str) -> FormElement | None:
        """What stands in a panel beside its buttons: «/skriv» takes words, «/fil» a file, «/eksport» gives one."""
        found = self.find(f".//form[@action='{action}']", self.main)
        return found[0] if found and isinstance(found[0], FormElement) else None

    def buttons(self, within: HtmlElement | None = None) -> list[Control]:
        """Those that send a form."""
        found = self.find(".//button[not(@hidden) and not(@type='button')]", self.main if within is None else within)
        return [Control(_name(button), button, button.get("value", "")) for button in found]

    def links(self, within: HtmlElement | None = None) -> list[Control]:
        found = self.find(".//a[@href and not(starts-with(@href, '#'))]", self.main if within is None else within)
        return [Control(_name(link), link, link.get("href", "")) for link in found]

    def edits(self) -> list[Control]:
        """The ways from the review to each of its answers."""
        return [link for item in self.find(".//ol[@class='review']/li", self.main) for link in self.links(item)]

    def boxes(self) -> list[tuple[str, InputElement]]:
        """Radios or checkboxes, each with its label."""
        found = self.find(".//input[@type='radio' or @type='checkbox']", self.main)
        return [(self._label(box), box) for box in found if isinstance(box, InputElement)]

    def _label(self, box: HtmlElement) -> str:
        labels = list(box.iterancestors("label")) or self.find(f"//label[@for='{box.get('id')}']")
        assert labels, f"{self.url}: a field without a label"
        return _words(labels[0])

    def areas(self, name: str) -> list[TextareaElement | InputElement]:
        """Where one writes; a mail address and a code have one line."""
        found = self.find(
            f".//textarea[@name='{name}'] | .//input[@name='{name}' and (@type='email' or @type='text')]", self.main
        )
        return [area for area in found if isinstance(area, TextareaElement | InputElement)]

    @property
    def most(self) -> int:
        """How many boxes may be ticked, as the page says it."""
        told = {_words(paragraph) for paragraph in self.find(".//p[@class='body']", self.main)}
        numbers = range(1, len(self.boxes()) + 1)
        return next((n for n in numbers if texts.count(self.language, "how.most", n) in told), len(numbers))

    @property
    def asks(self) -> bool:
        """Whether there is anything to answer or to press but the way on."""
        return bool(self.find(".//form", self.main))

    @property
    def is_front(self) -> bool:
        """The page of those who have not said yes: looking at it leaves no trace."""
        return bool(self.find(".//form[@action='/']", self.main))

    @property
    def refused(self) -> bool:
        return self.status == 422

    # What one sees

    def sight(self) -> Sight:
        seen = Sight(paragraphs=list(self._paragraphs()), file=self.file)
        seen.review = [f"{n}. {text}" for n, text in enumerate(self._reviewed(), 1)]
        boxes = self.boxes()
        seen.options = [Option(label, bool(box.checked)) for label, box in boxes]
        seen.order = [_words(what) for what in self.find(".//ol[@class='order']//*[@class='what']", self.main)]
        left = [button for button in self.buttons() if button.value.startswith("put:")]
        ideas, text = self.areas("idea"), self.areas("text") if self.form is not None else []
        seen.ideas = [_text(area) for area in ideas if _text(area)]
        seen.text = _text(text[0]) if text else None
        assert len(text) <= 1, f"{self.url}: two fields for one answer"
        if boxes:
            seen.kind = "one" if boxes[0][1].get("type") == "radio" else "many"
        elif seen.order or left:
            seen.kind = "order"
            seen.options = [Option(button.label, False) for button in left]
        else:
            seen.kind = "ideas" if ideas else "text" if text else ""
        assert bool(seen.kind) == (self.form is not None), f"{self.url}: a question with nothing to answer it by"
        beside = [button.element for action in PANEL_FORMS for button in self._of_forms(action)]
        seen.buttons = [
            button.label for button in self.buttons() if button not in left and button.element not in beside
        ]
        edits = self.edits()
        seen.buttons += [_words(folded) for folded in self.find(".//summary", self.main)]
        seen.buttons += [texts.say(self.language, "button.edit", number=n) for n, _ in enumerate(edits, 1)]
        beside_it = [link for aside in self.find(".//*[@class='aside']", self.main) for link in self.links(aside)]
        ways_on = [
            link
            for link in self.links()
            if link not in edits and link not in beside_it and "download" not in link.element.attrib
            if link.label != link.value  # an address in what is to be read, which any channel makes a link of
        ]
        seen.buttons += [link.label for link in ways_on]
        return seen

    def _of_forms(self, action: str) -> list[Control]:
        return [
            button for form in self.find(f".//form[@action='{action}']", self.main) for button in self.buttons(form)
        ]

    @property
    def language(self) -> Language:
        return "en" if self.tree.get("lang") == "en" else "da"

    def _paragraphs(self) -> Iterator[str]:
        """Notes, what is wrong, the lead, the title, the body: in the order in which they stand."""
        where = (
            ".//*[contains(@class, 'notes')]/*[self::p or self::h2] | .//*[contains(@class, 'error-summary')]//a"
            " | .//p[@class='lead']"
            " | .//h1[not(contains(@class, 'site'))] | .//*[@class='body'][not(ancestor::details)]"
            " | .//h2[@class='typed'] | .//p[@class='said' and not(ancestor::ol)]"
        )
        for element in self.find(where, self.main):
            yield receipts.masked(_words(element))
        known = ("notes", "error-summary", "lead", "body", "error", "review", "typed", "said")
        unfolded = "[not(ancestor::details)]"  # what is folded away has a test of its own
        for element in self.find(f".//p[not(@hidden)]{unfolded} | .//h2{unfolded} | .//h3", self.main):
            around = [*(element.get("class") or "").split()]
            around += [name for each in element.iterancestors() for name in (each.get("class") or "").split()]
            stray = _words(element) if not self.find(".//a | .//button", element) else ""
            assert not stray or set(known) & set(around), f"{self.url}: words that nobody compares: {stray}"
        beside = [_words(error) for error in self.find(".//p[@class='error']", self.main)]
        summed = [_words(link) for link in self.find(".//*[contains(@class, 'error-summary')]//a", self.main)]
        assert beside == summed, f"{self.url}: {summed} above, {beside} beside the field"

    def _reviewed(self) -> Iterator[str]:
        for item in self.find(".//ol[@class='review']/li", self.main):
            [asked] = self.find("./p[@class='asked']", item)
            [said] = self.find("./p[contains(@class, 'said')]", item)
            yield f"{_words(asked)}\n→ {_words(said)}"


def _words(element: HtmlElement) -> str:
    """Its text as it is drawn with `white-space: pre-line`: lines are kept, spaces in a row are one."""
    whole = "".join(str(piece) for piece in element.itertext())
    return "\n".join(" ".join(line.split()) for line in whole.strip().split("\n"))


def _name(control: HtmlElement) -> str:
    """What a control is called."""
    return control.get("aria-label") or " ".join(_words(control).split())


def _text(area: TextareaElement | InputElement) -> str:
    return str(area.value or "")


# --- a browser --------------------------------------------------------------------------------------------


class Browser:
    """Sends what a page's controls send, and keeps cookies. Browsers send `Origin: null` where a page's referrer
    policy is `no-referrer` (https://fetch.spec.whatwg.org/#append-a-request-origin-header)."""

    def __init__(self, home: str, language: Language) -> None:
        self.home = home
        self._headers = {"Accept-Language": "en-GB,en" if language == "en" else "da,en;q=0.5"}
        self._session: aiohttp.ClientSession | None = None
        self.downloads: list[tuple[str, bytes]] = []  # files that were the answer to a form

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True),  # the server may be another one next time
                cookie_jar=aiohttp.CookieJar(unsafe=True),  # of an address without a name
                headers=self._headers,
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def cookies(self) -> dict[str, str]:
        return {cookie.key: cookie.value for cookie in self.session.cookie_jar}

    async def press(self, page: Page, button: HtmlElement, times: int = 1) -> Page:
        """Sends the form the button stands in. Pressed twice it is sent twice, and the browser goes where the second
        leads."""
        form = next(button.iterancestors("form"))
        return await self.send(page, form, [(button.get("name", ""), button.get("value", ""))], times)

    async def send(self, page: Page, form: HtmlElement, more: Fields, times: int = 1) -> Page:
        """The form as it is filled in, and what the button adds."""
        assert isinstance(form, FormElement)
        assert form.method == "POST", f"{page.url}: a form that is not posted"
        filled = [(name, value.replace("\n", "\r\n")) for name, value in form.form_values()]
        fields = [*filled, *(pair for pair in more if pair[0])]
        url = urljoin(page.url, form.get("action", page.url))
        *_, last = await asyncio.gather(*(self._ask("POST", url, fields) for _ in range(times)))
        return page if last[2] == STAYS else await self._follow(url, *last)

    async def upload(self, page: Page, name: str, content: bytes) -> Page:
        """Chooses a file in the page's field for one, and sends it."""
        form = page.panel_form("/fil")
        assert form is not None, f"{page.url}: no file is asked for"
        data = aiohttp.FormData(dict(form.form_values()))
        data.add_field("file", io.BytesIO(content), filename=name, content_type="application/octet-stream")
        url = urljoin(page.url, "/fil")
        return await self._follow(url, *await self._ask("POST", url, data))

    async def get(self, address: str) -> Page:
        url = urljoin(self.home, address)
        return await self._follow(url, *await self._ask("GET", url, None))

    async def _follow(self, url: str, status: int, source: str, location: str | None) -> Page:
        for _ in range(MOST_REDIRECTS):
            if location is None:
                page = Page(url, status, source)
                await self._name_file(page)
                return page
            assert status == 303, f"{url} leads on with {status}"
            url = urljoin(url, location)
            assert url.startswith(self.home), f"the page leads away, to {url}"
            status, source, location = await self._ask("GET", url, None)
        raise AssertionError(f"{url} leads on and on")

    async def _ask(
        self, method: str, url: str, fields: Fields | aiohttp.FormData | None
    ) -> tuple[int, str, str | None]:
        headers = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
        body: bytes | aiohttp.FormData | None = None
        if isinstance(fields, aiohttp.FormData):
            headers, body = headers | {"Origin": "null"}, fields
        elif fields is not None:
            headers |= {"Origin": "null", "Content-Type": "application/x-www-form-urlencoded"}
            body = urlencode(fields, errors="surrogatepass").encode("ascii")
        async with self.session.request(method, url, data=body, headers=headers, allow_redirects=False) as response:
            assert response.status < 500, f"{method} {url}: {response.status}"
            if method == "POST" and "Content-Disposition" in response.headers:
                self.downloads.append((_file_name(response.headers["Content-Disposition"]), await response.read()))
                return response.status, "", STAYS
            source = await response.text()
            return response.status, source, response.headers.get("Location")

    async def _name_file(self, page: Page) -> None:
        """What the page offers to take home."""
        for link in page.find(".//a[@download]", page.main):
            url = urljoin(page.url, link.get("href", ""))
            if url.startswith("data:"):
                page.made[link.get("download", "")] = base64.b64decode(url.partition(";base64,")[2])
                continue
            async with self.session.get(url, allow_redirects=False) as response:
                assert response.status == 200, f"{url}: {response.status}"
                page.file = _file_name(response.headers["Content-Disposition"])


def _file_name(disposition: str) -> str:
    header = Message()
    header["content-disposition"] = disposition
    return header.get_filename() or ""


# --- a person ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answered:
    """A question was answered on its page, by these controls: text, idea, radio, checkbox, put, pick."""

    flow: str
    question: str
    by: frozenset[str]


class OnPages:
    """Someone in front of a browser without scripts. Ticking and typing change the page alone until it is sent."""

    def __init__(self, town: Town, home: str, language: Language) -> None:
        self.town = town
        self.browser = Browser(home, language)
        self.answered: set[Answered] = set()
        self.page: Page | None = None
        self._earlier: list[Page] = []
        self._fresh = False  # something happened since they looked
        self._read: Page | None = None  # the page whose notes they have read
        self.refused: str | None = None  # what they typed last, where it was not taken
        self.brought: list[str] = []  # what a link brought, to be told after the yes
        self.secrets: set[str] = set()  # what only their browser may hold
        self._at = ("", "")  # the cookie they have, and where its session leads
        self._acted_at = town.clock.now

    # What they do

    async def says(self, text: str, after: int = TURN) -> None:
        self.town.said.append(text)
        self.town.clock.now += after
        await self._comes_back()
        if text.startswith("/"):
            await self._goes(text)
        else:
            await self._writes(text)

    async def taps(self, label: str, after: int = TURN, times: int = 1, *, older: bool = False) -> None:
        """`older`: on a page seen before, which is sent as it stood."""
        self.town.clock.now += after
        await self._comes_back()
        if older:
            page = next((page for page in reversed(self._earlier) if _has(page, label)), None)
            assert page is not None, f"no earlier page has {label!r}"
            await self._press(page, label, times)
            return
        await self._goes_on(lambda page: _has(page, label))
        await self._press(self._here, label, times)

    async def forges(self, data: str, after: int = TURN) -> None:
        """Hands in what no button has, with the token of a form of theirs."""
        self.town.clock.now += after
        page = self._here
        [token, *_] = page.find("//input[@name='csrf']")
        form = html.fragment_fromstring('<form method="post" action="/tryk"></form>')
        await self._load(self.browser.send(page, form, [("csrf", token.get("value", "")), ("tap", data)]))

    def sees(self) -> list[str]:
        return ["\n".join(self.looks().lines())] if self._fresh else []

    def looks(self) -> Sight:
        """The page as it stands. Notes that were read before are not told again."""
        page = self._here
        sight = page.sight()
        if self._read is page:
            told = len(page.find(".//*[contains(@class, 'notes')]/p", page.main)) + bool(page.refused)
            sight.paragraphs = sight.paragraphs[told:]
        self._fresh, self._read = False, page
        return sight

    @property
    def acted(self) -> bool:
        """Whether there is anything new to look at."""
        return self._fresh

    @property
    def _here(self) -> Page:
        assert self.page is not None, "they have not opened a page yet"
        return self.page

    async def _comes_back(self) -> None:
        """Who has been away for so long that they are logged out opens the personal link that they kept, and then the
        page they were at."""
        away, self._acted_at = self.town.clock.now - self._acted_at, self.town.clock.now
        if self.page is None or away < AWAY:
            return
        now, (cookie, at) = int(self.town.clock.now), self._at
        database = self.town.runtime.database
        if await database.read(lambda tx: sessions.find(tx, codes.address_of(cookie), now)) is not None:
            return
        secret = await database.read(lambda tx: personal_links.newest(tx, at))
        if secret is None:
            return
        asked, fresh = await self.browser.get(f"/s/{secret}"), self._fresh
        [yes] = asked.find(".//form[starts-with(@action, '/s/')]//button", asked.main)
        await self.browser.press(asked, yes)
        await self._load(self.browser.get(self.page.url))
        self._fresh = fresh

    async def _load(self, coming: Awaitable[Page]) -> None:
        page = await coming
        if self.page is not None and self.page not in self._earlier:
            self._earlier.append(self.page)
        self.page = page
        self.secrets |= {token.get("value", "") for token in page.find("//input[@name='csrf']")}
        cookie = self.browser.cookies().get(COOKIE, "")
        self.secrets |= {cookie}
        if cookie != self._at[0]:
            id_hash = codes.address_of(cookie)
            found = self.town.rows(f"SELECT address FROM sessions WHERE id_hash = '{id_hash}'")
            self._at = (cookie, found[0][0] if found else "")
        self._fresh = True

    # By address

    async def _goes(self, command: str) -> None:
        word, _, rest = command.partition(" ")
        name = normalise(word)
        match name:
            case "start" if rest:
                await self._comes_by_link(rest)
            case "start":
                await self._comes_in()
            case "stop" | "forlad":
                [button] = self._here.find(f"//form[@action='/{name}']//button")
                await self._load(self.browser.press(self._here, button))
            case _:
                await self._load(self.browser.get(self._address(name)))

    def _address(self, name: str) -> str:
        """By the link in the page's menu or at its foot, where there is one; else as one types it."""
        address = f"/{quote(name)}"
        linked = self.page.links(self.page.tree) if self.page is not None else []
        return next((link.value for link in linked if link.value == address), address)

    async def _comes_by_link(self, code: str) -> None:
        await self._load(self.browser.get(f"/i/{quote(code, safe='')}"))
        page = self._here
        use = page.find(".//form[starts-with(@action, '/i/')]//button", page.main)
        if use:  # who only looks uses nothing up
            await self._load(self.browser.press(page, use[0]))

    async def _comes_in(self) -> None:
        """A stranger opens the first page; somebody known comes back by their own link."""
        mine = await self.browser.get("/link") if self.page is not None else None
        own = mine.find(".//*[@id='link']", mine.main) if mine is not None else []
        await self._load(self.browser.get(_words(own[0]) if own else "/"))

    async def _goes_on(self, enough: Callable[[Page], bool]) -> None:
        """From a page of words alone on to where they were, by the link that stands there."""
        page = self._here
        if page.asks or enough(page):
            return
        ways_on = [link for link in page.links() if link.value == "/"]
        if ways_on:
            await self._load(self.browser.get(ways_on[0].value))

    # By hand

    async def _press(self, page: Page, label: str, times: int = 1) -> None:
        box = _box(page, label)
        if box is not None and box.get("type") == "checkbox":
            await self._ticks(page, label, box)
            return
        if box is not None:
            _choose(page, box)
            button = _way(page, "next")
        else:
            found = _button(page, label)
            assert found is not None, f"there is no button {label!r}; there are {_labels(page)}"
            if found.tag == "a":
                await self._load(self.browser.get(urljoin(page.url, found.get("href", ""))))
                return
            button = found
        self._note(page, button)
        self.refused = None
        await self._load(self.browser.press(page, button, times))

    async def _ticks(self, page: Page, label: str, box: InputElement) -> None:
        """In the page alone. One too many is tried, refused, and taken back."""
        _tick(page, box, on=not box.checked)
        self._fresh = True
        if sum(bool(other.checked) for _, other in page.boxes()) > page.most:
            await self._load(self.browser.press(page, _way(page, "next")))
            again = _box(self._here, f"☑ {label[2:]}")
            assert again is not None, "what was ticked too many does not stand there any more"
            _tick(self._here, again, on=False)

    async def _writes(self, text: str) -> None:
        await self._goes_on(lambda page: False)
        page = self._here
        field = page.panel_form("/skriv")
        if field is not None:
            page.areas("text")[0].value = text
            await self._load(self.browser.press(page, page.buttons(field)[0].element))
            return
        label = _label_meant(page, text)
        if label is not None:
            await self._press(page, label)
        elif page.form is None:
            await self._load(self.browser.get(page.url))  # there is no field to write into: they look again
        elif page.boxes() and page.areas("text"):
            await self._writes_another(page, text)
        elif page.areas("text"):
            page.areas("text")[0].value = text
            await self._sends(page, _way(page, "next"), text)
        elif page.areas("idea"):
            again = [area for area in page.areas("idea") if self.refused and _text(area) == self.refused]
            [*_, last] = page.areas("idea")
            (again or [last])[0].value = text
            await self._sends(page, _way(page, "more"), text)
        else:
            await self._sends_words(page, text)

    async def _writes_another(self, page: Page, text: str) -> None:
        """«Andet», and what it is."""
        _, box = page.boxes()[-1]
        page.areas("text")[0].value = text
        if box.get("type") == "checkbox":
            box.checked = True
            self._fresh = True
            return
        _choose(page, box)
        await self._sends(page, _way(page, "next"), text)

    async def _sends(self, page: Page, button: HtmlElement, text: str) -> None:
        self._note(page, button)
        await self._load(self.browser.press(page, button))
        self.refused = text if self._here.refused else None

    async def _sends_words(self, page: Page, text: str) -> None:
        """Forged: the page offers no way to say this."""
        assert page.form is not None
        await self._load(self.browser.send(page, page.form, [("text", text), ("do", "next")]))

    def _note(self, page: Page, button: HtmlElement) -> None:
        """Which controls answer the question."""
        if page.form is None or button.get("name") != "do":
            return
        verb = button.get("value", "").partition(":")[0]
        sent = {name for name, value in page.form.form_values() if value.strip()} & {"text", "idea", "choice"}
        by = {verb} if verb in ("put", "pick") else sent if verb in ("next", "more") else set()
        if "choice" in by:  # a ranking's places were put there one by one
            by = by - {"choice"} | {page.boxes()[0][1].get("type", "") if page.boxes() else "put"}
        found = re.fullmatch(r"/trin/([^/]+)/([^/]+)", urlsplit(page.url).path)
        if by and found is not None:
            self.answered.add(Answered(found[1], found[2], frozenset(by)))


# --- which control a label means --------------------------------------------------------------------------


def _way(page: Page, value: str) -> HtmlElement:
    found = [button for button in page.buttons() if button.value == value and button.element.get("name") == "do"]
    assert len(found) == 1, f"{page.url}: {len(found)} buttons for {value}"
    return found[0].element


def _box(page: Page, label: str) -> InputElement | None:
    """`☐ Idræt` is a box that is not ticked, `Idræt` a radio."""
    ticked, bare = {"☐ ": False, "☑ ": True}.get(label[:2]), label[2:]
    for name, box in page.boxes():
        if box.get("type") == "checkbox":
            if ticked is not None and name == bare and bool(box.checked) is ticked:
                return box
        elif name == label:
            return box
    return None


def _choose(page: Page, box: InputElement) -> None:
    """One radio of several: the others spring out."""
    for _, other in page.boxes():
        other.checked = other is box


def _tick(page: Page, box: InputElement, *, on: bool) -> None:
    """Who takes back «Andet» takes back what they wrote beside it."""
    box.checked = on
    if not on and box is page.boxes()[-1][1]:
        for area in page.areas("text"):
            area.value = ""


def _button(page: Page, label: str) -> HtmlElement | None:
    found = [button.element for button in page.buttons() if button.label == label]
    if not found:
        found = [edit.element for n, edit in enumerate(page.edits(), 1) if label == _say(page, "edit", number=n)]
    if not found and label == _keeping(page):
        found = [_way(page, "skip" if label == _say(page, "keep-skipped") else "next")]
    if not found and label == _say(page, "undo"):
        found = [button.element for button in page.buttons() if button.value.startswith("drop:")][-1:]
    if not found:  # beside a question: what a link has filled in
        aside = page.find(".//*[@class='aside']", page.main)
        found = [link.element for each in aside for link in page.links(each) if link.label == label]
    if not found:  # the language stands at the top of every page
        found = [button.element for button in page.buttons(page.tree) if button.element.get("name") == "language"]
        found = [button for button in found if _name(button) == label]
    return found[0] if found else None


def _keeping(page: Page) -> str | None:
    """What going on with the form as it stands is called where the question was answered before."""
    before = page.find(".//input[@name='seen']", page.main)
    sight = page.sight()
    if not before or not before[0].get("value") or sight.kind not in ("one", "text", "ideas"):
        return None
    if sight.kind == "ideas" and sight.ideas:
        return None  # that is «Færdig»
    # By a shortcut, of which no field tells; to one or to several.
    forms = (texts.on_channel(page.language, "ask.so-far", "web", many=many) for many in (False, True))
    said = tuple(texts.say(page.language, form, answer="") for form in forms)
    empty = not (sight.text or any(option.chosen for option in sight.options))
    empty = empty and not any(paragraph.startswith(said) for paragraph in sight.paragraphs)
    return _say(page, "keep-skipped" if empty else "keep")


def _say(page: Page, key: str, **values: object) -> str:
    return texts.say(page.language, f"button.{key}", **values)


def _has(page: Page, label: str) -> bool:
    return _box(page, label) is not None or _button(page, label) is not None


def _labels(page: Page) -> list[str]:
    return [label for label, _ in page.boxes()] + page.sight().buttons


def _label_meant(page: Page, text: str) -> str | None:
    """The control whose words somebody would rather write. In a field of their own words only the ways on count."""
    sight, plain = page.sight(), _plain(text)
    ways = [button.label for button in page.buttons() if not button.value.startswith(("pick:", "drop:", "put:"))]
    ways += [texts.say(page.language, "button.edit", number=n) for n, _ in enumerate(page.edits(), 1)]
    ways += [kept for kept in (_keeping(page), _say(page, "undo")) if kept is not None and _has(page, kept)]
    way = next((label for label in ways if _plain(label) == plain), None)
    if way is not None or sight.kind in ("", "text", "ideas"):
        return way
    labels = [option.label for option in sight.options]
    named = [Choice(key=str(place), label=Wording(da=label, en=label)) for place, label in enumerate(labels)]
    meant = match_choice(text, tuple(named))
    if meant is None:
        return None
    option = sight.options[int(meant.key)]
    return f"{'☑' if option.chosen else '☐'} {option.label}" if sight.kind == "many" else option.label


def _plain(text: str) -> str:
    return " ".join(text.casefold().strip(" \t\n.!«»\"'").split())
