"""How much of a repository's tags can be overwritten."""

from registrywatch.globs import Globs, matches_everything
from registrywatch.rules.grading.policy_json import Grade
from registrywatch.rules.wording import listed, shown
from registrywatch.severity import Severity


def grade_mutability(mode: str, exclusions: tuple[str, ...], protected: Globs) -> Grade | None:
    """How bad a mode is with its exclusions (globs on tags); None if no tag can be overwritten.

    A mode that ECR's documentation does not name is taken to allow overwriting.
    """
    folded = mode.upper()
    exempt = listed(exclusions) or "none that the event shows"
    if folded == "IMMUTABLE":
        return None
    if folded == "IMMUTABLE_WITH_EXCLUSION":
        reason = f"Tags are immutable except those that match: {exempt}."
        if any(map(matches_everything, exclusions)):
            return Grade(Severity.MEDIUM, f"{reason} That is every tag.", "every tag")
        if any(protected.overlap(glob) for glob in exclusions):
            reason = f"{reason} Protected tags are among them."
            return Grade(Severity.MEDIUM, reason, f"protected tags among them ({exempt})")
        return Grade(Severity.LOW, reason, f"those that match {exempt}")
    if folded == "MUTABLE_WITH_EXCLUSION":
        reason = f"Any tag can be overwritten except those that match: {exempt}."
        return Grade(Severity.MEDIUM, reason, f"all but {exempt}")
    return Grade(Severity.MEDIUM, f"Any tag can be overwritten ({shown(mode)}).", "every tag")
