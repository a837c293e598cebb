"""Data, events, protocols, errors and pure folds: what every other floor stands on."""
