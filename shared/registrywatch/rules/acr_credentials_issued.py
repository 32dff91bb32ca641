"""An identity gains access to a registry, or reads a password for it."""

import msgspec

from registrywatch.events import CredentialsIssued, RegistryEvent
from registrywatch.rules.rule import Finding, LastOfItsKind, Mitre, Rule, Trust
from registrywatch.rules.wording import part_of_registry, shown
from registrywatch.severity import Severity
from registrywatch.times import DAY

_PUSH_OR_MORE = frozenset(
    {
        "acrpush",
        "acrdelete",
        "acrimagesigner",
        "acrquarantinewriter",
        "owner",
        "contributor",
        "user access administrator",
        "role based access control administrator",
        "container registry repository writer",
        "container registry repository contributor",
        "container registry contributor and data access configuration administrator",
        "container registry tasks contributor",
        "container registry transfer pipeline contributor",
    }
)
_PULL = frozenset(
    {"acrpull", "acrquarantinereader", "reader", "container registry repository reader"}
)


def _judge(_event: RegistryEvent, issued: CredentialsIssued, _trust: Trust) -> Finding | None:
    found = _role(issued) if issued.kind == "role" else _credential(issued)
    if issued.habitual and found.severity > Severity.LOW:
        why = "The same identity has done this before, at least a day earlier: low."
        return msgspec.structs.replace(found, severity=Severity.LOW, reasons=(*found.reasons, why))
    return found


def _credential(issued: CredentialsIssued) -> Finding:
    name = shown(part_of_registry(issued.resource))
    match issued.kind:
        case "regenerated":
            why = "The caller has a new password of the admin user; the old one no longer works."
            return Finding(
                Severity.HIGH, f"regenerated an admin password of the registry {name}", (why,)
            )
        case "generated":
            why = "The caller has a password of a token, which works without an identity."
            return Finding(Severity.HIGH, f"generated passwords of a token of {name}", (why,))
        case "listed":
            why = "The caller has the passwords of the admin user, which can do everything."
            return Finding(
                Severity.MEDIUM, f"read the admin passwords of the registry {name}", (why,)
            )
        case "task secrets":
            why = "A task can hold secrets for its source code and for other registries."
            return Finding(Severity.MEDIUM, f"read the secrets of the task {name}", (why,))
        case "scope map":
            why = "A scope map decides what tokens can do. The event does not show its new content."
            return Finding(Severity.MEDIUM, f"created or changed the scope map {name}", (why,))
    if issued.all_repositories:
        why = "The token has rights on all repositories."
        did = f"created or changed the token {name}, which covers all repositories"
        return Finding(Severity.HIGH, did, (why,))
    why = "A token works without an identity, and lasts until it is deleted."
    return Finding(Severity.MEDIUM, f"created or changed the token {name}", (why,))


def _role(issued: CredentialsIssued) -> Finding:
    where = "above the registry" if issued.above else "at the registry"
    named = (
        f"the role {shown(issued.role)}" if issued.role else "a role that the event does not name"
    )
    did = f"assigned {named} {where}"
    scope = f"Its scope is {shown(issued.resource)}."
    role = (issued.role or "").casefold()
    if role in _PUSH_OR_MORE:
        return Finding(Severity.HIGH, did, ("The role can push or change images.", scope))
    if role in _PULL:
        if issued.above and role == "reader":
            return Finding(Severity.LOW, did, ("The role can pull images.", scope))
        return Finding(Severity.MEDIUM, did, ("The role can pull images.", scope))
    why = "It is not known whether this role has rights on images."
    return Finding(Severity.LOW if issued.above else Severity.MEDIUM, did, (why, scope))


def _subject(event: RegistryEvent, issued: CredentialsIssued) -> str | None:
    if event.actor.id is None:
        return None
    registry = event.registry_id or issued.resource
    return f"credentials of {registry} {issued.kind} by {event.actor.id}"


def _habitual(issued: CredentialsIssued, _last: str) -> CredentialsIssued:
    return msgspec.structs.replace(issued, habitual=True)


ACR_CREDENTIALS_ISSUED = Rule(
    name="acr-credentials-issued",
    title="Registry Credentials Issued",
    cloud="azure",
    mitre=(Mitre("TA0003", "T1098.001"),),
    reads=(CredentialsIssued,),
    description=(
        "Access to a registry was granted, or a password was read. High: an admin password was "
        "regenerated, passwords of a token were generated, a token for all repositories was "
        "created or changed, or a role that can push or do more was assigned at the registry or "
        "above. Medium: the admin passwords were listed, a task was read with its secrets, another "
        "token or a scope map was created or changed, or a role that can pull was assigned. Low: "
        "the same identity did the same at least a day before, or a role was assigned above the "
        "registry and it is not known what the role can do."
    ),
    impact=(
        "Such access remains after the intruder's own identity is disabled: passwords and tokens "
        "belong to no identity, and a role assignment lasts until it is removed."
    ),
    mitigation=(
        "Ask the actor whether they meant it. If not, regenerate both admin passwords or switch "
        "the admin user off, delete the token or the role assignment, and search the registry's "
        "log for pulls and pushes made with it."
    ),
    references=(
        "https://learn.microsoft.com/azure/container-registry/container-registry-authentication",
        "https://learn.microsoft.com/azure/container-registry/container-registry-token-based-repository-permissions",
        "https://learn.microsoft.com/azure/container-registry/container-registry-rbac-built-in-roles-overview",
    ),
    harmless=(
        "App Service and Container Apps read the admin passwords with every deployment.",
        "A new cluster gets the role AcrPull.",
        "A token's passwords are rotated on schedule.",
    ),
    judge=_judge,
    remembers=LastOfItsKind(_subject, lambda _: "done", _habitual, at_least=DAY),
)
