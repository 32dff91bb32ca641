"""What something was done to."""

import msgspec

from registrywatch.events.actor import Cloud


class Target(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """A repository, or whatever else it was; a field is None if the source names none.

    `account` is the registry's account (AWS) or subscription (Azure), `registry` its host name.
    `registry_id` is the registry's resource id on Azure, in lower case: one registry has several
    host names and locations, but one id. `resource` is the ARN (AWS) or the resource id (Azure) of
    what was touched, if the record shows it.

    Sources of heavy traffic give one object to all events of a target: what is looked up by it is
    then found without comparing texts.
    """

    cloud: Cloud
    account: str | None = None
    region: str | None = None
    registry: str | None = None
    repository: str | None = None
    registry_id: str | None = None
    resource: str | None = None
