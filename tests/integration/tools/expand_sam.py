"""Prints what a SAM template becomes, the CloudFormation that is deployed; run by .tools/sam.

Arguments are the template and values of parameters, each as NAME=VALUE.

cfn-lint no longer looks into SAM's own resources (aws-cloudformation/cfn-lint#4607), and `sam
validate` asks for no more than that they can be translated.
"""

import json
import os
import sys
from pathlib import Path

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")


class NoManagedPolicies:
    """The template names none; the real loader would ask IAM for them."""

    def load(self) -> dict[str, str]:
        return {}


template = yaml_parse(Path(sys.argv[1]).read_text())
places = [template.get("Globals", {}).get("Function", {})]
places += [resource.get("Properties", {}) for resource in template["Resources"].values()]
for properties in places:
    for name in ("CodeUri", "ContentUri"):
        if name in properties:
            properties[name] = "s3://bucket/key"  # as `sam package` would leave it
given = dict(each.split("=", 1) for each in sys.argv[2:])
json.dump(transform(template, given, NoManagedPolicies()), sys.stdout)
