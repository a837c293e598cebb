"""Settings: the file, the environment and the flags, read into one frozen value."""
