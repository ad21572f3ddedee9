"""A browser in two words, so that people recognise their devices: `firefox android`. What else its User-Agent tells is
not kept."""

from __future__ import annotations

from typing import Final, Literal, get_args

# In this order: Edge and Opera also name Chrome, Chrome also names Safari; an iPad says that it is a Macintosh.
Browser = Literal["edge", "opera", "samsung", "firefox", "chrome", "safari", "other"]
System = Literal["android", "iphone", "ipad", "windows", "chromebook", "mac", "linux", "other"]

_BROWSERS: Final[tuple[tuple[str, Browser], ...]] = (
    ("Edg", "edge"),
    ("OPR/", "opera"),
    ("SamsungBrowser/", "samsung"),
    ("Firefox/", "firefox"),
    ("FxiOS/", "firefox"),
    ("CriOS/", "chrome"),
    ("Chrome/", "chrome"),
    ("Safari/", "safari"),
)
_SYSTEMS: Final[tuple[tuple[str, System], ...]] = (
    ("Android", "android"),
    ("iPhone", "iphone"),
    ("iPad", "ipad"),
    ("Windows", "windows"),
    ("CrOS", "chromebook"),
    ("Macintosh", "mac"),
    ("Linux", "linux"),
)


def of(user_agent: str) -> str:
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "other")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "other")
    return f"{browser} {system}"


def parts(device: str) -> tuple[Browser, System]:
    """What `of` told; of anything else, that it is another."""
    browser, _, system = device.partition(" ")
    return (
        next((each for each in get_args(Browser) if each == browser), "other"),
        next((each for each in get_args(System) if each == system), "other"),
    )
