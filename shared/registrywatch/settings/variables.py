"""Every setting there is, declared once: parsing, errors and the docs all read this table."""

from registrywatch import readers
from registrywatch.readers import Reader
from registrywatch.rules import CATALOGUE, AnyRule
from registrywatch.variables import PREFIX, Variable

CONFIG = "REGISTRYWATCH_CONFIG"


def stem(rule: AnyRule) -> str:
    """How the names of a rule's settings begin."""
    return f"{PREFIX}{rule.name.upper().replace('-', '_')}_"


def rule_variables(rule: AnyRule) -> tuple[Variable, ...]:
    """The settings of one rule."""

    def variable(suffix: str, meaning: str, read: Reader, default: str | None) -> Variable:
        return Variable(stem(rule) + suffix, "rules", meaning, read, default)

    of_all = (
        variable("ENABLED", "whether the rule is applied", readers.boolean, "true"),
        variable(
            "SEVERITY", "fixes the grade, which the event decides otherwise", readers.severity, None
        ),
        variable(
            "IGNORE_ACTORS",
            "globs on whole ids of actors that the rule passes over, besides the general ones",
            readers.actors,
            "",
        ),
        variable(
            "IGNORE_REPOSITORIES",
            "globs on whole names of repositories that the rule passes over, likewise",
            readers.globs,
            "",
        ),
    )
    if rule.counting is None:
        return of_all
    return (
        *of_all,
        variable(
            "THRESHOLD",
            "how many sightings in a window raise the alert, 1 to 8,000",
            readers.whole_number(1, 8000),
            str(rule.counting.threshold),
        ),
        variable(
            "COUNT",
            "what a sighting is: `images`, each distinct one once, or `calls`, each call once",
            readers.one_of("images", "calls"),
            "images",
        ),
        variable(
            "WINDOW_SECONDS",
            "the length of the sliding window, 12 to 86,400",
            readers.whole_number(12, 86_400),
            "600",
        ),
        variable(
            "QUIET_SECONDS",
            "how long a group is quiet before and after an alert; not less than the window",
            readers.whole_number(12, 10 * 86_400),
            None,
        ),
        variable(
            "GROUP_BY",
            "what is counted apart: any of actor, repository, registry, account, ip; always within "
            "one registry, unless `account` is among them",
            readers.group_fields,
            "actor",
        ),
    )


GENERAL = (
    Variable(
        "REGISTRYWATCH_IGNORE_ACTORS",
        "general",
        "globs on whole ids of actors that every rule passes over: the ARN of a role (never of a "
        "session) or user, an account id, a service's name, an Azure user or application id",
        readers.actors,
        "",
    ),
    Variable(
        "REGISTRYWATCH_IGNORE_REPOSITORIES",
        "general",
        "globs on whole names of repositories that every rule passes over",
        readers.globs,
        "",
    ),
    Variable(
        "REGISTRYWATCH_TRUSTED_ACCOUNTS",
        "general",
        "ids of AWS accounts that are treated like the registry's own",
        readers.accounts,
        "",
    ),
    Variable(
        "REGISTRYWATCH_TRUSTED_ORGS",
        "general",
        "ids of AWS organisations whose members a policy may let in",
        readers.orgs,
        "",
    ),
    Variable(
        "REGISTRYWATCH_PROTECTED_TAGS",
        "general",
        "globs on tags that matter: losing or overwriting one raises the grade",
        readers.globs,
        "latest,prod*,release*,stable*,v*",
    ),
    Variable(
        CONFIG,
        "general",
        "further settings in a JSON object of the same names: a path, ssm:NAME, or the object "
        "itself; what is set in the environment wins",
        readers.anything,
    ),
)


