"""What happens to a whole ECR registry: replication, caches, signing."""

import msgspec


class ReplicationTarget(msgspec.Struct, frozen=True):
    """A registry to which images are copied; None where the source does not show it."""

    region: str | None
    account: str | None


class ReplicationRule(msgspec.Struct, frozen=True):
    """One rule. No `filters` (prefixes of repository names) means every repository.

    `deletes`: deletes of images are replicated too.
    """

    destinations: tuple[ReplicationTarget, ...]
    filters: tuple[str, ...] = ()
    deletes: bool = False


class ReplicationSet(msgspec.Struct, frozen=True):
    """The registry's whole replication was replaced. `omitted`: the new rules are withheld."""

    rules: tuple[ReplicationRule, ...]
    omitted: bool = False


class ReplicationBackfillStarted(msgspec.Struct, frozen=True):
    """All images that exist already are being copied to a registry."""

    destination: ReplicationTarget | None
    omitted: bool = False


class ReplicationBackfillStopped(msgspec.Struct, frozen=True):
    """A backfill was stopped before its end."""

    destination: ReplicationTarget | None


class PullThroughRuleSet(msgspec.Struct, frozen=True):
    """A pull-through cache rule was created or updated.

    `prefix` is the beginning of its repositories' names, "ROOT" for all. `upstream` is ECR's word
    for the upstream registry ("docker-hub", "ecr", …), `url` its address, `upstream_account` the
    AWS account that owns it, if it is an ECR registry. `credential` and `role` are ARNs, None if
    the call names none. An update names neither `upstream` nor `url`.
    """

    prefix: str
    upstream: str | None = None
    url: str | None = None
    upstream_account: str | None = None
    credential: str | None = None
    role: str | None = None
    created: bool = True
    omitted: bool = False


class PullThroughRuleDeleted(msgspec.Struct, frozen=True):
    """A pull-through cache rule was deleted. `url` is its upstream's address, if known."""

    prefix: str
    url: str | None = None


class PullThroughSecretRead(msgspec.Struct, frozen=True):
    """The secret in which a pull-through cache rule keeps its credentials was read.

    `secret` is its name or ARN; such names begin with "ecr-pullthroughcache/".
    """

    secret: str


class SigningRule(msgspec.Struct, frozen=True):
    """One rule of managed signing; no `filters` (globs on repositories) means every repository."""

    profile: str | None
    filters: tuple[str, ...] = ()


class SigningSet(msgspec.Struct, frozen=True):
    """The registry's whole signing configuration was replaced. `omitted`: the new one is withheld.

    `before` are the filters of the last configuration ("*": all), if the detector remembers one.
    """

    rules: tuple[SigningRule, ...]
    omitted: bool = False
    before: tuple[str, ...] | None = None


class SigningDeleted(msgspec.Struct, frozen=True):
    """The registry's signing configuration was deleted. `rules` are what the response shows."""

    rules: tuple[SigningRule, ...] = ()


class SigningProfileEnded(msgspec.Struct, frozen=True):
    """AWS Signer: a signing profile was cancelled, or revoked, which voids its signatures."""

    profile: str | None
    revoked: bool
