"""The composition root: settings → database → use cases → channels. Only here and in `bot.cli` settings are read."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)
