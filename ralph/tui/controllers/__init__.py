"""The controllers: the parts of the app that are not widgets."""
