"""What all tests share."""

from hypothesis import settings

# A deadline would measure how busy the machine is; what must be fast has tests that say so.
settings.register_profile("registrywatch", deadline=None)
settings.load_profile("registrywatch")
