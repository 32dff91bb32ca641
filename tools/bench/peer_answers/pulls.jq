# Who pulled more than 100 images in a block of ten minutes, and which policies were opened.
# Blocks begin on the full ten minutes: a burst over two of them counts for neither.
[ inputs.Records[] | select(.eventSource == "ecr.amazonaws.com" and .errorCode == null) ]
| ([ .[] | select(.eventName == "BatchGetImage")
     | { actor: .userIdentity.sessionContext.sessionIssuer.arn,
         block: (.eventTime | fromdate / 600 | floor),
         image: (.requestParameters.imageIds[]? | .imageDigest // .imageTag),
         repository: .requestParameters.repositoryName } ]
   | group_by(.actor, .block)
   | map(select((unique_by(.repository, .image) | length) > 100) | "pulled \(.[0].actor)")
   | unique[]),
  ([ .[] | select(.eventName == "SetRepositoryPolicy")
     | select((.requestParameters.policyText | fromjson | .Statement[] | .Principal) as $who
              | $who == "*" or ($who | objects | .AWS) == "*")
     | "opened \(.requestParameters.repositoryName)" ] | unique[])
