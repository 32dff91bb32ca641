"""registrywatch on Azure: the triggers. What they do is in functions/azure/.

This file must lie beside host.json: the Functions worker looks for it there.
"""

import sys
from pathlib import Path
from typing import List  # noqa: UP035 - see event_hub

sys.path.insert(0, str(Path(__file__).parent / "shared"))

import azure.functions as func

from functions.azure import triggers
from registrywatch.azure import names

app = func.FunctionApp()


@app.event_grid_trigger(arg_name="event")
def event_grid(event: func.EventGridEvent) -> None:
    """One event of Event Grid, in either schema: with CloudEvents it is a func.CloudEvent."""
    triggers.event_grid(event)


@app.event_hub_message_trigger(
    arg_name="messages",
    event_hub_name=names.EVENT_HUB,
    connection=names.EVENT_HUB_CONNECTION,
    consumer_group=names.CONSUMER_GROUP,
    cardinality=func.Cardinality.MANY,
)
@app.retry(
    strategy="exponential_backoff",
    max_retry_count="-1",  # for ever: giving up would let the checkpoint pass over the batch
    minimum_interval="00:00:05",
    maximum_interval="00:10:00",
)
def event_hub(messages: List[func.EventHubEvent], context: func.Context) -> None:  # noqa: UP006
    """A batch of the event hub. The worker refuses to load an app that says `list[…]` here."""
    triggers.event_hub(messages, context)


@app.event_hub_message_trigger(
    arg_name="messages",
    event_hub_name=names.ALARM_HUB,
    connection=names.EVENT_HUB_CONNECTION,
    consumer_group=names.CONSUMER_GROUP,
    cardinality=func.Cardinality.MANY,
)
@app.retry(strategy="fixed_delay", max_retry_count="5", delay_interval="00:01:00")
def own_alarms(messages: List[func.EventHubEvent]) -> None:  # noqa: UP006
    """Alarms about registrywatch itself. What can't be handled has been sent by mail as well."""
    triggers.own_alarms(messages)


@app.queue_trigger("message", queue_name=names.ALERTS, connection=names.STORAGE_CONNECTION)
def deliver(message: func.QueueMessage) -> None:
    """An alert on its way to one destination."""
    triggers.deliver(message.get_body().decode())


@app.queue_trigger(
    arg_name="message", queue_name=names.RECHECKS, connection=names.STORAGE_CONNECTION
)
def recheck(message: func.QueueMessage) -> None:
    """A later look at something."""
    triggers.recheck(message.get_body().decode())


@app.timer_trigger(arg_name="timer", schedule="0 */5 * * * *")
def housekeeping(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the worker hands it over
    """Every five minutes: how many dead letters are there?"""
    triggers.housekeeping()


@app.timer_trigger(arg_name="timer", schedule="30 */10 * * * *")
def ask_state(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the worker hands it over
    """Every ten minutes: are images still scanned?"""
    triggers.ask_state()


@app.timer_trigger(arg_name="timer", schedule="45 */15 * * * *")
def self_check(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the worker passes it
    """Every 15 minutes: is every part of this deployment as it should be?"""
    triggers.self_check()


@app.timer_trigger(arg_name="timer", schedule="0 17 * * * *")
def sweep(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the worker hands it over
    """Every hour: forget what is old."""
    triggers.sweep()
