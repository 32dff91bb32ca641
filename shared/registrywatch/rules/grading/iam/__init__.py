"""Who can do what under a resource policy: a small evaluator of IAM's policy language.

`policy.grade_policy` asks two questions of every statement. *Is it limited to own callers?*
Some condition, or a Deny for everyone else, admits own and trusted callers alone (`scope`). *Can
anyone use it?* It admits every one of a few dozen hypothetical strangers, who have nothing in
common and choose whatever a caller can choose (`callers`, `evaluation`). What is
neither is external: some definite account, organisation or network.
"""
