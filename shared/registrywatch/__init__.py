"""registrywatch: detects abuse of Amazon ECR and Azure Container Registry."""

__version__ = "0.2.0"
