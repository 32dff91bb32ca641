"""`make chaos WIRE=1`: the chains on the vendors' own servers, behind a proxy in which all fails.

The product's clients, SDKs and retries are the real ones, and so are threads and time. Between them
and DynamoDB Local, moto's SQS or Azurite stands a proxy that throttles, hangs and cuts, before a
request has reached the server and after the server has carried it out.
"""
