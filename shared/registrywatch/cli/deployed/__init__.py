"""A running deployment, as commands reach it from a shell: its queues, its ledger, its settings."""
