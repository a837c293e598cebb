"""One file per provider. Each file translates the provider's wire format, errors and usage into ralph's own types."""
