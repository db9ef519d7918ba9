"""The command line: one module per noun. It parses, calls one use case, shows the result and sets the exit code."""
