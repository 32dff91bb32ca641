"""Builds events as the clouds write them, each in one line. All ids and names are fictional.

The shapes follow the public references: CloudTrail record contents, the ECR API, Event Grid's
schemas, Azure Monitor's log schemas.
"""
