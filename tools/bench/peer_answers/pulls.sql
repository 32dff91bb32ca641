-- Who pulled more than 100 images in any ten minutes, and which policies were opened.
CREATE TEMP TABLE ecr AS
SELECT r.eventName AS name, CAST(r.eventTime AS TIMESTAMP) AS moment, r.requestParameters AS request,
       r.userIdentity.sessionContext.sessionIssuer.arn AS actor
FROM (SELECT unnest(Records) AS r
      FROM read_json('{folder}/**/*.json.gz', maximum_object_size = 268435456, columns = {{Records:
        'STRUCT(eventSource VARCHAR, eventName VARCHAR, eventTime VARCHAR, errorCode VARCHAR,
           userIdentity STRUCT(sessionContext STRUCT(sessionIssuer STRUCT(arn VARCHAR))),
           requestParameters JSON)[]'}}))
WHERE r.eventSource = 'ecr.amazonaws.com' AND r.errorCode IS NULL;
CREATE TEMP TABLE pulls AS
SELECT DISTINCT actor, moment, request ->> 'repositoryName' AS repository,
       coalesce(id ->> 'imageDigest', id ->> 'imageTag') AS image
FROM (SELECT *, unnest(CAST(request -> 'imageIds' AS JSON[])) AS id FROM ecr
      WHERE name = 'BatchGetImage');
SELECT DISTINCT 'pulled ' || a.actor
FROM (SELECT DISTINCT actor, moment FROM pulls) a
JOIN pulls b ON a.actor = b.actor AND b.moment BETWEEN a.moment AND a.moment + INTERVAL 10 MINUTE
GROUP BY a.actor, a.moment HAVING count(DISTINCT (b.repository, b.image)) > 100;
SELECT DISTINCT 'opened ' || (request ->> 'repositoryName') FROM ecr
WHERE name = 'SetRepositoryPolicy'
  AND regexp_matches(request ->> 'policyText', '"Principal":\s*(\{{"AWS":\s*)?"\*"');
