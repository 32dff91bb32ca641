"""What the libraries that carry our requests may write into a log: no address, header or body.

At DEBUG they write requests and answers whole, with tokens and keys; some write too much at WARNING
as well. Each function is called before the library's first use, and may be called again.
"""

import logging


def quiet_http() -> None:
    """urllib3 writes nothing, whatever the log level.

    It writes paths at DEBUG, and whole addresses at WARNING where an answer's head is malformed.
    """
    quiet = logging.getLogger("urllib3")
    quiet.setLevel(logging.CRITICAL + 1)
    quiet.propagate = False


def quiet_aws() -> None:
    """botocore writes nothing below INFO: at DEBUG it writes session tokens, bodies, answers."""
    quiet = logging.getLogger("botocore")
    quiet.setLevel(max(quiet.level, logging.INFO))


def quiet_azure() -> None:
    """azure-identity writes no failure: it fills a page, and the exception says the same."""
    logging.getLogger("azure.identity").setLevel(logging.CRITICAL)
