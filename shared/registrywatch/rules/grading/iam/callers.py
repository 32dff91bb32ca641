"""Hypothetical callers: what a request of theirs carries under each of AWS's global condition keys.

Facts: AWS's reference of global condition keys. The caller can choose the name of a role, tags, the
user agent, and whether a call goes through a VPC endpoint. They cannot choose ids.
"""

import enum
import functools

import msgspec


class Kind(enum.Enum):
    """DIRECT: a principal. SERVICE: an AWS service on behalf of an account, admitted by a `*`.

    NAMED_SERVICE: the same, named as the principal; callers differ by the account alone.
    """

    DIRECT = "direct"
    SERVICE = "service"
    NAMED_SERVICE = "named service"


class Caller(msgspec.Struct, frozen=True):
    """One caller. `keys`: lower-case condition key to its value, None where the request lacks it.

    The caller can choose the value of every key that is not in `keys`. `address`: the key under
    which the request carries an address, if any.
    """

    account: str | None
    keys: dict[str, str | None]
    address: str | None = None
    kind: Kind = Kind.DIRECT


IS_SERVICE = "aws:principalisawsservice"
ADDRESSES = ("aws:sourceip", "aws:vpcsourceip")
ORG_IDS = ("aws:principalorgid", "aws:sourceorgid", "aws:vpceorgid")
ORG_PATHS = ("aws:principalorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths")
ACCOUNTS = ("aws:principalaccount", "aws:sourceaccount", "aws:vpceaccount")
ARNS = ("aws:principalarn", "aws:sourcearn")
NETWORKS = ("aws:sourcevpc", "aws:sourcevpce")
RESOURCE = ("aws:resourceaccount", "aws:resourceorgid")

FOR_WHOM = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths")
_WHO = ("aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths")
_WAY = (*NETWORKS, "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths")
LACKED_BY_SERVICES = (*_WHO, *_WAY, *ADDRESSES)

_ID = "0123456789abcdefghijklmnopqrstuvwxyz"
_STRANGERS = len(_ID)


@functools.cache
def strangers() -> tuple[tuple[Caller, ...], ...]:
    """Strangers who have nothing in common, each with all the ways in which they can call.

    Their ids begin and end with every possible character, so that patterns admit all of them only
    if together they match (nearly) every id.
    """
    return tuple(_ways(_account(number), _org(number), number) for number in range(_STRANGERS))


def known_account(account: str) -> Caller:
    """A caller of whom the account is all that is known."""
    return Caller(account, {_WHO[0]: account, _WHO[1]: account, IS_SERVICE: "false"})


def _ways(account: str, org: str, number: int) -> tuple[Caller, ...]:
    missing: dict[str, str | None] = dict.fromkeys((*_WHO, *_WAY, *FOR_WHOM, *ADDRESSES))
    by_name: dict[str, str | None] = {
        "aws:principalaccount": account,
        "aws:principalarn": account,
        IS_SERVICE: "false",
    }
    in_org: dict[str, str | None] = {
        "aws:principalorgid": org,
        "aws:principalorgpaths": f"{org}/",
    }
    # Today the ids of all VPCs begin with a 0.
    endpoint: dict[str, str | None] = {
        "aws:sourcevpc": f"vpc-0{_hex(number)}",
        "aws:sourcevpce": f"vpce-0{_hex(number)}",
        "aws:vpceaccount": account,
    }
    endpoint_in_org: dict[str, str | None] = {
        "aws:vpceorgid": org,
        "aws:vpceorgpaths": f"{org}/",
    }
    on_behalf: dict[str, str | None] = {
        "aws:sourceaccount": account,
        "aws:sourcearn": account,
        "aws:sourceorgid": org,
        "aws:sourceorgpaths": f"{org}/",
    }
    public, private = ADDRESSES
    return (
        Caller(account, missing | by_name | in_org, public),
        Caller(account, missing | by_name, public),
        Caller(account, missing | by_name | in_org | endpoint | endpoint_in_org, private),
        Caller(account, missing | by_name | endpoint, private),
        Caller(None, missing | {IS_SERVICE: "false"}, public),
        # A service calls for them, and the policy does not distinguish it from them.
        Caller(account, missing | on_behalf | {IS_SERVICE: "false"}),
    )


def _account(number: int) -> str:
    digits = _scrambled(number, 10, "0123456789")
    return f"{number % 10}{digits}{(number * 7 + 3) % 10}"


def _org(number: int) -> str:
    return f"o-{_ID[number]}{_scrambled(number, 8, _ID)}{_ID[(number * 7 + 3) % _STRANGERS]}"


def _hex(number: int) -> str:
    return f"{number % 16:x}{_scrambled(number, 14, '0123456789abcdef')}{(number * 7 + 3) % 16:x}"


def _scrambled(number: int, length: int, alphabet: str) -> str:
    """A pseudo-random text that is the same in every run."""
    state, text = number * 2_654_435_761 + 12_345, ""
    for _ in range(length):
        state = (state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % 2**64
        text += alphabet[(state >> 33) % len(alphabet)]
    return text
