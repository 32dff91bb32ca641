"""registrywatch: watches Amazon ECR and Azure Container Registry for abuse."""

__version__ = "0.1.0"
