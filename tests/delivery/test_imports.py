"""What delivery costs before it delivers anything."""

import subprocess
import sys


def test_importing_delivery_imports_no_sdk_and_no_http_client() -> None:
    """The doors of detection import it to address alerts, and pay for nothing else."""
    code = (
        "import sys, registrywatch.delivery, registrywatch.delivery.queue, "
        "registrywatch.aws.table, registrywatch.azure.table, registrywatch.aws.queue, "
        "registrywatch.azure.queue\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} "
        "& {'boto3', 'botocore', 'azure', 'requests', 'urllib3'}))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
