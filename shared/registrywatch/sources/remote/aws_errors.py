"""AWS's errors in one sentence each; what may pass when tried again is an OSError."""

import contextlib
from collections.abc import Iterator, Mapping

from registrywatch.errors import UnreadableInput

_NOT_VALID = "the credentials are not valid there; is the region switched on?"
_HINTS = {
    "ExpiredToken": "the credentials have expired",
    "ExpiredTokenException": "the credentials have expired",
    "InvalidAccessKeyId": "the credentials are not known to AWS",
    "UnrecognizedClientException": _NOT_VALID,
    "InvalidClientTokenId": _NOT_VALID,
    "OptInRequired": "the region is switched off for this account",
    "SignatureDoesNotMatch": "the secret of the credentials is wrong",
}


@contextlib.contextmanager
def errors(hints: Mapping[str, str]) -> Iterator[None]:
    """boto3's errors become UnreadableInput: `hints` by AWS's code, else AWS's own words."""
    from botocore import exceptions
    from botocore.parsers import ResponseParserError

    try:
        yield
    except exceptions.ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        said = hints.get(code) or _HINTS.get(code) or f"AWS refused: {error}"
        raise UnreadableInput(said) from error
    except (
        exceptions.NoCredentialsError,
        exceptions.PartialCredentialsError,
        exceptions.ProfileNotFound,
        exceptions.TokenRetrievalError,
        exceptions.SSOError,
    ) as error:
        raise UnreadableInput(f"no usable credentials of AWS: {error}") from error
    except exceptions.NoRegionError as error:
        raise UnreadableInput("no region is set: AWS_DEFAULT_REGION says which") from error
    except exceptions.ParamValidationError as error:
        raise UnreadableInput("the address can't be one of AWS") from error
    except exceptions.EndpointConnectionError as error:
        raise UnreadableInput(f"AWS does not answer; is the region right? {error}") from error
    except (exceptions.HTTPClientError, ResponseParserError) as error:
        raise OSError(str(error)) from error
    except exceptions.BotoCoreError as error:
        raise UnreadableInput(f"AWS can't be asked: {error}") from error
