"""One module per sub-command: `HELP`, a docstring, `add_arguments(parser)`, `run(arguments)`."""
