"""Image traffic: SQS invokes this function with up to a thousand pulls and pushes.

Messages that fail are named one by one and delivered again. Records that no further attempt can
help go to the dead-letter queue, with the reason.
"""

from time import time as clock

from functions.aws import detecting, wiring
from functions.aws.payload import Context
from functions.aws.telemetry import Telemetry
from registrywatch.aws.clients import Deadline
from registrywatch.checks.arrivals import KIND, Arrivals

telemetry = Telemetry("traffic")
settings = wiring.read_settings()
longest_wait = wiring.LONGEST_WAIT["traffic"]
deadline = Deadline()
detector = wiring.detector(settings, wiring.alert_queue(settings, telemetry), deadline)
dead_letters = wiring.dead_letters(settings, deadline)
arrivals = Arrivals(wiring.rows(settings, KIND, deadline), clock)


@telemetry.logger.inject_lambda_context
def handler(event: object, context: Context) -> object:
    """Invoked by SQS, or by a person with any form of CloudTrail's records."""
    with telemetry:
        deadline.begin(context.get_remaining_time_in_millis() / 1000)
        return detecting.answer(
            event, detector.detect, dead_letters, telemetry, longest_wait, arrivals.note
        )
