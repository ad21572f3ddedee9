"""A strict local Bot API and simulated people.

`inprocess.InProcessRequest` runs python-telegram-bot against it without sockets.
"""

from tests.support.botapi.limits import Limits
from tests.support.botapi.person import Person
from tests.support.botapi.server import Fault, LocalBotApi

__all__ = ["Fault", "Limits", "LocalBotApi", "Person"]
