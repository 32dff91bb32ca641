"""Sources: what the clouds recorded, as RegistryEvents."""

from registrywatch.sources.reading import Problem, Reading
from registrywatch.sources.recovery import read

__all__ = ["Problem", "Reading", "read"]
