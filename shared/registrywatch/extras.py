"""Optional packages, and the extra that installs each."""

EXTRAS = {
    "requests": "cli",
    "boto3": "aws",
    "botocore": "aws",
    "aws_lambda_powertools": "aws",
    "azure": "azure",
}


def missing(error: ModuleNotFoundError) -> str | None:
    """The command that installs a missing package; None if no extra installs it."""
    package = (error.name or "").partition(".")[0]
    if package not in EXTRAS:
        return None
    return f"{package} is not installed; run: pip install 'registrywatch[{EXTRAS[package]}]'"
