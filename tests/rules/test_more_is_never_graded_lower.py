"""Law 1 for what is set on a whole registry or trail: what lets more through is no better."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from registrywatch.severity import Severity
from tests.builders import blinding
from tests.builders import cloudtrail as ct
from tests.builders import registry_calls as made
from tests.builders.cloudtrail import ACCOUNT, FOREIGN, Json
from tests.builders.detecting import raised


def rank(record: Json) -> int:
    """How bad the worst alert of a record is; -1 without an alert."""
    return max((Severity(severity).rank for _, severity in raised(record)), default=-1)


# --- replication ---------------------------------------------------------------------------------

RULES: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {
        "destinations": st.lists(
            st.sampled_from([ACCOUNT, FOREIGN]).map(
                lambda account: {"region": "us-east-1", "registryId": account}
            ),
            max_size=2,
        ),
        "repositoryFilters": st.lists(
            st.sampled_from(["prod", "dev/", ""]).map(lambda prefix: {"filter": prefix}), max_size=2
        ),
        "deleteReplication": st.booleans().map(lambda on: {"enabled": on}),
    }
)


@given(st.lists(RULES, min_size=1, max_size=3), RULES, st.data())
def test_replication_of_more_to_more_places(
    rules: list[Json], further: Json, data: st.DataObject
) -> None:
    more = copy.deepcopy(rules)
    rule: Any = data.draw(st.sampled_from(more))
    match data.draw(st.sampled_from(["place", "everything", "prefix", "deletes", "rule"])):
        case "place":
            rule["destinations"].append({"region": "us-west-2", "registryId": FOREIGN})
        case "everything":
            rule["repositoryFilters"] = []
        case "prefix":
            if rule["repositoryFilters"]:
                rule["repositoryFilters"].append({"filter": "ops"})
        case "deletes":
            rule["deleteReplication"] = {"enabled": True}
        case _:
            more.append(further)
    assert rank(made.replication(*more)) >= rank(made.replication(*rules))


# --- scanning ------------------------------------------------------------------------------------

FREQUENCIES = st.sampled_from(["SCAN_ON_PUSH", "CONTINUOUS_SCAN", "MANUAL"])
SCANS = st.tuples(FREQUENCIES, st.sampled_from(["*", "**", "prod/*", "dev*"]))


@given(st.sampled_from(["BASIC", "ENHANCED"]), st.lists(SCANS, min_size=1, max_size=3), st.data())
def test_a_registry_that_scans_less(
    kind: str, rules: list[tuple[str, str]], data: st.DataObject
) -> None:
    place = data.draw(st.sampled_from(range(len(rules))))
    frequency, pattern = rules[place]
    less = [*rules]
    match data.draw(st.sampled_from(["rule", "manual", "pattern", "kind"])):
        case "rule":
            del less[place]
        case "manual":
            less[place] = ("MANUAL", pattern)
        case "pattern":
            less[place] = (frequency, "prod/one")
        case _:
            pass
    basic = "BASIC" if less == rules else kind
    assert rank(ct.set_registry_scanning(basic, *less)) >= rank(
        ct.set_registry_scanning(kind, *rules)
    )


TYPES = ["AWS_ECR_CONTAINER_IMAGE", "AWS_EC2_INSTANCE", "AWS_LAMBDA_FUNCTION", "AWS_E"]
CRITERIA = st.dictionaries(
    st.sampled_from(["severity", "ecrImageTags", "resourceType", "ec2InstanceVpcId"]),
    st.lists(
        st.fixed_dictionaries(
            {
                "comparison": st.sampled_from(["EQUALS", "PREFIX", "NOT_EQUALS"]),
                "value": st.sampled_from(TYPES),
            }
        ),
        min_size=1,
        max_size=2,
    ),
    min_size=1,
)


def hides(criteria: Json) -> Json:
    request = {"action": "SUPPRESS", "name": "f", "filterCriteria": criteria}
    return made.inspector("CreateFilter", request)


@given(CRITERIA, st.sampled_from(TYPES), st.data())
def test_a_filter_that_hides_more_findings(criteria: Json, kind: str, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(criteria)))
    fewer = {each: values for each, values in criteria.items() if each != name}
    assert rank(hides(fewer)) >= rank(hides(criteria))
    held: Any = criteria[name]
    wider = criteria | {name: [*held, {"comparison": "EQUALS", "value": kind}]}
    assert rank(hides(wider)) >= rank(hides(criteria))


# --- the trail -----------------------------------------------------------------------------------

SELECTORS: st.SearchStrategy[Json] = st.builds(
    lambda half, on, without: {
        **blinding.basic(half, management=on),
        "excludeManagementEventSources": without,
    },
    st.sampled_from(["All", "ReadOnly", "WriteOnly"]),
    st.booleans(),
    st.lists(st.sampled_from(["kms.amazonaws.com", "ecr.amazonaws.com"]), max_size=1),
)


@given(st.lists(SELECTORS, min_size=1, max_size=3), st.data())
def test_a_trail_that_records_less(selectors: list[Json], data: st.DataObject) -> None:
    def rank_of(chosen: list[Json]) -> int:
        request = {"trailName": "main", "eventSelectors": chosen}
        return rank(blinding.call("cloudtrail", "PutEventSelectors", request))

    place = data.draw(st.sampled_from(range(len(selectors))))
    rest = selectors[:place] + selectors[place + 1 :]
    assert rank_of(rest) >= rank_of(selectors)
    off = selectors[place] | {"includeManagementEvents": False}
    assert rank_of([*rest, off]) >= rank_of(selectors)