def _destination(
    short: str, name: str, what: str, read: Reader, least: str
) -> tuple[Variable, Variable]:
    return (
        Variable(name, "destinations", what, read, secret=True),
        Variable(
            f"{PREFIX}{short}_MIN_SEVERITY",
            "destinations",
            f"the least severity that goes to {what.partition(':')[0]}",
            readers.severity,
            least,
            also=f"{name}_MIN_SEVERITY",
        ),
    )


DESTINATIONS = (
    *_destination(
        "SLACK",
        "REGISTRYWATCH_SLACK_WEBHOOK_URL",
        "Slack: the address of an incoming webhook",
        readers.address,
        "low",
    ),
    *_destination(
        "PAGERDUTY",
        "REGISTRYWATCH_PAGERDUTY_ROUTING_KEY",
        "PagerDuty: the routing key of an Events API v2 integration",
        readers.secret,
        "medium",
    ),
    Variable(
        "REGISTRYWATCH_PAGERDUTY_URL",
        "destinations",
        "where PagerDuty takes events: accounts in its European region have "
        "`https://events.eu.pagerduty.com/v2/enqueue`",
        readers.address,
        "https://events.pagerduty.com/v2/enqueue",
    ),
    *_destination(
        "TEAMS",
        "REGISTRYWATCH_TEAMS_WEBHOOK_URL",
        "Teams: the address of a Workflows webhook",
        readers.address,
        "low",
    ),
    *_destination(
        "WEBHOOK",
        "REGISTRYWATCH_WEBHOOK_URL",
        "the webhook: the address that gets the alert as JSON",
        readers.address,
        "low",
    ),
    Variable(
        "REGISTRYWATCH_WEBHOOK_SECRET",
        "destinations",
        "the key that signs what goes to the webhook (HMAC-SHA256)",
        readers.secret,
        secret=True,
    ),
    Variable(
        "REGISTRYWATCH_WEBHOOK_FORMAT",
        "destinations",
        "what goes to the webhook: the `alert` itself, or an `ocsf` Detection Finding",
        readers.one_of("alert", "ocsf"),
        "alert",
    ),
    Variable(
        "REGISTRYWATCH_FOLD_SECONDS",
        "destinations",
        "how long related alerts are gathered after the first, 0 to 900; 0 sends each by itself",
        readers.whole_number(0, 900),
        "900",
    ),
)

DEPLOYMENT = (
    Variable(
        "REGISTRYWATCH_TABLE",
        "deployment",
        "the table of windows and deliveries on AWS; set by template.yaml",
        readers.anything,
    ),
    Variable(
        "REGISTRYWATCH_DEAD_LETTER_QUEUE",
        "deployment",
        "where a function parks what no further try would help; set by template.yaml",
        readers.anything,
    ),
    Variable(
        "REGISTRYWATCH_ALERT_QUEUE",
        "deployment",
        "the URL of the alert queue on AWS; set by template.yaml, read by `redeliver` too",
        readers.anything,
    ),
    Variable(
        "REGISTRYWATCH_AZURE_REGISTRIES",
        "deployment",
        "resource ids of the watched registries on Azure; set by infra/azure",
        readers.resource_ids,
        "",
    ),
    Variable(
        "REGISTRYWATCH_AZURE_FEEDS",
        "deployment",
        "resource ids of what brings their events, such as system topics; set by infra/azure",
        readers.resource_ids,
        "",
    ),
    Variable(
        "REGISTRYWATCH_AZURE_LOG_DESTINATION",
        "deployment",
        "resource id of the Event Hub namespace that their logs go to; set by infra/azure",
        readers.anything,
    ),
    Variable(
        "REGISTRYWATCH_AZURE_RESOURCE_MANAGER",
        "deployment",
        "where Azure Resource Manager is asked; set by infra/azure",
        readers.address,
        "https://management.azure.com/",
    ),
)

VARIABLES: tuple[Variable, ...] = (
    *GENERAL,
    *(variable for rule in CATALOGUE for variable in rule_variables(rule)),
    *DESTINATIONS,
    *DEPLOYMENT,
)
