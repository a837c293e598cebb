"""What the app is made of beside its widgets."""
