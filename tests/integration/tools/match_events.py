"""Matches events against EventBridge patterns with LocalStack's engine; run by .tools/localstack.

Reads {"patterns": {name: pattern}, "events": [event]} and prints for each event the names of the
patterns that match. The engine is installed without LocalStack's dependencies; the one module that
it wants of them holds an exception.
"""

import json
import sys
import types


class InvalidEventPatternException(Exception):
    """What the engine raises for a pattern that EventBridge would refuse."""


for name in ("localstack.aws", "localstack.aws.api", "localstack.aws.api.events"):
    sys.modules[name] = types.ModuleType(name)
vars(sys.modules["localstack.aws.api.events"])["InvalidEventPatternException"] = (
    InvalidEventPatternException
)

from localstack.services.events.event_rule_engine import (  # noqa: E402
    EventPatternCompiler,
    EventRuleEngine,
)

given = json.load(sys.stdin)
patterns = {
    name: EventPatternCompiler().compile_event_pattern(pattern)
    for name, pattern in given["patterns"].items()
}
engine = EventRuleEngine()
matches = [
    [
        name
        for name, pattern in patterns.items()
        if engine.evaluate_pattern_on_event(pattern, json.dumps(event))
    ]
    for event in given["events"]
]
json.dump(matches, sys.stdout)
