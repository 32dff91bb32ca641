"""Events as the clouds write them, said in one line each. All ids and names are made up.

The shapes are put together from the public references (CloudTrail record contents, the ECR API,
Event Grid's schemas, Azure Monitor's log schemas); nothing is pasted.
"""
