"""`make chaos WIRE=1`: the chains on the vendors' own servers, behind a proxy that injects faults.

The product's clients, SDKs, retries, threads and time are real. A proxy before DynamoDB Local,
moto's SQS or Azurite throttles requests, hangs, and cuts connections, both before a request reaches
the server and after the server has carried it out.
"""
