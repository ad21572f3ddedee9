"""Outbox: what must be sent to people, when, and what becomes of it. What each kind says stands with its feature."""
