"""Names of AWS resources, from any form in which a request gives them."""

import re

_SUFFIX = "-[0-9A-Za-z]{6}$"


def bare(name: str) -> str:
    """A resource's name, without the ARN, URL or qualifier around it.

    The names of SSM parameters keep their slashes. The six characters that Secrets Manager adds to
    a secret's ARN are removed.
    """
    if name.startswith(("https://", "http://")):
        return name.rstrip("/").rpartition("/")[2]
    parts = name.split(":")
    if name.startswith("arn:") and len(parts) >= 6:
        kind, _, rest = parts[5].partition("/")
        if kind == "parameter":
            return f"/{rest}"
        if kind == "secret" and len(parts) > 6:
            return re.sub(_SUFFIX, "", parts[6])
        if kind in ("function", "alarm", "secret") and len(parts) > 6:
            return parts[6]
        return (rest.partition("/")[0] if kind == "stack" else rest.rpartition("/")[2]) or kind
    if len(parts) >= 3 and parts[1] == "function":  # a partial ARN: 111122223333:function:name
        return parts[2]
    return parts[0]
