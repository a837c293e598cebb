"""An interactive terminal REPL for large language models that shows each step, its time and its cost."""

__version__ = "0.1.0"
