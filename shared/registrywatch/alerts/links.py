"""Links in alerts: to the clouds' consoles, to ATT&CK, to the user's runbook.

Only values of the expected form become part of an address: a link never leads anywhere but to the
named console, whatever an event holds.
"""

import re
from collections.abc import Callable

import msgspec

from registrywatch.alerts.alert import Alert
from registrywatch.clouds import AWS, AZURE
from registrywatch.events import Cloud

_REGION = r"[a-z]{2,4}(-[a-z]+){1,3}-\d{1,2}"
_ACCOUNT = r"\d{12}"
_EVENT_ID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_REPOSITORY = r"[a-z0-9]+([._/-]+[a-z0-9]+)*"
_RESOURCE_ID = (
    r"(?ai)/subscriptions/[0-9a-f-]{36}/resourcegroups/[\w.()-]{1,90}"
    r"/providers/microsoft\.containerregistry/registries/[a-z0-9]{5,50}(?![^/])"
)
_RULE = r"[a-z0-9-]{1,80}"
_TECHNIQUE = r"T\d{4}(\.\d{3})?"


class Link(msgspec.Struct, frozen=True):
    """An address and its text. Both consist only of fixed words and checked values."""

    text: str
    url: str


def links(alert: Alert) -> tuple[Link, ...]:
    """The console's pages about an alert, the most useful first."""
    return _PAGES[alert.cloud](alert)


def attack_links(alert: Alert) -> tuple[Link, ...]:
    """ATT&CK's pages on the alert's techniques."""
    techniques = (mitre.technique for mitre in alert.mitre)
    return tuple(
        Link(f"ATT&CK {name}", f"https://attack.mitre.org/techniques/{name.replace('.', '/')}/")
        for name in techniques
        if re.fullmatch(_TECHNIQUE, name)
    )


def runbook_links(alert: Alert, runbook: str) -> tuple[Link, ...]:
    """The rule's section in the user's runbook; `runbook` is its address, "" if there is none."""
    if not runbook or not re.fullmatch(_RULE, alert.rule):
        return ()
    return (Link("Runbook", f"{runbook}#{alert.rule}"),)


def _aws(alert: Alert) -> tuple[Link, ...]:
    region = alert.region or ""
    if not re.fullmatch(_REGION, region):
        return ()
    host = AWS.partition_of_region(region).console
    if host is None:
        return ()
    console = f"https://{region}.{host}"
    found = []
    event = next((each for each in alert.events if re.fullmatch(_EVENT_ID, each)), None)
    if event:
        address = f"{console}/cloudtrailv2/home?region={region}#/events/{event}"
        found.append(Link("CloudTrail event", address))
    account, repository = alert.account or "", alert.repository or ""
    if re.fullmatch(_ACCOUNT, account):
        kind = "public" if (alert.registry or "").startswith("public.") else "private"
        if re.fullmatch(_REPOSITORY, repository):
            path = f"repositories/{kind}/{account}/{repository}"
            found.append(Link("Repository", f"{console}/ecr/{path}?region={region}"))
        else:
            path = f"{kind}-registry/repositories"
            found.append(Link("Registry", f"{console}/ecr/{path}?region={region}"))
    return tuple(found)


def _azure(alert: Alert) -> tuple[Link, ...]:
    """The registry's own pages if its resource id is known; else the list of all registries."""
    registry = alert.registry or ""
    portal = AZURE.partition_of_host(registry).console
    resource = re.match(_RESOURCE_ID, alert.resource or "") or re.fullmatch(_RESOURCE_ID, registry)
    if resource:
        # The pattern allows no other characters that have to be escaped.
        path = resource[0].replace("(", "%28").replace(")", "%29")
        page = f"https://{portal}/#resource{path}"
        return Link("Registry", f"{page}/overview"), Link("Activity log", f"{page}/eventlogs")
    kind = "Microsoft.ContainerRegistry%2Fregistries"
    browse = f"https://{portal}/#view/HubsExtension/BrowseResource/resourceType/{kind}"
    return (Link("Registries", browse),)


_PAGES: dict[Cloud, Callable[[Alert], tuple[Link, ...]]] = {"aws": _aws, "azure": _azure}
