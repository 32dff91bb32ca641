"""`registrywatch check --send-test`: a marked event through the deployed chain to its destinations.

The event is given to the changes function, as EventBridge would give it: EventBridge itself takes
no event of AWS from anyone else. Whether the alert was delivered is read from the ledger.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping

from registrywatch import sources
from registrywatch.alerts import Alert
from registrywatch.aws.check.asked import ask
from registrywatch.aws.check.functions import FUNCTION
from registrywatch.aws.check.stack import Stack, stack_named
from registrywatch.aws.table import Table, TableRows
from registrywatch.checks import Item, right, wrong
from registrywatch.delivery.destinations.kind import Destination
from registrywatch.delivery.ledger import Ledger, RowLedger, status_cell
from registrywatch.detector import Detector
from registrywatch.rules.ecr_monitoring_removed import ECR_MONITORING_REMOVED
from registrywatch.settings import Settings, parse
from registrywatch.times import rfc3339
from registrywatch.windows.memory import MemoryStore
from registrywatch.windows.protocol import Counter

PATIENCE_SECONDS = 120.0
_PAUSE_SECONDS = 2.0
_ARRIVED = ("delivered", "folding")
_WHO = "registrywatch check --send-test"


def send_test(
    name: str,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], object] = time.sleep,
) -> tuple[Item, ...]:
    """An item for each destination of the stack of that name. Raises StoreError, SettingsError."""
    stack = stack_named(name)
    changes = stack.one(FUNCTION, "ChangesFunction") if stack else None
    table = stack.one("AWS::DynamoDB::Table", "Table") if stack else None
    if stack is None or changes is None or table is None:
        return (wrong("send test", f"there is no stack {name}", "sam deploy"),)
    settings = parse(_environment(stack))
    event = marked_event(stack, clock())
    raised = _alerts(event, settings)
    if not raised:
        found = f"a setting keeps {ECR_MONITORING_REMOVED.name} from raising it"
        return (wrong("send test", found, f"registrywatch rules {ECR_MONITORING_REMOVED.name}"),)
    ask("lambda", "invoke", FunctionName=changes, InvocationType="Event", Payload=event)
    ledger = RowLedger(TableRows(Table(table), "delivery"))
    return tuple(_waited(raised[0], settings.destinations, ledger, clock, sleep))


def marked_event(stack: Stack, now: float) -> bytes:
    """What EventBridge would say of a disabled rule that no stack has; its name says why."""
    place = stack.place
    record = {
        "eventVersion": "1.11",
        "eventSource": "events.amazonaws.com",
        "eventName": "DisableRule",
        "eventTime": rfc3339(int(now)),
        "eventID": str(uuid.uuid4()),
        "awsRegion": place.region,
        "recipientAccountId": place.account,
        "userIdentity": {"type": "AWSService", "invokedBy": _WHO},
        "requestParameters": {"name": f"{place.stack}-send-test"},
    }
    return json.dumps(
        {
            "detail-type": "AWS API Call via CloudTrail",
            "source": "aws.events",
            "account": place.account,
            "region": place.region,
            "detail": record,
        }
    ).encode()


def _environment(stack: Stack) -> Mapping[str, str]:
    """The settings of the deployment: where secrets are kept, not what they are."""
    name = stack.one(FUNCTION, "ChangesFunction")
    found = ask("lambda", "get_function_configuration", FunctionName=name) or {}
    variables: dict[str, str] = found.get("Environment", {}).get("Variables", {})
    return variables


def _alerts(event: bytes, settings: Settings) -> list[Alert]:
    """The alert that the deployment will raise, by the same code and settings."""
    raised: list[Alert] = []
    detector = Detector(
        [ECR_MONITORING_REMOVED],
        settings.tunings,
        settings.trust,
        Counter(MemoryStore(), time.time),
        raised.append,
    )
    detector.detect(sources.read(event).events)
    return raised


def _waited(
    alert: Alert,
    destinations: tuple[Destination, ...],
    ledger: Ledger,
    clock: Callable[[], float],
    sleep: Callable[[float], object],
) -> Iterator[Item]:
    began = clock()
    for to in destinations:
        item = f"send test {to.name}"
        if not to.wants(alert):
            yield right(item, f"it takes no {alert.severity.value} alert of {alert.rule}")
            continue
        while not (arrived := _arrived(alert, to, ledger)):
            if clock() - began > PATIENCE_SECONDS:
                break
            sleep(_PAUSE_SECONDS)
        if arrived:
            yield right(item, f"delivered within {int(clock() - began) + 1} seconds")
        else:
            found = f"not delivered within {int(PATIENCE_SECONDS)} seconds"
            yield wrong(item, found, "Look at the logs of ChangesFunction and DeliveryFunction.")


def _arrived(alert: Alert, to: Destination, ledger: Ledger) -> bool:
    status = status_cell(ledger, alert.id, to.name).read()
    return status is not None and status.state in _ARRIVED
