"""How bad it is to move many images, by who moves them and how familiar the repositories are."""

from registrywatch.rules.rule import Crossing, Grade, Trust, worst_caller
from registrywatch.severity import Severity

GRADES = "Reaching the threshold is medium; by a foreign account or the root user it is high."
"""What `grade_volume` does for actors to whom the repositories are new, for descriptions."""


def grade_volume(crossing: Crossing, trust: Trust, familiar: Severity) -> Grade:
    """The grade; `familiar` is the severity if every repository is familiar to the actor."""
    if worse := worst_caller(crossing.events, trust):
        return Grade(Severity.HIGH, worse)
    if crossing.familiar:
        why = "The actor did the same in each of these repositories before, at least a day ago."
        return Grade(familiar, (why,))
    if crossing.mostly_familiar:
        why = (
            f"Only {crossing.unfamiliar} of {crossing.repositories} repositories are new to the "
            "actor. The actor did the same in the others before, at least a day ago."
        )
        return Grade(Severity.LOW, (why,))
    return Grade(Severity.MEDIUM)
