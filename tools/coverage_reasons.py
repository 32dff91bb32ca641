"""Why no rule reads an operation, one sentence each; and Azure's operations, which no SDK lists.

An operation that a rule reads needs no reason. `tests/test_coverage.py` fails for an operation that
has neither a rule nor a reason.
"""

from collections.abc import Mapping

_LISTS = "It only reads; `ecr-denied-calls` counts refused attempts."
_LAYERS = "It uploads a layer. Nothing can be pulled before PutImage, which is read."
_LOGIN = "Every docker login and every node calls it, and alone it gives access to no image."
_FINDINGS = "It only reads: it changes no finding and no image."
_TRIAL = "It changes nothing: it checks, scans or previews."
_TAGS = (
    "Tags matter only to policies that name aws:ResourceTag; those policies are graded when they "
    "are set."
)
_BACK = "It removes an exclusion. Pulls by the excluded role then count as use again."
_CATALOG = "It changes descriptions in the public gallery, and no image."

AWS: Mapping[str, Mapping[str, str]] = {
    "ecr.amazonaws.com": {
        "BatchCheckLayerAvailability": _LISTS,
        "BatchGetRepositoryScanningConfiguration": _LISTS,
        "CompleteLayerUpload": _LAYERS,
        "DeregisterPullTimeUpdateExclusion": _BACK,
        "DescribeImageReplicationStatus": _LISTS,
        "DescribeImageScanFindings": _FINDINGS,
        "DescribeImageSigningStatus": _LISTS,
        "DescribeImages": _LISTS,
        "DescribePullThroughCacheRules": _LISTS,
        "DescribeRegistry": _LISTS,
        "DescribeReplicationBackfillResults": _LISTS,
        "DescribeRepositories": _LISTS,
        "DescribeRepositoryCreationTemplates": _LISTS,
        "GetAccountSetting": _LISTS,
        "GetAuthorizationToken": _LOGIN,
        "GetDownloadUrlForLayer": (
            "It reads one layer. A pull first reads the manifest by BatchGetImage, which is read. "
            "A caller who knows a layer's digest already is not detected."
        ),
        "GetLifecyclePolicy": _LISTS,
        "GetLifecyclePolicyPreview": _LISTS,
        "GetRegistryPolicy": _LISTS,
        "GetRegistryScanningConfiguration": _LISTS,
        "GetRepositoryPolicy": _LISTS,
        "GetSigningConfiguration": _LISTS,
        "InitiateLayerUpload": _LAYERS,
        "ListImageReferrers": _LISTS,
        "ListImages": _LISTS,
        "ListPullTimeUpdateExclusions": _LISTS,
        "ListReplicationBackfills": _LISTS,
        "ListTagsForResource": _LISTS,
        "PutAccountSetting": "It sets account options; none gives access or deletes anything.",
        "RegisterPullTimeUpdateExclusion": (
            "Lifecycle rules then ignore pulls by a role; the deletions that follow are read."
        ),
        "StartImageScan": _TRIAL,
        "StartLifecyclePolicyPreview": _TRIAL,
        "TagResource": _TAGS,
        "UntagResource": _TAGS,
        "UploadLayerPart": _LAYERS,
        "ValidatePullThroughCacheRule": _TRIAL,
    },
    "ecr-public.amazonaws.com": {
        "BatchCheckLayerAvailability": _LISTS,
        "CompleteLayerUpload": _LAYERS,
        "DescribeImageTags": _LISTS,
        "DescribeImages": _LISTS,
        "DescribeRegistries": _LISTS,
        "DescribeRepositories": _LISTS,
        "GetAuthorizationToken": _LOGIN,
        "GetRegistryCatalogData": _LISTS,
        "GetRepositoryCatalogData": _LISTS,
        "GetRepositoryPolicy": _LISTS,
        "InitiateLayerUpload": _LAYERS,
        "ListTagsForResource": _LISTS,
        "PutRegistryCatalogData": _CATALOG,
        "PutRepositoryCatalogData": _CATALOG,
        "TagResource": _TAGS,
        "UntagResource": _TAGS,
        "UploadLayerPart": _LAYERS,
    },
}

_ASKS = "It only reads; the Activity Log does not record reads."
_PROVIDER = "It concerns the subscription's use of the provider, and no registry."
_DATA = "It is a permission on images; its use is in the resource log, not in the Activity Log."
_RUN = "It stops or updates a run, which pushes nothing."
_RETIRED = "It belongs to the preview of Tasks, which has ended; operations of Tasks are read."
_BY_EVENT_GRID = "Event Grid adds and removes these with its subscriptions, which are read."
_ENDPOINT = "A private endpoint does it; the connection itself is read."
_PACKAGES = "It concerns packages of a preview, which are not images."
_SHOWS = "It shows what happened, and no secret."

_REMOVES = "It only removes something, and gives no access."

