"""Why a sealed value can't be opened."""

from __future__ import annotations


class EncryptionError(Exception):
    """The key file can't be used, or a value can't be opened with any key in it. One line, for the operator."""


class KeyUnavailable(EncryptionError):
    """The key store gives no key just now."""


class KeyMissing(KeyUnavailable):
    """The key of a person or a response is not in the key store: the file is lost, or an older copy. It waits for the
    operator, who may have a copy; nothing is dropped for it."""


class KeyErased(KeyUnavailable):
    """The key of a person or a response was overwritten, since they were erased."""


class KeyStoreError(KeyUnavailable):
    """The key store or its copy can't be used, or is not what it should be."""
