"""Data, events, protocols, errors and pure folds: the floor below all others."""
