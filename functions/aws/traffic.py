"""The door for image traffic: SQS hands over pulls and pushes by the thousand.

What can't be dealt with is named, message by message, and comes again; what no further try would
help is parked in the dead-letter queue, with the reason.
"""

from functions.aws import answers, detection, payload
from functions.aws.context import Context
from functions.aws.telemetry import Telemetry
from registrywatch.aws.clients import Deadline
from registrywatch.aws.table import Table
from registrywatch.settings.deployment import TABLE, required

telemetry = Telemetry("traffic")
settings = detection.read_settings()
deadline = Deadline()
table = Table(required(settings.aws.table, TABLE), deadline=deadline)
detector = detection.counting(settings, detection.alert_queue(settings, telemetry), table)
park = detection.dead_letters(settings)


@telemetry.logger.inject_lambda_context
def handler(event: object, context: Context) -> object:
    """Invoked by SQS, or by a person with any form of CloudTrail's records."""
    with telemetry:
        deadline.begin(context.get_remaining_time_in_millis() / 1000)
        messages = payload.messages(event)
        if messages is None:
            return answers.to_event(event, detector, telemetry)
        return answers.to_batch(messages, detector, park, telemetry)
