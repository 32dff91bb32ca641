"""`python -m registrywatch` is the command `registrywatch`."""

import sys

from registrywatch.cli import main

sys.exit(main())
