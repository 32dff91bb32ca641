"""Whether images are scanned for vulnerabilities, and whether findings are reported."""

import msgspec


class RepositoryScanningSet(msgspec.Struct, frozen=True):
    """The repository's own scan-on-push flag was set. `omitted`: the new value is withheld."""

    scan_on_push: bool
    omitted: bool = False


class ScanRule(msgspec.Struct, frozen=True):
    """One rule of a registry's scanning configuration; `filters` are globs on repository names."""

    frequency: str
    filters: tuple[str, ...]


class RegistryScanningSet(msgspec.Struct, frozen=True):
    """The registry's whole scanning configuration was replaced. `omitted`: the new one is withheld.

    `before` is the scan type of the last configuration, if the detector remembers one.
    """

    scan_type: str
    rules: tuple[ScanRule, ...]
    omitted: bool = False
    before: str | None = None


class ScanPlanChanged(msgspec.Struct, frozen=True):
    """Azure: a Defender plan that scans images was changed or deleted; the event does not show how.

    `plan` is "Containers" or "CloudPosture"; `scope` the resource id on which it was set, lower
    case.
    """

    plan: str
    scope: str
    deleted: bool


class ScanningStopped(msgspec.Struct, frozen=True):
    """Azure: images of a registry were scanned until now and no longer are, as its state shows.

    `switch` says in words which setting did it.
    """

    switch: str


class InspectorDisabled(msgspec.Struct, frozen=True):
    """Amazon Inspector was switched off for some accounts; without `accounts`, for the caller's.

    `resource_types` are Inspector's words ("ECR", "EC2", "LAMBDA", …); empty means all of them.
    """

    resource_types: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    omitted: bool = False


class FindingsSuppressed(msgspec.Struct, frozen=True):
    """A filter of Amazon Inspector that hides findings was created or updated.

    `on_images`: one of its criteria names ECR images or repositories, or it has no criteria.
    """

    name: str
    on_images: bool
    omitted: bool = False


class InspectorMemberRemoved(msgspec.Struct, frozen=True):
    """A member account, or the delegated administrator, was detached from Amazon Inspector."""

    account: str | None
    administrator: bool = False


class RescanDurationSet(msgspec.Struct, frozen=True):
    """How long Amazon Inspector scans an image again: after its push and after its last pull.

    Inspector's words: "LIFETIME", "DAYS_14", "DAYS_30", "DAYS_60", "DAYS_90", "DAYS_180"; None
    where the call did not name it.
    """

    after_push: str | None = None
    after_pull: str | None = None
    omitted: bool = False
