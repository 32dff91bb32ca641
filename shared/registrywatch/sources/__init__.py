"""Sources: what the clouds recorded, as RegistryEvents."""

from registrywatch.sources.fast import read
from registrywatch.sources.reading import Problem, Reading

__all__ = ["Problem", "Reading", "read"]
