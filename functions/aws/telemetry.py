"""Logs and metrics. Neither ever holds a whole event or a secret."""

import os
from collections.abc import Iterable
from time import time

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit, single_metric

from registrywatch.alerts import Alert
from registrywatch.events import RegistryEvent

NAMESPACE = "registrywatch"


class Telemetry:
    """What one function logs and counts; `service` is its name in both."""

    def __init__(self, service: str) -> None:
        self.logger = Logger(service=service)
        self._metrics = Metrics(namespace=NAMESPACE, service=service)
        # two stacks of an account have metrics of their own
        self._stack = os.environ.get("STACK_NAME", "registrywatch")
        self._metrics.set_default_dimensions(stack=self._stack)
        self._counted = False

    def count(self, **numbers: int) -> None:
        """Adds to metrics by name; the end of the invocation writes them."""
        self._counted = True
        for name, number in numbers.items():
            self._metrics.add_metric(name=name, unit=MetricUnit.Count, value=number)

    def lag(self, events: Iterable[RegistryEvent]) -> None:
        """Measures how far behind the oldest of these events we are."""
        times = [event.time for event in events]
        if times:
            lag = max(time() - min(times), 0.0)
            self._counted = True
            self._metrics.add_metric(name="EventLag", unit=MetricUnit.Seconds, value=lag)

    def __enter__(self) -> None:
        """Begins an invocation."""

    def __exit__(self, *_: object) -> None:
        """Writes what was counted as one log line, which CloudWatch turns into metrics."""
        if self._counted:
            self._metrics.flush_metrics()
            self._counted = False

    def undelivered(self, destination: str, seconds: float) -> None:
        """How old an alert is that waits for a destination: for all of them, and for this one."""
        self._counted = True
        name = "UndeliveredSeconds"
        self._metrics.add_metric(name=name, unit=MetricUnit.Seconds, value=seconds)
        with single_metric(
            name=name,
            unit=MetricUnit.Seconds,
            value=seconds,
            namespace=NAMESPACE,
            default_dimensions={"stack": self._stack},
        ) as metric:
            metric.add_dimension(name="destination", value=destination)

    def alert(self, alert: Alert, destinations: int) -> None:
        """Logs and counts an alert that was handed over to so many destinations."""
        self.count(Alerts=1)
        self.logger.info(
            "alert",
            alert=alert.id,
            rule=alert.rule,
            severity=alert.severity.value,
            destinations=destinations,
            account=alert.account,
            region=alert.region,
            time=alert.time,
            events=alert.events,
        )
