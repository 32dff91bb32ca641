"""What the rules would have done with other settings, computed from a user's own logs."""
