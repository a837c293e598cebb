"""Settings: reads the file, the environment and the flags into one frozen value."""
