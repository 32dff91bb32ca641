"""The self-check: EventBridge Scheduler invokes this function every 15 minutes."""

import os
from time import time as clock

from functions.aws import wiring
from functions.aws.payload import Context
from functions.aws.telemetry import Telemetry
from registrywatch.aws.check import check
from registrywatch.aws.clients import Deadline
from registrywatch.aws.table import Table, TableRows
from registrywatch.checks.arrivals import KIND, Arrivals
from registrywatch.checks.report import CheckedPlace
from registrywatch.checks.self_check import SelfCheck
from registrywatch.checks.transitions import Transitions
from registrywatch.settings.deployment import TABLE, required

telemetry = Telemetry("check")
settings = wiring.read_settings()
detector = wiring.detector(settings, wiring.alert_queue(settings, telemetry), Deadline())
table = Table(required(settings.aws.table, TABLE))
arrivals = Arrivals(TableRows(table, KIND), clock)


@telemetry.logger.inject_lambda_context
def handler(_: object, context: Context) -> dict[str, int]:
    """Invoked by EventBridge Scheduler, or by a person with any event."""
    _, _, _, region, account, *_ = context.invoked_function_arn.split(":")
    stack = os.environ.get("STACK_NAME", "registrywatch")
    transitions = Transitions(
        TableRows(table, "check"), CheckedPlace("aws", account, region), detector.detect_one, clock
    )
    with telemetry:
        self_check = SelfCheck(
            lambda: check(stack),
            transitions,
            lambda silent: arrivals.report(detector.detect_one, all_silent=silent),
            settings.heartbeat_url,
            clock,
        )
        items, missed = self_check.run()
        for item in items:
            if not item.ok:
                telemetry.logger.error(
                    "not right", item=item.name, standing=item.standing, found=item.found
                )
        if missed is not None:
            telemetry.logger.error("heartbeat missed", reason=missed)
        wrong = sum(not item.ok for item in items)
        telemetry.count(Checks=1, Wrong=wrong)
    return {"items": len(items), "wrong": wrong}
