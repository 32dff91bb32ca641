"""Whether the table exists and its items expire, and whether the destinations' secrets exist."""

from collections.abc import Iterator
from functools import partial

from registrywatch.aws.check.calls import ask
from registrywatch.aws.check.functions import FUNCTION
from registrywatch.aws.check.stack import Stack
from registrywatch.checks import Item, checked, right, unknown, wrong
from registrywatch.errors import StoreError

_TTL_ATTRIBUTE = "x"


def stores(stack: Stack) -> Iterator[Item]:
    """The table's item, and one for each setting that names a secret."""
    yield checked("table", partial(_table, stack))
    try:
        secrets = _secrets(stack)
    except StoreError as error:
        yield unknown("secrets", error)
        return
    for variable, where in sorted(secrets.items()):
        name = f"secret {variable}"
        yield checked(name, partial(_secret, name, where))


def _table(stack: Stack) -> Item:
    name = stack.one("AWS::DynamoDB::Table", "Table")
    found = ask("dynamodb", "describe_time_to_live", TableName=name) if name else None
    if found is None:
        return wrong("table", "the table is gone", stack.deploy_again)
    ttl = found.get("TimeToLiveDescription", {})
    on = ttl.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
    if not on or ttl.get("AttributeName") != _TTL_ATTRIBUTE:
        fix = (
            f"aws dynamodb update-time-to-live --table-name {name} "
            f"--time-to-live-specification Enabled=true,AttributeName={_TTL_ATTRIBUTE}"
        )
        return wrong("table", "its items do not expire", fix, minor=True)
    return right("table", "it exists, and its items expire")


def _secrets(stack: Stack) -> dict[str, str]:
    """Where the functions' settings say that a secret is, by variable."""
    variables: dict[str, str] = {}
    for logical in ("CheckFunction", "DeliveryFunction"):  # the former alone has the heartbeat's
        name = stack.one(FUNCTION, logical)
        found = ask("lambda", "get_function_configuration", FunctionName=name) if name else None
        variables |= (found or {}).get("Environment", {}).get("Variables", {})
    return {
        variable: where
        for variable, where in variables.items()
        if variable.startswith("REGISTRYWATCH_") and where.startswith(("ssm:", "secretsmanager:"))
    }


def _secret(item: str, where: str) -> Item:
    """Whether the secret exists. Its value is not read: the check has no right to it."""
    store, _, name = where.partition(":")
    if store == "ssm":
        found = ask(
            "ssm", "describe_parameters", ParameterFilters=[{"Key": "Name", "Values": [name]}]
        )
        if not (found or {}).get("Parameters"):
            fix = f"aws ssm put-parameter --type SecureString --name {name} --value file://FILE"
            return wrong(item, f"there is no parameter {name}", fix)
    else:
        found = ask("secretsmanager", "describe_secret", SecretId=name)
        if found is None:
            fix = f"aws secretsmanager create-secret --name {name} --secret-string file://FILE"
            return wrong(item, f"there is no secret {name}", fix)
        if found.get("DeletedDate"):
            fix = f"aws secretsmanager restore-secret --secret-id {name}"
            return wrong(item, f"the secret {name} is about to be deleted", fix)
    return right(item, f"{where} exists")
