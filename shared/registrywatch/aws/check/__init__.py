"""The self-check on AWS: every part of a stack, checked with read-only calls."""

from registrywatch.aws.check.deployment import check

__all__ = ["check"]
