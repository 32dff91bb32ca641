"""Why no rule reads an operation, in a sentence each; and Azure's operations, which no SDK lists.

Grouped by reason. An operation that some rule reads needs none; `tests/test_coverage.py` fails for
one that has neither a rule nor a reason.
"""

from collections.abc import Mapping

_LISTS = "It only reads; attempts that are refused are read by `ecr-denied-calls`."
_LAYERS = "It moves a layer, and nothing can be pulled before PutImage, which is read."
_LOGIN = "Every docker login and every node makes it, and alone it gives nothing away."
_FINDINGS = "It only reads: it changes no finding and no image."
_TRIAL = "It changes nothing: it tries out, or shows what would be."
_TAGS = (
    "Tags matter only to policies that name aws:ResourceTag; those policies are graded when they "
    "are set."
)
_BACK = "It takes back an exclusion, after which fewer images seem to be in use, not more."
_CATALOG = "It changes texts of the public gallery and no image."

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
            "It reads one layer of an image whose manifest was read before: BatchGetImage is read. "
            "A caller that knows a layer's digest from elsewhere is not seen."
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
        "PutAccountSetting": "It sets how new features behave; none opens or empties anything.",
        "RegisterPullTimeUpdateExclusion": (
            "It hides pulls from lifecycle rules by last pull; what these then delete is read."
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

_ASKS = "It only reads; the Activity Log has no record of reads."
_PROVIDER = "It concerns the subscription's use of the provider, and no registry."
_DATA = "It is a right on images; the resource log has its use, the Activity Log has none."
_RUN = "A build that is stopped or noted otherwise pushes nothing."
_RETIRED = "It belongs to the preview of Tasks, which is gone; Tasks are read."
_BY_EVENT_GRID = "Event Grid makes and removes these with its subscriptions, which are read."
_ENDPOINT = "A private endpoint does it; the connection itself is read."
_PACKAGES = "It concerns packages of a preview that are no images."
_SHOWS = "It shows what happened, and no secret."

_REMOVES = "It takes away a way in or out: nothing is opened by it."

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
        "It shows where a webhook sends, to an identity that may change it anyway.",
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
        "It brings a deleted image back under its own digest, which was there before.",
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
"""Operations of Microsoft.ContainerRegistry that change or give away something, each with the
reason why no rule reads it if none does.

There is no SDK that lists them. The list holds what Microsoft's "Azure permissions for Containers"
has of this provider in its edition of March 2024, but for what only reads. Operations that are
newer are missing unless a rule reads them.
"""

LOG: tuple[tuple[str, str], ...] = (
    ("Pull", ""),
    ("Push", ""),
    ("Delete", ""),
    ("Untag", "The image stays, and its digest still pulls it."),
    ("PurgeTag", "A retention policy did it; what it purges was untagged by its owner's rule."),
    ("PurgeManifest", "A retention policy did it; what it purges was untagged before."),
)
"""Operations of the resource log ContainerRegistryRepositoryEvents, likewise."""
