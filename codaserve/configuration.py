"""What is raised for a configuration that cannot be used; apart from the settings, which need more packages."""


class ConfigurationError(Exception):
    """The configuration cannot be used; the text names the key and the remedy."""
