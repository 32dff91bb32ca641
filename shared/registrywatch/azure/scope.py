"""What this deployment watches, and what it depends on, by resource ids."""

from collections.abc import Iterable

import msgspec

from registrywatch.clouds import AZURE, Partition
from registrywatch.events import (
    CredentialsIssued,
    MonitoringRemoved,
    RegistryDeleted,
    RegistryEvent,
    SupplyChanged,
)
from registrywatch.rules.acr_monitoring_removed import LOOKED_UP
from registrywatch.sources import azure_names

_ASSIGNMENT = "/providers/microsoft.authorization/roleassignments/"
_FEEDS = frozenset({"diagnostic setting", "event subscription", "system topic", "log export"})


class WatchScope(msgspec.Struct, frozen=True):
    """The watched registries, the topics and settings that bring their events, the function app.

    Ids are compared without regard to case. No registries: every event is handled. `cloud` is the
    Azure in which it runs: the public one, or one with its own domains.
    """

    registries: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    app: str | None = None
    cloud: Partition = AZURE.partitions[0]

    def in_this_cloud(self, event: RegistryEvent) -> RegistryEvent:
        """The event with its registry's host in this Azure, which a resource id does not show."""
        if self.cloud is AZURE.partitions[0]:
            return event
        return msgspec.structs.replace(event, registry=self._host(event.registry))

    def _host(self, registry: str | None) -> str | None:
        public = f".{AZURE.partitions[0].registries}"
        if registry is None or not registry.endswith(public):
            return registry
        return f"{registry.removesuffix(public)}.{self.cloud.registries}"

    def within(self, scope: str) -> tuple[str, ...]:
        """The watched registries at or below a resource id."""
        return tuple(each for each in self.registries if _contains(scope, each))

    def login_server(self, registry: str | None) -> str | None:
        """`registry` if it is the login server of a watched registry; no other gets a token."""
        hosts = (self._host(azure_names.login_server(each)) for each in self.registries)
        return registry if registry in hosts else None

    def concerns(self, event: RegistryEvent) -> bool:
        """False for another registry, or its feeds. Rules judge all other parts by their names."""
        if isinstance(event.what, RegistryDeleted | CredentialsIssued | SupplyChanged):
            return not self.registries or self._is_about(event.what.resource)
        if not isinstance(event.what, MonitoringRemoved) or not self.registries:
            return True
        if event.what.kind not in _FEEDS:
            return True
        resource = event.what.resource
        return any(_contains(each, resource) for each in (*self.registries, *self.feeds))

    def edited(self, event: RegistryEvent) -> bool:
        """Whether a part of the deployment was edited whose state the self-check reads."""
        what = event.what
        if not isinstance(what, MonitoringRemoved) or not self.registries:
            return False
        if what.kind == "role assignment":
            # The id does not say whose it was; if it was registrywatch's, the check can't read now
            scope, found, _ = what.resource.partition(_ASSIGNMENT)
            return bool(found) and bool(self.within(scope))
        if what.how != "changed" or what.kind not in LOOKED_UP:
            return False
        group = self.app.partition("/providers/")[0] if self.app else None
        own = (*self.registries, *self.feeds, *([group] if group else ()))
        return any(_contains(each, what.resource) for each in own)

    def _is_about(self, resource: str) -> bool:
        """Whether the resource is a watched registry, above or below one, or a management group."""
        return (
            "/providers/microsoft.management/" in f"/{resource.strip('/')}/".lower()
            or bool(self.within(resource))
            or any(_contains(registry, resource) for registry in self.registries)
        )


def watch_scope(
    registries: Iterable[str],
    feeds: Iterable[str],
    app: str | None = None,
    cloud: Partition = AZURE.partitions[0],
) -> WatchScope:
    """`WatchScope` from the lists of the settings."""
    return WatchScope(tuple(map(_trimmed, registries)), tuple(map(_trimmed, feeds)), app, cloud)


def _trimmed(resource_id: str) -> str:
    return "/" + resource_id.strip().strip("/")


def _contains(outer: str, inner: str) -> bool:
    outer, inner = _trimmed(outer).lower(), _trimmed(inner).lower()
    return inner == outer or inner.startswith(outer + "/")