AZURE: tuple[tuple[str, str], ...] = (
    ("registries/write", ""),
    ("registries/delete", ""),
    ("registries/read", _ASKS),
    ("registries/listCredentials/action", ""),
    ("registries/regenerateCredential/action", ""),
    ("registries/generateCredentials/action", ""),
    ("registries/importImage/action", ""),
    ("registries/scheduleRun/action", ""),
    ("registries/listBuildSourceUploadUrl/action", ""),
    ("registries/tokens/write", ""),
    ("registries/tokens/delete", _REMOVES),
    ("registries/scopeMaps/write", ""),
    ("registries/scopeMaps/delete", _REMOVES),
    ("registries/credentialSets/write", ""),
    ("registries/credentialSets/delete", _REMOVES),
    ("registries/cacheRules/write", ""),
    ("registries/cacheRules/delete", ""),
    ("registries/connectedRegistries/write", ""),
    ("registries/connectedRegistries/delete", ""),
    ("registries/connectedRegistries/deactivate/action", ""),
    ("registries/replications/write", ""),
    ("registries/replications/delete", ""),
    ("registries/webhooks/write", ""),
    ("registries/webhooks/delete", _REMOVES),
    (
        "registries/webhooks/getCallbackConfig/action",
        "It shows where a webhook sends; the caller may usually change the webhook anyway.",
    ),
    ("registries/privateEndpointConnections/write", ""),
    ("registries/exportPipelines/write", ""),
    ("registries/exportPipelines/delete", _REMOVES),
    ("registries/importPipelines/write", ""),
    ("registries/importPipelines/delete", _REMOVES),
    ("registries/pipelineRuns/write", ""),
    ("registries/tasks/write", ""),
    ("registries/tasks/delete", ""),
    ("registries/taskRuns/write", ""),
    ("registries/runs/listLogSasUrl/action", ""),
    ("registries/runs/write", _RUN),
    ("registries/runs/cancel/action", _RUN),
    ("registries/agentPools/write", ""),
    ("registries/agentPools/delete", _REMOVES),
    ("registries/agentPools/listQueueStatus/action", _SHOWS),
    ("registries/updatePolicies/write", ""),
    ("registries/tasks/listDetails/action", ""),
    ("registries/taskRuns/listDetails/action", ""),
    ("registries/taskRuns/delete", _REMOVES),
    ("registries/pipelineRuns/delete", _REMOVES),
    ("registries/webhooks/ping/action", _SHOWS),
    ("registries/webhooks/listEvents/action", _SHOWS),
    ("registries/privateEndpointConnections/delete", _REMOVES),
    ("registries/privateEndpointConnectionsApproval/action", _ENDPOINT),
    ("registries/privateEndpointConnectionProxies/write", _ENDPOINT),
    ("registries/privateEndpointConnectionProxies/delete", _ENDPOINT),
    ("registries/privateEndpointConnectionProxies/validate/action", _ENDPOINT),
    ("registries/eventGridFilters/write", _BY_EVENT_GRID),
    ("registries/eventGridFilters/delete", _BY_EVENT_GRID),
    (
        "registries/deleted/restore/action",
        "It restores a deleted image under the same digest, so no new content appears.",
    ),
    ("registries/push/write", _DATA),
    ("registries/artifacts/delete", _DATA),
    ("registries/metadata/write", _DATA),
    ("registries/quarantine/write", _DATA),
    ("registries/sign/write", _DATA),
    ("registries/packages/archives/write", _PACKAGES),
    ("registries/packages/archives/delete", _PACKAGES),
    ("registries/packages/archives/versions/write", _PACKAGES),
    ("registries/packages/archives/versions/delete", _PACKAGES),
    ("registries/getBuildSourceUploadUrl/action", _RETIRED),
    ("registries/queueBuild/action", _RETIRED),
    ("registries/builds/write", _RETIRED),
    ("registries/builds/cancel/action", _RETIRED),
    ("registries/builds/getLogLink/action", _RETIRED),
    ("registries/buildTasks/write", _RETIRED),
    ("registries/buildTasks/delete", _RETIRED),
    ("registries/buildTasks/listSourceRepositoryProperties/action", _RETIRED),
    ("registries/buildTasks/steps/write", _RETIRED),
    ("registries/buildTasks/steps/delete", _RETIRED),
    ("registries/buildTasks/steps/listBuildArguments/action", _RETIRED),
    ("register/action", _PROVIDER),
    ("unregister/action", _PROVIDER),
    ("locations/deleteVirtualNetworkOrSubnets/action", _PROVIDER),
)
"""Operations of Microsoft.ContainerRegistry that change or disclose something, each with the reason
why no rule reads it; the reason is "" if a rule does.

No SDK lists them. The list comes from Microsoft's "Azure permissions for Containers" of March 2024,
without operations that only read. Newer operations are missing unless a rule reads them.
"""

LOG: tuple[tuple[str, str], ...] = (
    ("Pull", ""),
    ("Push", ""),
    ("Delete", ""),
    ("Untag", "The image stays, and its digest still pulls it."),
    ("PurgeTag", "A retention policy did it, not a person."),
    ("PurgeManifest", "A retention policy did it; the manifest was untagged before."),
)
"""Operations of the resource log ContainerRegistryRepositoryEvents, in the same form."""
