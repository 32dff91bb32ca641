"""What the libraries that send requests may log: no address, header or body.

At DEBUG they log whole requests and answers, with tokens and keys; some log too much at WARNING as
well. Each function is called before the library's first use, and may be called again.
"""

import logging


def quiet_http() -> None:
    """urllib3 logs nothing, whatever the log level.

    It would log paths at DEBUG, and whole addresses at WARNING if an answer's head is malformed.
    """
    quiet = logging.getLogger("urllib3")
    quiet.setLevel(logging.CRITICAL + 1)
    quiet.propagate = False


def quiet_aws() -> None:
    """botocore logs nothing below INFO: at DEBUG it would log session tokens, bodies, answers."""
    quiet = logging.getLogger("botocore")
    quiet.setLevel(max(quiet.level, logging.INFO))


def quiet_azure() -> None:
    """azure-identity logs no failure: it would fill a page, and the exception says the same."""
    logging.getLogger("azure.identity").setLevel(logging.CRITICAL)
