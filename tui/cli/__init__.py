"""The `keepers` command: one small file for each subcommand."""
