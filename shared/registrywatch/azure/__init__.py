"""Everything that only Azure needs: states, queues, tables, Azure Resource Manager."""
