"""What came of an attempt to deliver a message, on any channel. Says kinds of errors alone, fit for the log."""

from __future__ import annotations


class DeliveryError(Exception):
    """It did not go out, or that is in doubt."""


class RetryLater(DeliveryError):
    """To be tried again in `after` seconds; 0 where whoever raises it does not know. `whole_channel`: nobody else can
    be written to on the channel either. `setting`: what the operator should look at, where one can tell."""

    def __init__(self, after: float = 0.0, *, whole_channel: bool, what: str = "", setting: str = "") -> None:
        super().__init__(what)
        self.after = after
        self.whole_channel = whole_channel
        self.setting = setting


class RecipientUnreachable(DeliveryError):
    """The person has blocked us, the group has put us out, or the address is no more. `address`: where that is."""

    def __init__(self, what: str = "", *, address: str = "") -> None:
        super().__init__(what)
        self.address = address


class PermanentFailure(DeliveryError):
    """The message itself will never go through."""
