"""The general settings: whom and what the user trusts, ignores and protects."""

from collections.abc import Iterable, Iterator

from registrywatch import readers
from registrywatch.globs import Globs
from registrywatch.rules.rule import DEFAULT_OWN_RESOURCES, Trust
from registrywatch.settings.values import Values
from registrywatch.variables import optional, setting

CONFIG = "REGISTRYWATCH_CONFIG"

IGNORE_ACTORS = setting(
    "REGISTRYWATCH_IGNORE_ACTORS",
    "general",
    "globs on whole actor ids that every rule ignores: the ARN of a role or user (of a session "
    "only for people of IAM Identity Center, `…:assumed-role/AWSReservedSSO_…`), an account id, a "
    "service's name, an Azure user or application id",
    readers.actors,
    "",
)
IGNORE_REPOSITORIES = setting(
    "REGISTRYWATCH_IGNORE_REPOSITORIES",
    "general",
    "globs on whole repository names that every rule ignores",
    readers.globs,
    "",
)
TRUSTED_ACCOUNTS = setting(
    "REGISTRYWATCH_TRUSTED_ACCOUNTS",
    "general",
    "ids of AWS accounts that are treated like the registry's own",
    readers.accounts,
    "",
)
TRUSTED_ORGS = setting(
    "REGISTRYWATCH_TRUSTED_ORGS",
    "general",
    "ids of AWS organisations whose members a policy may admit",
    readers.orgs,
    "",
)
PROTECTED_TAGS = setting(
    "REGISTRYWATCH_PROTECTED_TAGS",
    "general",
    "globs on tags that matter: losing or overwriting one raises the severity",
    readers.globs,
    "latest,prod*,release*,stable*,v*",
)
OWN_RESOURCES = setting(
    "REGISTRYWATCH_OWN_RESOURCES",
    "general",
    "globs on the names of registrywatch's own resources (on Azure, of its resource group): "
    "`…-monitoring-removed` reports a change of one",
    readers.globs,
    ",".join(DEFAULT_OWN_RESOURCES),
)
LEARNING_DAYS = setting(
    "REGISTRYWATCH_LEARNING_DAYS",
    "general",
    "for how many days after an account or subscription is first seen the rules on newness are "
    "`informational`, 0 to 90",
    readers.whole_number(0, 90),
    "7",
)
MEMORY_DAYS = setting(
    "REGISTRYWATCH_MEMORY_DAYS",
    "general",
    "for how many days it is remembered which repositories an actor has used, 2 to 90",
    readers.whole_number(2, 90),
    "30",
)
CONFIG_FILE = optional(
    CONFIG,
    "general",
    "further settings in a JSON object of the same names: a path, `ssm:NAME`, or the object "
    "itself; what is set in the environment takes precedence",
    readers.anything,
)

GENERAL = (
    IGNORE_ACTORS,
    IGNORE_REPOSITORIES,
    TRUSTED_ACCOUNTS,
    TRUSTED_ORGS,
    PROTECTED_TAGS,
    OWN_RESOURCES,
    LEARNING_DAYS,
    MEMORY_DAYS,
    CONFIG_FILE,
)


def trust(values: Values) -> Trust:
    """Whom the user trusts, which tags are protected, and which resources are registrywatch's."""
    return Trust(
        accounts=values[TRUSTED_ACCOUNTS],
        orgs=values[TRUSTED_ORGS],
        protected_tags=values[PROTECTED_TAGS],
        own_resources=values[OWN_RESOURCES] + Globs(tuple(_kept_in_aws(values.given.values()))),
    )


def _kept_in_aws(texts: Iterable[str]) -> Iterator[str]:
    """The names of the SSM parameters and secrets that hold settings."""
    for text in texts:
        store, _, name = text.strip().partition(":")
        if store in ("ssm", "secretsmanager") and name:
            from registrywatch.sources.aws_names import bare

            yield bare(name)
