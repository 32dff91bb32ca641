"""Sources: what the clouds recorded, as RegistryEvents."""

from registrywatch.sources import recovery
from registrywatch.sources.formats import Reading


def read(document: bytes) -> Reading:
    """Reads one JSON document of any known kind. Raises nothing: see `Reading.problems`."""
    return recovery.read(document)


__all__ = ["Reading", "read"]
