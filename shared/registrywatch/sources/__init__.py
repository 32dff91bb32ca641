"""Sources: turn what the clouds recorded into RegistryEvents."""

from registrywatch.sources.fast import read
from registrywatch.sources.reading import Problem, Reading

__all__ = ["Problem", "Reading", "read"]
