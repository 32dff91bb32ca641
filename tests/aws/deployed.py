"""The stack of template.yaml in moto, as far as the self-check looks at it.

moto's CloudFormation wants packages that are not installed here, so the resources are made one by
one, and what CloudFormation and Lambda would answer about the stack and the account is said here.
"""

import io
import json
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto.backends import get_backend

from registrywatch.aws import clients
from registrywatch.aws.check.rules import RULES
from registrywatch.aws.patterns import StackPlace
from tests.aws.templates import Json, resources
from tests.builders.cloudtrail import REGION

ACCOUNT = "123456789012"  # moto's
STACK = "registrywatch"
SECRET = "/registrywatch/slack"
STACK_ID = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/1-2-3"
_shared: dict[str, Any] = {}  # making a client takes longer than any call
MAPPINGS = {
    "ChangesFunctionRetry": "ChangesRetryQueue",
    "TrafficFunctionTraffic": "TrafficQueue",
    "DeliveryFunctionAlerts": "AlertQueue",
}


class Deployed:
    """A deployment that is as it should be. `physical` are the resources' ids by logical id.

    With `canary` events go to the functions' aliases.
    """

    def __init__(self, *, canary: bool = False) -> None:
        self.canary = canary
        self.status = "UPDATE_COMPLETE"
        self.parameters: dict[str, str] = {}
        self.place = StackPlace(STACK, ACCOUNT, REGION)
        self.kinds: dict[str, str] = {}
        self.physical: dict[str, str] = {}
        self.free = 1000
        self.instead: dict[tuple[str, str], Json] = {}
        self._make()

    def client(self, service: str) -> Any:
        return clients.client(service)

    def queue_arn(self, logical: str) -> str:
        return self.place.arn("sqs", self.physical[logical].rpartition("/")[2])

    def function_arn(self, logical: str) -> str:
        return self.place.arn("lambda", f"function:{self.physical[logical]}")

    def _add(self, kind: str, logical: str, physical: str) -> str:
        self.kinds[logical], self.physical[logical] = kind, physical
        return physical

    def _make(self) -> None:
        for make in (
            self._trail,
            self._queues,
            self._table,
            self._functions,
            self._aliases,
            self._rules,
            self._policies,
            self._mappings,
            self._alarms,
            self._schedule,
        ):
            make()

    def _trail(self) -> None:
        location = {"LocationConstraint": REGION}
        self.client("s3").create_bucket(Bucket="trails", CreateBucketConfiguration=location)
        trail = self.client("cloudtrail")
        trail.create_trail(Name="main", S3BucketName="trails", IsMultiRegionTrail=True)
        trail.start_logging(Name="main")

    def _queues(self) -> None:
        sqs = self.client("sqs")
        wanted = resources("AWS::SQS::Queue")
        for logical in sorted(wanted, key=lambda each: "RedrivePolicy" in wanted[each]):
            attributes = {"MessageRetentionPeriod": str(wanted[logical]["MessageRetentionPeriod"])}
            if redrive := wanted[logical].get("RedrivePolicy"):
                dead = redrive["deadLetterTargetArn"]["Fn::GetAtt"][0]
                attributes["RedrivePolicy"] = json.dumps(
                    {"deadLetterTargetArn": self.queue_arn(dead), "maxReceiveCount": 20}
                )
            made = sqs.create_queue(QueueName=f"{STACK}-{logical}-1", Attributes=attributes)
            self._add("AWS::SQS::Queue", logical, made["QueueUrl"])

    def _table(self) -> None:
        dynamodb = self.client("dynamodb")
        table = resources("AWS::DynamoDB::Table")["Table"]
        name = self._add("AWS::DynamoDB::Table", "Table", f"{STACK}-Table-1")
        wanted = ("BillingMode", "AttributeDefinitions", "KeySchema")
        dynamodb.create_table(TableName=name, **{each: table[each] for each in wanted})
        ttl = table["TimeToLiveSpecification"]
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)

    def _functions(self) -> None:
        self.client("ssm").put_parameter(Name=SECRET, Value="s", Type="SecureString")
        role = self.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]
        lambdas = self.client("lambda")
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as packed:
            packed.writestr("functions/aws/changes.py", "")
        for logical, function in resources("AWS::Serverless::Function").items():
            name = self._add("AWS::Lambda::Function", logical, f"{STACK}-{logical}-1")
            lambdas.create_function(
                FunctionName=name,
                Handler=function["Handler"],
                Runtime="python3.13",
                Role=role["Arn"],
                Code={"ZipFile": code.getvalue()},
                Environment={"Variables": {"REGISTRYWATCH_SLACK_WEBHOOK_URL": f"ssm:{SECRET}"}},
            )

    def _aliases(self) -> None:
        lambdas = self.client("lambda")
        for logical, alias in resources("AWS::Lambda::Alias").items() if self.canary else ():
            name = self.physical[alias["FunctionName"]["Ref"]]
            version = alias["FunctionVersion"]["Fn::GetAtt"][0]
            published = lambdas.publish_version(FunctionName=name)
            arn = f"{self.place.arn('lambda', f'function:{name}')}:{published['Version']}"
            self._add("AWS::Lambda::Version", version, arn)
            made = lambdas.create_alias(
                FunctionName=name, Name=alias["Name"], FunctionVersion=published["Version"]
            )
            self._add("AWS::Lambda::Alias", logical, made["AliasArn"])

    def invoked(self, logical: str) -> str:
        """The ARN by which a function is invoked."""
        alias = logical.replace("Function", "Alias")
        return self.physical.get(alias) or self.function_arn(logical)

    def _rules(self) -> None:
        events, lambdas = self.client("events"), self.client("lambda")
        for logical, expected in RULES.items():
            name = self._add("AWS::Events::Rule", logical, f"{STACK}-{logical}-1")
            pattern = json.dumps(expected.pattern(self.place))
            events.put_rule(Name=name, EventPattern=pattern, State=expected.state)
            to_queue = expected.target.endswith("Queue")
            arn = (self.queue_arn if to_queue else self.invoked)(expected.target)
            events.put_targets(Rule=name, Targets=[{"Id": "t", "Arn": arn}])
            if not to_queue:
                lambdas.add_permission(
                    FunctionName=self.physical[expected.target],
                    **({"Qualifier": "live"} if self.canary else {}),
                    StatementId=logical,
                    Action="lambda:InvokeFunction",
                    Principal="events.amazonaws.com",
                    SourceArn=self.place.arn("events", f"rule/{name}"),
                )
            self.arrived(name, time.time() - 1800)

    def arrived(self, rule: str, when: float) -> None:
        """EventBridge's count of a rule's events says one then."""
        data = {
            "MetricName": "MatchedEvents",
            "Dimensions": [{"Name": "RuleName", "Value": rule}],
            "Value": 1,
            "Timestamp": datetime.fromtimestamp(when, UTC),
        }
        self.client("cloudwatch").put_metric_data(Namespace="AWS/Events", MetricData=[data])

    def _policies(self) -> None:
        for policy in resources("AWS::SQS::QueuePolicy").values():
            document = json.dumps(self._filled_in(policy["PolicyDocument"]))
            for queue in policy["Queues"]:
                self.client("sqs").set_queue_attributes(
                    QueueUrl=self.physical[queue["Ref"]], Attributes={"Policy": document}
                )

    def _filled_in(self, value: Any) -> Any:
        """The value with the ARNs of queues and rules in it."""
        match value:
            case {"Fn::GetAtt": [str(logical), "Arn"]}:
                if self.kinds[logical] == "AWS::SQS::Queue":
                    return self.queue_arn(logical)
                return self.place.arn("events", f"rule/{self.physical[logical]}")
            case dict():
                return {name: self._filled_in(each) for name, each in value.items()}
            case list():
                return [self._filled_in(each) for each in value]
        return value

    def _mappings(self) -> None:
        for logical, queue in MAPPINGS.items():
            made = self.client("lambda").create_event_source_mapping(
                EventSourceArn=self.queue_arn(queue),
                FunctionName=self.invoked(logical.partition("Function")[0] + "Function"),
                ScalingConfig={"MaximumConcurrency": 10},
            )
            self._add("AWS::Lambda::EventSourceMapping", logical, made["UUID"])
            if self.canary:  # moto takes an alias's version for it; Lambda keeps the alias
                function = logical.partition("Function")[0] + "Function"
                self.instead["GetEventSourceMapping", made["UUID"]] = {
                    "State": "Enabled",
                    "FunctionArn": self.invoked(function),
                    "ScalingConfig": {"MaximumConcurrency": 10},
                }

    def _alarms(self) -> None:
        sns = self.client("sns")
        self.topic = sns.create_topic(Name="alarms")["TopicArn"]
        sns.subscribe(TopicArn=self.topic, Protocol="email", Endpoint="ops@example.com")
        for logical in resources("AWS::CloudWatch::Alarm"):
            name = self._add("AWS::CloudWatch::Alarm", logical, f"{STACK}-{logical}-1")
            self.alarm(name, self.topic)

    def alarm(self, name: str, *topics: str) -> None:
        """Make or change an alarm that tells the topics, past the API: there are many."""
        get_backend("cloudwatch")[ACCOUNT][REGION].put_metric_alarm(
            name=name,
            metric_name="m",
            namespace="n",
            comparison_operator="GreaterThanThreshold",
            evaluation_periods=1,
            period=60,
            threshold=0.0,
            statistic="Sum",
            description="",
            dimensions=[],
            alarm_actions=[*topics],
        )

    def _schedule(self) -> None:
        name = self._add("AWS::Scheduler::Schedule", "CheckFunctionEvery", f"{STACK}-check")
        self.client("scheduler").create_schedule(
            Name=name,
            ScheduleExpression="rate(15 minutes)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={
                "Arn": self.function_arn("ChangesFunction"),
                "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r",
            },
        )

    def answer(self, operation: str, request: Json) -> Json | None:
        """What moto can't answer, or a test wants otherwise; None: moto answers.

        `instead` has answers by operation and one value of the request, "" for any.
        """
        for value in ("", *(each for each in request.values() if isinstance(each, str))):
            if (operation, value) in self.instead:
                return self.instead[operation, value]
        match operation:
            case "DescribeStacks" if request["StackName"] != STACK:
                error = {"Error": {"Code": "ValidationError", "Message": "does not exist"}}
                raise ClientError(error, operation)
            case "DescribeStacks":
                parameters = [
                    {"ParameterKey": key, "ParameterValue": value}
                    for key, value in self.parameters.items()
                ]
                stack = {"StackId": STACK_ID, "StackStatus": self.status}
                return {"Stacks": [{**stack, "Parameters": parameters}]}
            case "ListStackResources":
                return {"StackResourceSummaries": [*self._listed()]}
            case "GetAccountSettings":
                return {"AccountLimit": {"UnreservedConcurrentExecutions": self.free}}
        return None

    def _listed(self) -> Iterator[Json]:
        for logical, physical in self.physical.items():
            yield {
                "LogicalResourceId": logical,
                "PhysicalResourceId": physical,
                "ResourceType": self.kinds[logical],
                "ResourceStatus": "CREATE_COMPLETE",
            }


@contextmanager
def deployed(monkeypatch: pytest.MonkeyPatch, *, canary: bool = False) -> Iterator[Deployed]:
    """Within moto: a deployment, which this process's clients reach."""
    call = BaseClient._make_api_call
    monkeypatch.setattr(clients, "_clients", _shared)
    stack = Deployed(canary=canary)

    def answer(self: BaseClient, operation: str, request: Json) -> object:
        said = stack.answer(operation, request)
        return call(self, operation, request) if said is None else said

    with monkeypatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", answer)
        yield stack
