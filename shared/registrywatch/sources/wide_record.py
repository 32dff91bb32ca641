"""The record of a rare call of CloudTrail: the members that rare calls have are there, undecoded.

Loaded with the first such record: a decoder of so many members takes longer to make than to use.
"""

import msgspec

from registrywatch.sources.cloudtrail_record import ABSENT, Record, Request, Response


class WideRequest(Request, gc=False):
    """`requestParameters` with the members of rare calls, undecoded.

    The names are common ones, to which other services give values of any type.
    """

    name: msgspec.Raw = ABSENT
    names: msgspec.Raw = ABSENT
    overwrite: msgspec.Raw = ABSENT
    trailName: msgspec.Raw = ABSENT
    isMultiRegionTrail: msgspec.Raw = ABSENT
    eventSelectors: msgspec.Raw = ABSENT
    advancedEventSelectors: msgspec.Raw = ABSENT
    rule: msgspec.Raw = ABSENT
    functionName: msgspec.Raw = ABSENT
    qualifier: msgspec.Raw = ABSENT
    reservedConcurrentExecutions: msgspec.Raw = ABSENT
    enabled: msgspec.Raw = ABSENT
    queueUrl: msgspec.Raw = ABSENT
    attributes: msgspec.Raw = ABSENT
    tableName: msgspec.Raw = ABSENT
    secretId: msgspec.Raw = ABSENT
    alarmNames: msgspec.Raw = ABSENT
    alarmName: msgspec.Raw = ABSENT
    topicArn: msgspec.Raw = ABSENT
    subscriptionArn: msgspec.Raw = ABSENT
    logGroupName: msgspec.Raw = ABSENT
    keyId: msgspec.Raw = ABSENT
    stackSetName: msgspec.Raw = ABSENT
    statementId: msgspec.Raw = ABSENT
    removeAllPermissions: msgspec.Raw = ABSENT
    policy: msgspec.Raw = ABSENT
    isOrganizationTrail: msgspec.Raw = ABSENT
    recursiveLoop: msgspec.Raw = ABSENT
    roleName: msgspec.Raw = ABSENT
    stackName: msgspec.Raw = ABSENT
    replicationConfiguration: msgspec.Raw = ABSENT
    destination: msgspec.Raw = ABSENT
    prefix: msgspec.Raw = ABSENT
    appliedFor: msgspec.Raw = ABSENT
    repositoryPolicy: msgspec.Raw = ABSENT
    lifecyclePolicy: msgspec.Raw = ABSENT
    customRoleArn: msgspec.Raw = ABSENT
    ecrRepositoryPrefix: msgspec.Raw = ABSENT
    upstreamRegistryUrl: msgspec.Raw = ABSENT
    upstreamRegistry: msgspec.Raw = ABSENT
    credentialArn: msgspec.Raw = ABSENT
    imageId: msgspec.Raw = ABSENT
    targetStorageClass: msgspec.Raw = ABSENT
    signingConfiguration: msgspec.Raw = ABSENT
    profileName: msgspec.Raw = ABSENT
    resourceTypes: msgspec.Raw = ABSENT
    accountIds: msgspec.Raw = ABSENT
    accountId: msgspec.Raw = ABSENT
    action: msgspec.Raw = ABSENT
    filterCriteria: msgspec.Raw = ABSENT
    filterArn: msgspec.Raw = ABSENT
    ecrConfiguration: msgspec.Raw = ABSENT
    delegatedAdminAccountId: msgspec.Raw = ABSENT


class WideResponse(Response, gc=False):
    """`responseElements` with the members of rare calls, undecoded."""

    eventSourceArn: msgspec.Raw = ABSENT
    functionArn: msgspec.Raw = ABSENT
    replicationConfiguration: msgspec.Raw = ABSENT
    destination: msgspec.Raw = ABSENT
    repositoryCreationTemplate: msgspec.Raw = ABSENT
    ecrRepositoryPrefix: msgspec.Raw = ABSENT
    upstreamRegistryUrl: msgspec.Raw = ABSENT
    upstreamRegistry: msgspec.Raw = ABSENT
    imageId: msgspec.Raw = ABSENT
    signingConfiguration: msgspec.Raw = ABSENT


class WideRecord(Record, gc=False):
    """A record of a rare call. Frequent ones have fewer members, because each costs some time."""

    requestParameters: WideRequest | None = None
    responseElements: WideResponse | None = None
    errorMessage: str | None = None


_NO_REQUEST = WideRequest()
_NO_RESPONSE = WideResponse()


def parts(record: WideRecord) -> tuple[WideRequest, WideResponse]:
    """The request and the response of a record; empty ones if it has none."""
    return record.requestParameters or _NO_REQUEST, record.responseElements or _NO_RESPONSE
