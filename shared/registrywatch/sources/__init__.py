"""Sources: what the clouds recorded, as RegistryEvents."""

from registrywatch.sources import careful
from registrywatch.sources.documents import Reading


def read(document: bytes) -> Reading:
    """Reads one JSON document of any known kind. Raises nothing: see `Reading.problems`."""
    return careful.read(document)


__all__ = ["Reading", "read"]
