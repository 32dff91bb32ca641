"""What only Azure needs: its state, its queues and tables, its management interface.

The functions in functions/azure put these together; no other part of the library imports them.
"""
