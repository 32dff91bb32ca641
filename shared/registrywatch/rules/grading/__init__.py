"""Graders: how bad a policy document is, and why."""
