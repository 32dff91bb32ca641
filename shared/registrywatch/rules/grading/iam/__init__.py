"""Who can do what under a resource policy: a small evaluator of IAM's policy language.

`policy.grade_policy` asks two questions about every statement. *Is it limited to own callers?* It
is if some condition, or a Deny for everyone else, admits only own and trusted callers (`scope`).
*Can anyone use it?* They can if it admits every one of a few dozen hypothetical strangers, who have
nothing in common and choose whatever a caller can choose (`callers`, `evaluation`). If neither is
true, it is open to external callers: a definite account, organisation or network.
"""
