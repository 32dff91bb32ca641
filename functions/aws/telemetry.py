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
    """The log and the metrics of one function; `service` is its name in both."""

    def __init__(self, service: str) -> None:
        self.logger = Logger(service=service)
        self._metrics = Metrics(namespace=NAMESPACE, service=service)
        # so that two stacks in one account have separate metrics
        self._stack = os.environ.get("STACK_NAME", "registrywatch")
        self._metrics.set_default_dimensions(stack=self._stack)
        self._counted = False

    def count(self, **numbers: int) -> None:
        """Add to metrics by name; they are written at the end of the invocation."""
        self._counted = True
        for name, number in numbers.items():
            self._metrics.add_metric(name=name, unit=MetricUnit.Count, value=number)

    def lag(self, events: Iterable[RegistryEvent]) -> None:
        """Measure the age of the oldest of these events."""
        times = [event.time for event in events]
        if times:
            lag = max(time() - min(times), 0.0)
            self._counted = True
            self._metrics.add_metric(name="EventLag", unit=MetricUnit.Seconds, value=lag)

    def __enter__(self) -> None:
        """Begin an invocation."""

    def __exit__(self, *_: object) -> None:
        """Write the metrics as one log line, which CloudWatch turns into metrics."""
        if self._counted:
            self._metrics.flush_metrics()
            self._counted = False

    def undelivered(self, destination: str, seconds: float) -> None:
        """Measure the age of an alert that waits for a destination, in total and for this one."""
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
        """Log and count an alert that was handed over for so many destinations."""
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
