"""What the rules would have raised with other settings, computed from a user's own logs."""
