"""Optional packages, and the extra that installs each."""

import contextlib
from collections.abc import Iterator

EXTRAS = {
    "requests": "cli",
    "boto3": "aws",
    "botocore": "aws",
    "aws_lambda_powertools": "aws",
    "azure": "azure",
}
"""The extra by itself; `needs` names another one where more than one package is needed."""


class ExtraNeeded(ModuleNotFoundError):
    """A package is missing, and `extra` brings all that the work at hand needs."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"No module named {package!r}", name=package)
        self.extra = extra


@contextlib.contextmanager
def needs(extra: str) -> Iterator[None]:
    """What is done within needs that extra. Raises ExtraNeeded if a package of it is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if _package(error) not in EXTRAS:
            raise
        raise ExtraNeeded(error.name or "", extra) from error


def missing(error: ModuleNotFoundError) -> str | None:
    """The command that installs a missing package; None if no extra installs it."""
    package = _package(error)
    if package not in EXTRAS:
        return None
    extra = error.extra if isinstance(error, ExtraNeeded) else EXTRAS[package]
    return f"{package} is not installed; run: pip install 'registrywatch[{extra}]'"


def _package(error: ModuleNotFoundError) -> str:
    return (error.name or "").partition(".")[0]
