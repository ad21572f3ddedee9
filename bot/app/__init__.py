"""The composition root: settings → database → use cases → channels. Only here and in `bot.cli` settings are read."""
