"""Changes: EventBridge invokes this function with one event, the retry queue with several.

An event that can't be handled makes the function fail. After Lambda's own three attempts the event
goes to the retry queue, which invokes this function again, for days; then to the dead-letter queue.
"""

from functions.aws import detecting, wiring
from functions.aws.payload import Context
from functions.aws.telemetry import Telemetry
from registrywatch.aws.clients import Deadline

telemetry = Telemetry("changes")
settings = wiring.read_settings()
longest_wait = wiring.LONGEST_WAIT["changes"]
deadline = Deadline()
detector = wiring.detector(settings, wiring.alert_queue(settings, telemetry), deadline)
dead_letters = wiring.dead_letters(settings, deadline)


@telemetry.logger.inject_lambda_context
def handler(event: object, context: Context) -> object:
    """Invoked by EventBridge, by SQS, or by a person with any form of CloudTrail's records."""
    with telemetry:
        deadline.begin(context.get_remaining_time_in_millis() / 1000)
        return detecting.answer(event, detector.detect, dead_letters, telemetry, longest_wait)
