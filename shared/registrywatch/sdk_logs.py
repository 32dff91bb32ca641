"""Keeps addresses, headers and bodies out of the logs of the libraries that send requests.

At DEBUG they log whole requests and responses, with tokens and keys; some log too much at WARNING
too. Call each function before the first use of the library; it may be called again.
"""

import logging


def quiet_http() -> None:
    """urllib3 logs nothing, whatever the log level.

    It would log paths at DEBUG, and whole addresses at WARNING if a response's headers are
    malformed.
    """
    quiet = logging.getLogger("urllib3")
    quiet.setLevel(logging.CRITICAL + 1)
    quiet.propagate = False


def quiet_aws() -> None:
    """botocore logs nothing below INFO: at DEBUG it would log session tokens and bodies."""
    quiet = logging.getLogger("botocore")
    quiet.setLevel(max(quiet.level, logging.INFO))


def quiet_azure() -> None:
    """azure-identity logs no failures: they are long, and the exception says the same."""
    logging.getLogger("azure.identity").setLevel(logging.CRITICAL)
