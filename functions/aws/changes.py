"""The door for changes: EventBridge invokes it with one event, asynchronously.

What can't be dealt with is raised: Lambda tries twice more and then puts the event into the
dead-letter queue, with the reason.
"""

from functions.aws import answers, detection
from functions.aws.telemetry import Telemetry

telemetry = Telemetry("changes")
settings = detection.read_settings()
detector = detection.judging(settings, detection.alert_queue(settings, telemetry))


@telemetry.logger.inject_lambda_context
def handler(event: object, _: object) -> object:
    """Invoked by EventBridge, or by a person with any form of CloudTrail's records."""
    with telemetry:
        return answers.to_event(event, detector, telemetry)
