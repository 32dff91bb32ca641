"""The self-check on Azure: every part of a deployment, checked with read-only calls."""

from registrywatch.azure.check.deployment import Deployment, check

__all__ = ["Deployment", "check"]
