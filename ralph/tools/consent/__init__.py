"""Decides about tool calls: rules by resource, grants of a person, outside content, and the sandbox."""
