"""A strict local Bot API and simulated people.

`inprocess.InProcessRequest` runs python-telegram-bot against it without sockets.
"""

from tests.botapi.limits import Limits
from tests.botapi.person import Person
from tests.botapi.server import Fault, LocalBotApi

__all__ = ["Fault", "Limits", "LocalBotApi", "Person"]
