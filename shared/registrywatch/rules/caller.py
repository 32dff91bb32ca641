"""Who called, as far as it makes a matter worse."""

from registrywatch.events import RegistryEvent
from registrywatch.rules.rule import Trust


def alarming_caller(event: RegistryEvent, trust: Trust) -> tuple[str, ...]:
    """Why the caller makes it worse: the account's root user, or somebody of a foreign account."""
    reasons = []
    if event.actor.type == "Root":
        reasons.append("The caller is the account's root user.")
    if trust.is_foreign(event):
        reasons.append(
            f"The caller's account {event.actor_account} is neither the registry's own nor trusted."
        )
    return tuple(reasons)
