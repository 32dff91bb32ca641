"""Broken documents, which hypothesis makes from valid ones."""

import copy
from typing import Any

from hypothesis import strategies as st

# words that mean something to rules and sources, and words that do not
WORDS = st.sampled_from(
    ["Statement", "Effect", "Allow", "Deny", "Principal", "NotPrincipal", "AWS", "Service", "*",
     "Action", "NotAction", "ecr:*", "ecr:PutImage", "Condition", "StringLike", "ArnLike",
     "IpAddress", "aws:PrincipalOrgID", "aws:SourceIp", "aws:PrincipalArn", "aws:SourceAccount",
     "0.0.0.0/0", "::/0", "arn:", "arn:aws:iam::111122223333:root", "arn:::::",
     "111122223333", "999988887777", "${", "",
     "rules", "selection", "action", "type", "expire", "tagStatus", "any", "tagged", "countType",
     "imageCountMoreThan", "sinceImagePushed", "countNumber", "tagPatternList", "rulePriority"]
)  # fmt: skip
TEXTS = WORDS | st.text(max_size=20)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)  # JSON has no others
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
)


@st.composite
def mutated(draw: st.DrawFn, original: Any) -> Any:
    """A document in which a few parts, at any depth, are replaced or removed."""
    document = copy.deepcopy(original)
    for _ in range(draw(st.integers(1, 3))):
        at = document
        while isinstance(at, (dict, list)) and at:
            key = draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
            inner = at[key]
            if not isinstance(inner, (dict, list)) or not inner or draw(st.booleans()):
                if draw(st.booleans()):
                    at[key] = draw(JSON)
                else:
                    del at[key]
                break
            at = inner
    return document
