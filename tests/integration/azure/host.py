"""The part of the Functions host that is needed to let queue triggers run: a pump.

The host itself can't be had here. The pump does what its documentation says of queue triggers: a
message that fails shows again, and after five times lies in "<queue>-poison".
"""

from registrywatch.azure.clients import Storage
from tests.azure.worker import FunctionsWorker

MAX_DEQUEUE_COUNT = 5  # host.json


def pump(worker: FunctionsWorker, storage: Storage, queue: str, function: str) -> list[str | None]:
    """Invoke the function with what lies in the queue until nothing does; give the errors."""
    client = storage.queue(queue)
    errors = []
    while message := client.receive_message(visibility_timeout=30):
        invoked = worker.queue(function, message.content)
        if invoked.succeeded:
            client.delete_message(message)
            continue
        errors.append(invoked.error)
        if (message.dequeue_count or 0) >= MAX_DEQUEUE_COUNT:
            storage.queue(f"{queue}-poison").send_message(message.content)
            client.delete_message(message)
        else:
            client.update_message(message, visibility_timeout=0, content=message.content)
    return errors
