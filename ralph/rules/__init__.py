"""The built-in route rules: which tools a question plainly needs, found without a model."""
